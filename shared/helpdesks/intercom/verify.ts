import { createHmac } from "node:crypto";
import type { Verdict, WebhookReply, WebhookRequest } from "../../channels/connector.ts";
import { everyKey } from "../../domain/rotating-secret.ts";
import { isByAnyKey, refused, unset } from "../../http/verdict.ts";
import type { Desk } from "../helpdesk.ts";
import type { Secrets, Settings } from "./settings.ts";

/** `X-Hub-Signature: sha1=` and the HMAC of the body with the app's client secret, in hexadecimal. No time is signed. */
export function verify({ headers, body }: WebhookRequest, { secrets }: Desk<Settings, Secrets>): Verdict {
  const keys = everyKey(secrets.clientSecret);
  if (keys.length === 0) return unset("no client secret is set");
  const header = headers["x-hub-signature"];
  if (header === undefined) return refused("the header X-Hub-Signature is missing");
  const [, hex] = /^sha1=([0-9a-f]{40})$/i.exec(header.trim()) ?? [];
  if (hex === undefined) return refused("X-Hub-Signature is not `sha1=` and 40 hexadecimal digits");
  const given = Buffer.from(hex, "hex");
  const digestBy = (key: string) => createHmac("sha1", key).update(body).digest();
  if (isByAnyKey(given, keys, digestBy)) return { ok: true };
  if (isByAnyKey(given, everyKey(secrets.accessToken), digestBy))
    return refused("signed with what is set as the access token: the two secrets are mixed up");
  return refused("the signature is of another client secret, or of other bytes");
}

/** Within half a second, or the desk serves us later than others; what is done about it comes afterwards. */
export function reply(): WebhookReply {
  return { status: 200, contentType: "application/json", body: "{}" };
}
