import type { Verdict, WebhookReply, WebhookRequest } from "../../channels/connector.ts";
import { everyKey } from "../../domain/rotating-secret.ts";
import { isAnyWord, refused, unset } from "../../http/verdict.ts";
import type { Desk } from "../helpdesk.ts";
import type { Secrets, Settings } from "./settings.ts";

/** Zendesk signs nothing: every webhook carries the secret of its own, which is compared as it is. */
export function verify({ headers }: WebhookRequest, { secrets }: Desk<Settings, Secrets>): Verdict {
  const keys = everyKey(secrets.webhookSecret);
  if (keys.length === 0) return unset("no webhook secret is set");
  const given = headers["x-api-key"];
  if (!given) return refused("x-api-key is missing: this is no webhook of Sunshine Conversations");
  return isAnyWord(given, keys) ? { ok: true } : refused("x-api-key is the secret of another webhook, or an old one");
}

/** Within the 20 seconds that Zendesk waits. */
export function reply(): WebhookReply {
  return { status: 200, contentType: "application/json", body: "{}" };
}
