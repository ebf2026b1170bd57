export { addressing } from "../../whatsapp-platform/addresses.ts";
