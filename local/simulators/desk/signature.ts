/** Standard Webhooks as a desk's own program would check and make them (https://www.standardwebhooks.com). */
import { createHmac, timingSafeEqual } from "node:crypto";

const FIVE_MINUTES = 300;

/** The key behind a secret: base64 after `whsec_`, else the words themselves. */
function keyOf(secret: string): Buffer {
  const [, encoded] = /^whsec_(.+)$/.exec(secret) ?? [];
  return encoded === undefined ? Buffer.from(secret, "utf8") : Buffer.from(encoded, "base64");
}

function mac(secret: string, id: string, seconds: string, body: string): Buffer {
  return createHmac("sha256", keyOf(secret)).update([id, seconds, body].join("."), "utf8").digest();
}

/** @returns why a request is not taken, or undefined when it is genuine */
export function faultOf(headers: Readonly<Record<string, string>>, body: string, secret: string): string | undefined {
  const { "webhook-id": id, "webhook-timestamp": seconds, "webhook-signature": list } = headers;
  if (!id || !seconds || !list) return "one of webhook-id, webhook-timestamp, webhook-signature is missing";
  const awaySeconds = Math.abs(Date.now() / 1000 - Number(seconds));
  if (!(awaySeconds <= FIVE_MINUTES)) return "webhook-timestamp is too far away";
  const expected = mac(secret, id, seconds, body);
  const isGenuine = list.split(" ").some((one) => {
    const [version, value = ""] = one.split(",");
    const given = Buffer.from(value, "base64");
    return version === "v1" && given.length === expected.length && timingSafeEqual(given, expected);
  });
  return isGenuine ? undefined : "webhook-signature does not fit";
}

/** How a webhook of the desk is signed. */
export const Signature = ["valid", "wrong", "missing", "truncated"] as const;

export function signed(
  { id, body, secret }: { id: string; body: string; secret: string },
  signature: (typeof Signature)[number] = "valid",
): Record<string, string> {
  const seconds = String(Math.floor(Date.now() / 1000));
  const value = `v1,${mac(signature === "wrong" ? `not ${secret}` : secret, id, seconds, body).toString("base64")}`;
  return {
    "content-type": "application/json",
    "webhook-id": id,
    "webhook-timestamp": seconds,
    ...(signature !== "missing" && { "webhook-signature": signature === "truncated" ? value.slice(0, -8) : value }),
  };
}
