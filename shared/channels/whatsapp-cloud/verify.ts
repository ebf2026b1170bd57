import type { WebhookReply } from "../connector.ts";

export { challenge, verify } from "../../http/hub-door.ts";

/** Meta counts anything but 200 as a failure and sends the webhook again. */
export function reply(): WebhookReply {
  return { status: 200, contentType: "text/plain", body: "" };
}
