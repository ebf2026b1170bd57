export { send } from "../../messenger-platform/send.ts";
