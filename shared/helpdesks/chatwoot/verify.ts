import { createHmac } from "node:crypto";
import type { Verdict, WebhookReply, WebhookRequest } from "../../channels/connector.ts";
import { everyKey } from "../../domain/rotating-secret.ts";
import { isByAnyKey, refused, unset } from "../../http/verdict.ts";
import type { Desk } from "../helpdesk.ts";
import type { Secrets, Settings } from "./settings.ts";

/** How far the two clocks may be apart, in seconds. The time is that of the delivery, which is tried once. */
const TOLERANCE_SECONDS = 300;

/**
 * `X-Chatwoot-Signature: sha256=` and the hex HMAC-SHA256 of `<X-Chatwoot-Timestamp>.<body>`, by the secret of the inbox
 * (not its HMAC token). An inbox signs from Chatwoot 4.13.0 on.
 */
export function verify({ headers, body, receivedAt }: WebhookRequest, { secrets }: Desk<Settings, Secrets>): Verdict {
  const keys = everyKey(secrets.webhookSecret);
  if (keys.length === 0) return unset("no webhook secret is set");
  const timestamp = headers["x-chatwoot-timestamp"];
  const signature = headers["x-chatwoot-signature"];
  if (timestamp === undefined && signature === undefined)
    return refused("it is not signed: Chatwoot before 4.13.0, or not Chatwoot at all");
  if (!timestamp || !/^\d{1,12}$/.test(timestamp)) return refused("X-Chatwoot-Timestamp is no number of seconds");
  if (Math.abs(receivedAt / 1000 - Number(timestamp)) > TOLERANCE_SECONDS)
    return refused("X-Chatwoot-Timestamp is more than five minutes away: an old webhook, or a clock that is wrong");
  const [, hex] = /^sha256=([0-9a-f]{64})$/i.exec(signature?.trim() ?? "") ?? [];
  if (!hex) return refused("X-Chatwoot-Signature is not `sha256=` and 64 hexadecimal digits");
  const given = Buffer.from(hex, "hex");
  const digestBy = (key: string) => createHmac("sha256", key).update(`${timestamp}.`).update(body).digest();
  if (isByAnyKey(given, keys, digestBy)) return { ok: true };
  const trimmed = keys.map((key) => key.trim()).filter((key) => !keys.includes(key));
  return isByAnyKey(given, trimmed, digestBy)
    ? refused("the webhook secret is stored with blanks around it")
    : refused("signed with another secret: the inbox's own is wanted, not its HMAC token, and one for each inbox");
}

/** Success, at once: anything else, or more than five seconds, marks the agent's reply as failed. */
export function reply(): WebhookReply {
  return { status: 200, contentType: "application/json", body: "{}" };
}
