import { createHmac } from "node:crypto";
import type { Verdict, WebhookReply, WebhookRequest } from "../../channels/connector.ts";
import { everyKey } from "../../domain/rotating-secret.ts";
import { isByAnyKey, refused, unset } from "../../http/verdict.ts";
import type { Desk } from "../helpdesk.ts";
import type { Secrets, Settings } from "./settings.ts";

/**
 * `sha256=` and the HMAC-SHA256 of the raw body in hexadecimal digits. No time is signed: that the same webhook does
 * nothing twice is due to the ids of what it tells.
 */
export function verify({ headers, body }: WebhookRequest, { secrets }: Desk<Settings, Secrets>): Verdict {
  const keys = everyKey(secrets.webhookSecret);
  if (keys.length === 0) return unset("no webhook secret is set");
  const header = headers["x-libredesk-signature"];
  if (header === undefined)
    return refused("the header X-Libredesk-Signature is missing: has the webhook in LibreDesk a secret?");
  const [, hex] = /^sha256=([0-9a-f]{64})$/i.exec(header.trim()) ?? [];
  if (!hex) return refused("X-Libredesk-Signature is not `sha256=` and 64 hexadecimal digits");
  return isByAnyKey(Buffer.from(hex, "hex"), keys, (key) => createHmac("sha256", key).update(body).digest())
    ? { ok: true }
    : refused("the signature is of another secret, or of other bytes");
}

/** It waits three seconds at most, and takes no notice of the answer. */
export function reply(): WebhookReply {
  return { status: 200, contentType: "application/json", body: "{}" };
}
