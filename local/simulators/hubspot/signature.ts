/** The signatures that HubSpot's webhooks carry: the third version, and an older one for whoever has not moved yet. */
import { createHash, createHmac } from "node:crypto";
import type { Signature } from "../ticket-desk.ts";

const TEN_MINUTES_MS = 600_000;

/** @param older `v1` over the body on webhooks of apps, `v2` over method, address and body on all others */
export function signed(
  { url, body, secret, older }: { url: string; body: string; secret: string; older: "v1" | "v2" },
  signature: Signature,
): Record<string, string> {
  const timestamp = String(Date.now() - (signature === "stale" ? TEN_MINUTES_MS : 0));
  if (signature === "missing") return { "x-hubspot-request-timestamp": timestamp };
  const key = signature === "wrong" ? `${secret}?` : secret;
  const third = createHmac("sha256", key).update(`POST${url}${body}${timestamp}`).digest("base64");
  const before = createHash("sha256")
    .update(older === "v1" ? `${key}${body}` : `${key}POST${url}${body}`)
    .digest("hex");
  const cut = (value: string) => (signature === "truncated" ? value.slice(0, -8) : value);
  return {
    "x-hubspot-request-timestamp": timestamp,
    "x-hubspot-signature-v3": cut(third),
    "x-hubspot-signature": cut(before),
    "x-hubspot-signature-version": older,
  };
}
