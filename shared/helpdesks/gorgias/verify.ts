/**
 * Gorgias signs nothing: its HTTP integration sends the headers that its owner wrote into it, and one of them carries a
 * word that nobody else knows. That the same webhook does nothing twice is due to the ids of what it tells.
 */
import type { Verdict, WebhookReply, WebhookRequest } from "../../channels/connector.ts";
import { everyKey } from "../../domain/rotating-secret.ts";
import { isAnyWord, refused, unset } from "../../http/verdict.ts";
import type { Desk } from "../helpdesk.ts";
import type { Secrets, Settings } from "./settings.ts";

const HEADER = "x-recado-secret";

export function verify({ headers }: WebhookRequest, { secrets }: Desk<Settings, Secrets>): Verdict {
  const keys = everyKey(secrets.webhookSecret);
  if (keys.length === 0) return unset("no webhook secret is set");
  const given = headers[HEADER];
  if (!given) return refused(`the header ${HEADER} is missing: has the HTTP integration in Gorgias got it?`);
  return isAnyWord(given, keys) ? { ok: true } : refused(`the header ${HEADER} carries another secret`);
}

/** A hundred answers in a row that are no success, and Gorgias switches the integration off. */
export function reply(): WebhookReply {
  return { status: 200, contentType: "application/json", body: "{}" };
}
