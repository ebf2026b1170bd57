export { media } from "../../messenger-platform/media.ts";
