import { verifyTopic } from "../../http/notification.ts";
import type { Verdict, WebhookReply, WebhookRequest } from "../connector.ts";

/** Who may publish to the topic is in its policy: what comes from it is genuine, and for whichever account it names. */
export function verify(request: WebhookRequest): Verdict {
  return verifyTopic(request);
}

/** Nobody reads it: what was taken is deleted from the queue. */
export function reply(): WebhookReply {
  return { status: 200, contentType: "text/plain", body: "" };
}
