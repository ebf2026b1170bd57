export { challenge, reply, verify } from "../../messenger-platform/verify.ts";
