/** How Twilio signs and repeats its webhooks. */
import { createHmac, randomUUID } from "node:crypto";
import type { Posted } from "../http.ts";
import type { Webhook } from "../webhooks.ts";

export type Params = Record<string, string>;

/**
 * The value of `X-Twilio-Signature`: HMAC-SHA1, keyed by the auth token, of the URL and all parameters sorted by name,
 * each name directly followed by its value.
 */
export function twilioSignature(authToken: string, url: string, params: Params): string {
  const sorted = Object.keys(params).sort();
  const signed = url + sorted.map((name) => name + params[name]).join("");
  return createHmac("sha1", authToken).update(signed, "utf8").digest("base64");
}

export function twilioHeaders(signature: string | undefined): Record<string, string> {
  return {
    "content-type": "application/x-www-form-urlencoded; charset=UTF-8",
    "user-agent": "TwilioProxy/1.1",
    accept: "*/*",
    ...(signature !== undefined && { "x-twilio-signature": signature }),
  };
}

export interface TwilioWebhook {
  /** As it was configured: what is signed, without its fragment. */
  url: string;
  /** Where it is really posted. */
  deliverTo: string;
  authToken: string;
  params: Params;
  customer: string;
  about: Webhook["about"];
  onAnswer?: Webhook["onAnswer"];
}

export function twilioWebhook({
  url,
  deliverTo,
  authToken,
  params,
  customer,
  about,
  onAnswer,
}: TwilioWebhook): Webhook {
  const [signed = "", fragment = ""] = url.split("#");
  const { retries, reasons } = overridesOf(fragment);
  return {
    url: deliverTo,
    headers: {
      ...twilioHeaders(twilioSignature(authToken, signed, params)),
      "i-twilio-idempotency-token": randomUUID(),
    },
    body: new URLSearchParams(params).toString(),
    customer,
    about,
    retryAfterMs: (outcome, attempt) => (attempt <= retries && isReason(outcome, reasons) ? 0 : undefined),
    ...(onAnswer && { onAnswer }),
  };
}

/** Connection overrides in a webhook's fragment (`#rc=3&rp=all`); by default one more try, for want of a connection. */
function overridesOf(fragment: string): { retries: number; reasons: Set<string> } {
  const overrides = new URLSearchParams(fragment);
  const retries = Math.min(Math.max(Number(overrides.get("rc") ?? 1), 0), 5);
  return { retries, reasons: new Set((overrides.get("rp") ?? "ct").split(",")) };
}

function isReason(outcome: Posted, reasons: Set<string>): boolean {
  const has = (reason: string) => reasons.has(reason) || reasons.has("all");
  if (outcome.kind === "unreachable") return has("ct");
  if (outcome.kind === "interrupted") return has("rt");
  return (outcome.status >= 500 && has("5xx")) || (outcome.status >= 400 && outcome.status < 500 && has("4xx"));
}
