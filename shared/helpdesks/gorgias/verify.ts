/**
 * Gorgias signs nothing: its HTTP integration sends the headers that its owner wrote into it, and one of them carries a
 * word that nobody else knows. That the same webhook does nothing twice is due to the ids of what it tells.
 */
import { createHash, timingSafeEqual } from "node:crypto";
import type { Verdict, WebhookReply, WebhookRequest } from "../../channels/connector.ts";
import { everyKey } from "../../domain/rotating-secret.ts";
import type { Desk } from "../helpdesk.ts";
import type { Secrets, Settings } from "./settings.ts";

const HEADER = "x-recado-secret";

export function verify({ headers }: WebhookRequest, { secrets }: Desk<Settings, Secrets>): Verdict {
  const keys = everyKey(secrets.webhookSecret);
  if (keys.length === 0) return { ok: false, isUnset: true, hint: "no webhook secret is set" };
  const given = headers[HEADER];
  if (!given)
    return { ok: false, hint: `the header ${HEADER} is missing: has the HTTP integration in Gorgias got it?` };
  const digest = digestOf(given);
  // Every key is tried, so that the time tells nothing about which one fits.
  const verdicts = keys.map((key) => timingSafeEqual(digestOf(key), digest));
  return verdicts.includes(true) ? { ok: true } : { ok: false, hint: `the header ${HEADER} carries another secret` };
}

/** A hundred answers in a row that are no success, and Gorgias switches the integration off. */
export function reply(): WebhookReply {
  return { status: 200, contentType: "application/json", body: "{}" };
}

/** Two words of any lengths, made comparable in constant time. */
function digestOf(word: string): Buffer {
  return createHash("sha256").update(word).digest();
}
