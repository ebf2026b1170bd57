/**
 * Zendesk signs timestamp and body, one right behind the other, with the webhook's own secret
 * (https://developer.zendesk.com/documentation/webhooks/verifying/). The URL is not covered.
 */
import { createHmac } from "node:crypto";
import type { Verdict, WebhookReply, WebhookRequest } from "../../channels/connector.ts";
import { everyKey } from "../../domain/rotating-secret.ts";
import { isByAnyKey, refused, unset } from "../../http/verdict.ts";
import type { Desk } from "../helpdesk.ts";
import type { Secrets, Settings } from "./settings.ts";

/** How far the two clocks may be apart. */
const TOLERANCE_MS = 300_000;

export function verify({ headers, body, receivedAt }: WebhookRequest, { secrets }: Desk<Settings, Secrets>): Verdict {
  const keys = everyKey(secrets.webhookSecret);
  if (keys.length === 0) return unset("no webhook secret is set");
  const { "x-zendesk-webhook-signature": signature, "x-zendesk-webhook-signature-timestamp": timestamp } = headers;
  if (!signature || !timestamp)
    return refused("X-Zendesk-Webhook-Signature and X-Zendesk-Webhook-Signature-Timestamp are not both there");
  const given = Buffer.from(signature, "base64");
  if (!isByAnyKey(given, keys, (key) => createHmac("sha256", key).update(timestamp).update(body).digest()))
    return refused(
      "signed with another secret (each webhook has its own, and a test of an unsaved one another), or over other bytes",
    );
  const signedAt = Date.parse(timestamp);
  if (Number.isNaN(signedAt)) return refused("X-Zendesk-Webhook-Signature-Timestamp is no time");
  return Math.abs(receivedAt - signedAt) <= TOLERANCE_MS
    ? { ok: true }
    : refused("signed more than five minutes ago, or hence: an old webhook, or a clock that is wrong");
}

/** Zendesk waits ten seconds for any 2xx. */
export function reply(): WebhookReply {
  return { status: 200, contentType: "application/json", body: "{}" };
}
