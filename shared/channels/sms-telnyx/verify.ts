/**
 * Telnyx signs with a key pair of the account: Ed25519 over `<timestamp>|<body>`
 * (https://developers.telnyx.com/docs/messaging/messages/receiving-webhooks). The URL is not covered.
 */
import { createPublicKey, type KeyObject, verify as verifySignature } from "node:crypto";
import { everyKey } from "../../domain/rotating-secret.ts";
import { refused, unset } from "../../http/verdict.ts";
import type { Account, Verdict, WebhookReply, WebhookRequest } from "../connector.ts";
import type { Secrets, Settings } from "./settings.ts";

/** As Telnyx's own libraries have it. */
const TOLERANCE_SECONDS = 300;

/** What stands before the 32 bytes of an Ed25519 public key in DER (RFC 8410). */
const SPKI_HEAD = Buffer.from("302a300506032b6570032100", "hex");

export function verify(request: WebhookRequest, { secrets }: Account<Settings, Secrets>): Verdict {
  const written = everyKey(secrets.publicKey);
  if (written.length === 0) return unset("no public key is set for this account");
  const keys = written.flatMap((key) => keyIn(key) ?? []);
  if (keys.length === 0) return refused("the public key is not the base64 of 32 bytes: copy it from Mission Control");

  const { "telnyx-signature-ed25519": signature, "telnyx-timestamp": timestamp } = request.headers;
  if (signature === undefined || timestamp === undefined)
    return refused("the headers Telnyx-Signature-Ed25519 and Telnyx-Timestamp are not both there");
  if (!/^[A-Za-z0-9+/]{86}==$/.test(signature))
    return refused("Telnyx-Signature-Ed25519 is not the base64 of 64 bytes");
  if (!/^\d{1,12}$/.test(timestamp)) return refused("Telnyx-Timestamp is no number of seconds");

  const signed = Buffer.concat([Buffer.from(`${timestamp}|`), request.body]);
  const given = Buffer.from(signature, "base64");
  // Every key is tried, so that the time tells nothing about which one fits.
  const verdicts = keys.map((key) => verifySignature(null, signed, key, given));
  if (!verdicts.includes(true)) return refused("signed by another account, or not over the body as it came in");
  const ageSeconds = Math.abs(Math.floor(request.receivedAt / 1000) - Number(timestamp));
  return ageSeconds <= TOLERANCE_SECONDS ? { ok: true } : refused("signed more than five minutes ago, or hence");
}

/** Telnyx waits two seconds for any 2xx. */
export function reply(): WebhookReply {
  return { status: 200, contentType: "text/plain", body: "" };
}

const known = new Map<string, KeyObject>();

/** Read once: every webhook asks for the same few. */
function keyIn(written: string): KeyObject | undefined {
  const found = known.get(written);
  if (found) return found;
  const bytes = Buffer.from(written.trim(), "base64");
  if (bytes.length !== 32) return undefined;
  const key = createPublicKey({ key: Buffer.concat([SPKI_HEAD, bytes]), format: "der", type: "spki" });
  known.set(written, key);
  return key;
}
