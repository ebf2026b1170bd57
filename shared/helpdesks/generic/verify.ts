import type { Verdict, WebhookReply, WebhookRequest } from "../../channels/connector.ts";
import { everyKey } from "../../domain/rotating-secret.ts";
import { verifySignature } from "../../http/standard-webhooks.ts";
import type { Desk } from "../helpdesk.ts";
import type { Secrets, Settings } from "./settings.ts";

/** Signed as we sign what we post. */
export function verify(request: WebhookRequest, { secrets }: Desk<Settings, Secrets>): Verdict {
  return verifySignature(request, everyKey(secrets.webhookSecret));
}

export function reply(): WebhookReply {
  return { status: 202, contentType: "application/json", body: "{}" };
}
