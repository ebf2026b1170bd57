import { createHmac } from "node:crypto";
import type { Verdict, WebhookReply, WebhookRequest } from "../../channels/connector.ts";
import { jsonObjectIn } from "../../domain/json.ts";
import { everyKey } from "../../domain/rotating-secret.ts";
import { isByAnyKey, refused, unset } from "../../http/verdict.ts";
import type { Desk } from "../helpdesk.ts";
import { sentIn } from "./parse.ts";
import type { Secrets, Settings } from "./settings.ts";

/** How far the two clocks may be apart, as Front advises (https://dev.frontapp.com/docs/security-1). */
const TOLERANCE_MS = 300_000;

/** HMAC-SHA256 of `<timestamp>:<body>` with the app's secret, in base64; the timestamp is in ms since 1970. */
export function verify(
  { headers, body, receivedAt }: Pick<WebhookRequest, "headers" | "body" | "receivedAt">,
  { secrets }: Pick<Desk<Settings, Secrets>, "secrets">,
): Verdict {
  const keys = everyKey(secrets.appSecret);
  if (keys.length === 0) return unset("no app secret is set");
  const timestamp = headers["x-front-request-timestamp"];
  const given = headers["x-front-signature"];
  if (!timestamp || !given) return refused("x-front-request-timestamp or x-front-signature is missing");
  if (!/^\d{1,16}$/.test(timestamp)) return refused("x-front-request-timestamp is no number of milliseconds");
  if (Math.abs(receivedAt - Number(timestamp)) > TOLERANCE_MS)
    return refused(
      "x-front-request-timestamp is more than five minutes away: an old webhook, or a clock that is wrong",
    );
  const digestBy = (key: string) => createHmac("sha256", key).update(`${timestamp}:`).update(body).digest();
  return isByAnyKey(Buffer.from(given, "base64"), keys, digestBy)
    ? { ok: true }
    : refused("the signature is of another app's secret, or of other bytes");
}

/**
 * Front shows the answer to whoever wrote the message: success with our ids of it, or a failure. The same message always
 * gets the same ids. The handshakes (a channel that is connected, a webhook that is saved) are answered here, too.
 */
export function reply({ headers, body, url }: Pick<WebhookRequest, "headers" | "body" | "url">): WebhookReply {
  const challenge = headers["x-front-challenge"];
  if (challenge) return json(200, { challenge });
  const told = jsonObjectIn(body);
  if (told?.type === "authorization") {
    const [webhookUrl] = url.split("?");
    return json(200, { type: "success", webhook_url: webhookUrl });
  }
  const sent = sentIn(told);
  if (!sent) return json(200, { type: "success" });
  if ("refusal" in sent) return json(400, { type: "bad_request", message: sent.refusal });
  return json(200, { type: "success", external_id: sent.externalId, external_conversation_id: sent.thread });
}

function json(status: number, body: object): WebhookReply {
  return { status, contentType: "application/json", body: JSON.stringify(body) };
}
