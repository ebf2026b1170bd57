/**
 * Standard Webhooks (https://github.com/standard-webhooks/standard-webhooks/blob/main/spec/standard-webhooks.md): the
 * headers that a sender signs with and a receiver judges. A secret that begins with `whsec_` is base64, any other is
 * used as its bytes.
 */
import { createHmac } from "node:crypto";
import type { Verdict } from "../channels/connector.ts";
import { isByAnyKey, refused, unset } from "./verdict.ts";

/** How far the two clocks may be apart, in seconds. */
const TOLERANCE_SECONDS = 300;

/** The three headers. @param now ms since 1970 @param keys every one signs, so that the other side may change its own */
export function signatureHeaders(
  { id, now, body }: { id: string; now: number; body: string | Uint8Array },
  keys: readonly string[],
): Record<string, string> {
  const timestamp = String(Math.floor(now / 1000));
  const signatures = keys.map((key) => `v1,${digest(key, id, timestamp, body).toString("base64")}`);
  return { "webhook-id": id, "webhook-timestamp": timestamp, "webhook-signature": signatures.join(" ") };
}

/** @param receivedAt ms since 1970 @returns what is likely wrong, in words for an operator */
export function verifySignature(
  { headers, body, receivedAt }: { headers: Readonly<Record<string, string>>; body: Uint8Array; receivedAt: number },
  keys: readonly string[],
): Verdict {
  if (keys.length === 0) return unset("no webhook secret is set");
  const id = headers["webhook-id"];
  const timestamp = headers["webhook-timestamp"];
  const given = headers["webhook-signature"];
  if (!id || !timestamp || !given) return refused("webhook-id, webhook-timestamp or webhook-signature is missing");
  if (!/^\d{1,12}$/.test(timestamp)) return refused("webhook-timestamp is no number of seconds");
  if (Math.abs(receivedAt / 1000 - Number(timestamp)) > TOLERANCE_SECONDS)
    return refused("webhook-timestamp is more than five minutes away: an old webhook, or a clock that is wrong");
  const candidates = given
    .split(" ")
    .flatMap((one) => (one.startsWith("v1,") ? [Buffer.from(one.slice(3), "base64")] : []));
  const fits = candidates.map((candidate) => isByAnyKey(candidate, keys, (key) => digest(key, id, timestamp, body)));
  return fits.includes(true) ? { ok: true } : refused("the signature is of another secret, or of other bytes");
}

function digest(key: string, id: string, timestamp: string, body: string | Uint8Array): Buffer {
  const bytes = key.startsWith("whsec_") ? Buffer.from(key.slice("whsec_".length), "base64") : key;
  return createHmac("sha256", bytes).update(`${id}.${timestamp}.`).update(body).digest();
}
