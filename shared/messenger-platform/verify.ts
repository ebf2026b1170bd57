/** The door of the Messenger Platform, which Messenger and Instagram share. */
import type { WebhookReply } from "../channels/connector.ts";

export { challenge, verify } from "../http/hub-door.ts";

/** Anything but 200 is a failure; after an hour of failures Meta unsubscribes the app from the account. */
export function reply(): WebhookReply {
  return { status: 200, contentType: "text/plain", body: "" };
}
