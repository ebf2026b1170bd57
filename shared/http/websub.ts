/**
 * The handshake and the signature that Meta's webhooks share (facts: https://developers.facebook.com/docs/graph-api/webhooks/getting-started).
 * Every app signs with its own secret, over the bytes as they were sent: Meta escapes what is not ASCII, and slashes, so
 * a body that was parsed and written again has another digest.
 */
import { createHmac } from "node:crypto";
import type { Verdict } from "../channels/connector.ts";
import { asciiJson } from "../domain/mailbox-rules.ts";
import { isAnyWord, isByAnyKey, refused, unset } from "./verdict.ts";

/** @param others secrets of the account that are no signing keys, for the hint alone */
export function verifyHubSignature(
  request: { headers: Readonly<Record<string, string>>; body: Uint8Array },
  keys: readonly string[],
  others: readonly string[] = [],
): Verdict {
  if (keys.length === 0) return unset("no app secret is set for this account");
  const header = request.headers["x-hub-signature-256"];
  if (header === undefined) {
    const isOld = request.headers["x-hub-signature"] !== undefined;
    return refused(isOld ? "only the SHA-1 signature header is there" : "the header X-Hub-Signature-256 is missing");
  }
  const [, hex] = /^sha256=([0-9a-f]{64})$/i.exec(header.trim()) ?? [];
  if (!hex) return refused("X-Hub-Signature-256 is not `sha256=` and 64 hexadecimal digits");
  const signature = Buffer.from(hex, "hex");
  return isSigned(signature, request.body, keys)
    ? { ok: true }
    : refused(likelyCause(signature, request.body, keys, others));
}

/** The challenge to answer with, when mode and token are right. */
export function hubChallenge(
  { query }: { query: Readonly<Record<string, string>> },
  tokens: readonly string[],
): string | undefined {
  const given = query["hub.verify_token"];
  if (query["hub.mode"] !== "subscribe" || given === undefined) return undefined;
  return isAnyWord(given, tokens) ? query["hub.challenge"] : undefined;
}

function isSigned(signature: Uint8Array, body: Uint8Array | string, keys: readonly string[]): boolean {
  return isByAnyKey(signature, keys, (key) => createHmac("sha256", key).update(body).digest());
}

/** Beyond this a refused body is not looked at any closer: hints must not be a way to keep us busy. */
const LARGEST_DIAGNOSED = 100_000;

function likelyCause(
  signature: Uint8Array,
  body: Uint8Array,
  keys: readonly string[],
  others: readonly string[],
): string {
  const trimmed = keys.map((key) => key.trim()).filter((key) => !keys.includes(key));
  if (isSigned(signature, body, trimmed)) return "the app secret is stored with blanks around it";
  if (isSigned(signature, body, others))
    return "signed with another secret of this account: is the app secret the right one?";
  if (body.length <= LARGEST_DIAGNOSED && rewritten(body).some((text) => isSigned(signature, text, keys))) {
    return "the body was changed on its way: it was parsed and written again";
  }
  return "signed with another key (another app, or an app secret that was replaced), or the body was changed";
}

/** The body as it may have been before somebody wrote it anew: as Meta writes, with everything but ASCII and slashes escaped. */
function rewritten(body: Uint8Array): string[] {
  const text = Buffer.from(body).toString("utf8").trim();
  try {
    const escaped = asciiJson(JSON.parse(text));
    return [text, escaped, escaped.replaceAll("/", "\\/")];
  } catch {
    return [text];
  }
}
