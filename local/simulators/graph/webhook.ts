/** How Meta writes, signs and repeats its webhooks. */
import { createHmac } from "node:crypto";
import type { Posted } from "../http.ts";
import type { Webhook } from "../webhooks.ts";

/**
 * JSON as Meta transmits (and signs) it: everything beyond ASCII as `\uXXXX` in lower-case hexadecimal, and `/` as `\/`.
 */
export function metaJson(value: unknown): string {
  return JSON.stringify(value)
    .replaceAll("/", "\\/")
    .replace(/[\u007f-\uffff]/g, (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, "0")}`);
}

/** The value of `X-Hub-Signature-256`: HMAC-SHA256 of the bytes on the wire, keyed by the app secret. */
export function hubSignature(appSecret: string, body: string): string {
  return `sha256=${createHmac("sha256", appSecret).update(body, "utf8").digest("hex")}`;
}

export function metaHeaders(signature: string | undefined): Record<string, string> {
  return {
    "content-type": "application/json",
    "user-agent": "facebookexternalua",
    accept: "*/*",
    ...(signature !== undefined && { "x-hub-signature-256": signature }),
  };
}

/** Meta repeats for days, at once and then ever more seldom; here in seconds, and no more than this. */
export const RETRY_AFTER_MS: readonly number[] = [0, 250, 1_000, 4_000, 10_000, 30_000, 60_000];

export interface MetaWebhook {
  url: string;
  appSecret: string;
  payload: unknown;
  customer: string;
  about: Webhook["about"];
}

export function metaWebhook(
  { url, appSecret, payload, customer, about }: MetaWebhook,
  retryAfterMs: readonly number[],
): Webhook {
  const body = metaJson(payload);
  return {
    url,
    headers: metaHeaders(hubSignature(appSecret, body)),
    body,
    customer,
    about,
    // Only 200 counts as taken, whatever else it may be.
    retryAfterMs: (outcome: Posted, attempt: number) =>
      outcome.kind === "answered" && outcome.status === 200 ? undefined : retryAfterMs[attempt - 1],
  };
}
