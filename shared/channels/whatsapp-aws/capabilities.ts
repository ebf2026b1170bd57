export { capabilities } from "../../whatsapp-platform/capabilities.ts";
