/**
 * Who Vonage is: a token in the header that covers the body by its hash (Messages API,
 * https://developer.vonage.com/en/messages/concepts/signed-webhooks), or a field of the form that covers the others
 * (the older SMS API). Both with the account's signature secret.
 */
import { createHash, createHmac } from "node:crypto";
import { isRecord } from "../../domain/raw-element.ts";
import { everyKey } from "../../domain/rotating-secret.ts";
import { isByAnyKey, isSame, refused, unset } from "../../http/verdict.ts";
import type { Account, Verdict, WebhookReply, WebhookRequest } from "../connector.ts";
import type { Secrets, Settings, SmsSignature } from "./settings.ts";
import { type SmsFields, smsFieldsOf } from "./sms-form.ts";

/**
 * Vonage repeats a webhook for 24 hours and does not say that it signs it anew, so an old one may be the first that gets
 * through. One that is played again changes nothing: its message is known.
 */
const LONGEST_AGE_MS = 24 * 3_600_000;
const CLOCK_SKEW_MS = 300_000;

export function verify(request: WebhookRequest, { settings, secrets }: Account<Settings, Secrets>): Verdict {
  const keys = everyKey(secrets.signatureSecret);
  if (keys.length === 0) return unset("no signature secret is set for this account");
  const { authorization } = request.headers;
  if (authorization !== undefined) return verifyToken(authorization, request, keys);
  const fields = smsFieldsOf(request);
  if (!fields) return refused("neither an Authorization header nor a `sig` is there: are signed webhooks switched on?");
  if (!settings.smsSignature) return refused("a webhook of the older SMS API: name its `smsSignature` in the settings");
  return verifyFields(fields, settings.smsSignature, request.receivedAt, keys);
}

export function reply(): WebhookReply {
  return { status: 200, contentType: "text/plain", body: "" };
}

/** HS256 and nothing else, whatever the token says of itself. */
function verifyToken(authorization: string, { body, receivedAt }: WebhookRequest, keys: readonly string[]): Verdict {
  const [, head = "", claims = "", signature = ""] =
    /^Bearer ([\w-]{1,2000})\.([\w-]{1,4000})\.([\w-]{43})$/i.exec(authorization.trim()) ?? [];
  if (jsonOf(head)?.alg !== "HS256") return refused("the Authorization header is no token signed with HS256");
  const given = Buffer.from(signature, "base64url");
  const digestBy = (key: string) => createHmac("sha256", key).update(`${head}.${claims}`).digest();
  if (!isByAnyKey(given, keys, digestBy)) {
    const trimmed = keys.map((key) => key.trim()).filter((key) => !keys.includes(key));
    return refused(
      isByAnyKey(given, trimmed, digestBy)
        ? "the signature secret is stored with blanks around it"
        : "signed with another secret: each API key of Vonage has its own",
    );
  }
  const { payload_hash: hash, iat, exp } = jsonOf(claims) ?? {};
  const actual = createHash("sha256").update(body).digest("hex");
  if (typeof hash !== "string" || !isSame(Buffer.from(hash.toLowerCase()), Buffer.from(actual)))
    return refused("the body is not the one whose hash is in the token");
  if (typeof iat !== "number") return refused("the token does not say when it was made");
  if (typeof exp === "number" && receivedAt > exp * 1000 + CLOCK_SKEW_MS) return refused("the token has expired");
  return timely(iat * 1000, receivedAt);
}

function verifyFields(fields: SmsFields, method: SmsSignature, receivedAt: number, keys: readonly string[]): Verdict {
  const signed = [...fields.keys()]
    .filter((name) => name !== "sig")
    .sort()
    .map((name) => `&${name}=${fields.get(name)?.replace(/[&=]/g, "_")}`)
    .join("");
  const given = Buffer.from(fields.get("sig")?.toLowerCase() ?? "");
  if (!isByAnyKey(given, keys, (key) => Buffer.from(smsSignature(signed, method, key))))
    return refused("signed with another secret, or by another method");
  return timely(Number(fields.get("timestamp") || Number.NaN) * 1000, receivedAt);
}

/** Hex. */
function smsSignature(signed: string, method: SmsSignature, key: string): string {
  if (method !== "md5hash") return createHmac(method, key).update(signed).digest("hex");
  return createHash("md5")
    .update(signed + key)
    .digest("hex");
}

function timely(madeAt: number, receivedAt: number): Verdict {
  if (!(madeAt <= receivedAt + CLOCK_SKEW_MS)) return refused("signed in the future, or at no time at all");
  return receivedAt - madeAt > LONGEST_AGE_MS ? refused("signed more than a day ago") : { ok: true };
}

function jsonOf(part: string): Record<string, unknown> | undefined {
  try {
    const value: unknown = JSON.parse(Buffer.from(part, "base64url").toString("utf8"));
    return isRecord(value) ? value : undefined;
  } catch {
    return undefined;
  }
}
