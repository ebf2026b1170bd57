/** How Telnyx signs and repeats its webhooks. */
import { type KeyObject, randomUUID, sign } from "node:crypto";
import type { Webhook } from "../webhooks.ts";

/** Over the seconds since 1970 and the body, with a bar between them. */
export function telnyxHeaders(signed: { key: KeyObject; body: string } | undefined): Record<string, string> {
  const timestamp = String(Math.floor(Date.now() / 1000));
  return {
    "content-type": "application/json",
    "user-agent": "telnyx-webhooks",
    ...(signed && {
      "telnyx-timestamp": timestamp,
      "telnyx-signature-ed25519": sign(null, Buffer.from(`${timestamp}|${signed.body}`), signed.key).toString("base64"),
    }),
  };
}

export interface TelnyxWebhook {
  /** As it is named in the webhook, and where it is really posted. */
  url: string;
  deliverTo: string;
  key: KeyObject;
  event: string;
  payload: object;
  customer: string;
  about: Webhook["about"];
}

const MOST_ATTEMPTS = 3;

export function telnyxWebhook({ url, deliverTo, key, event, payload, customer, about }: TelnyxWebhook): Webhook {
  const body = JSON.stringify({
    data: {
      event_type: event,
      id: randomUUID(),
      occurred_at: timestamp(),
      payload,
      record_type: "event",
    },
    meta: { attempt: 1, delivered_to: url },
  });
  return {
    url: deliverTo,
    headers: telnyxHeaders({ key, body }),
    body,
    customer,
    about,
    retryAfterMs: (outcome, attempt) =>
      (outcome.kind === "answered" && outcome.status >= 200 && outcome.status < 300) || attempt >= MOST_ATTEMPTS
        ? undefined
        : 0,
  };
}

/** ISO 8601 as Telnyx writes it. */
export function timestamp(): string {
  return new Date().toISOString().replace("Z", "+00:00");
}
