/**
 * Ids and keys. Whatever is made from an address or a provider's id is a keyed hash (HMAC-SHA256 with the deployment's
 * `idSecret`, 128 bits, base64url): the same input gives the same id on any machine at any time, and nobody without the
 * secret can go back from an id to a phone number.
 */
import { hash } from "node:crypto";

export type IdSecret = string;

/**
 * One hash for one list of parts; the separator cannot occur inside JSON strings, so no two lists collide. The HMAC is
 * put together from two hashes, as RFC 2104 has it: a webhook takes five of them, and `createHmac` costs twice as much.
 */
function keyed(secret: IdSecret, parts: readonly string[]): string {
  const { inner, outer } = padded(secret);
  outer.write(hash("sha256", Buffer.concat([inner, Buffer.from(JSON.stringify(parts))]), "binary"), BLOCK, "binary");
  return Buffer.from(hash("sha256", outer, "hex").slice(0, 32), "hex").toString("base64url");
}

/** Bytes that SHA-256 takes at a time. */
const BLOCK = 64;

let last: { secret: IdSecret; inner: Uint8Array; outer: Buffer } | undefined;

/**
 * What the two hashes begin with; after it `outer` has room for the digest of the first. A deployment has one secret, so
 * the one that was used last is worth keeping.
 */
function padded(secret: IdSecret): { inner: Uint8Array; outer: Buffer } {
  if (last?.secret !== secret) {
    const bytes = Buffer.from(secret);
    const key = Buffer.alloc(BLOCK);
    key.set(bytes.length > BLOCK ? hash("sha256", bytes, "buffer") : bytes);
    const outer = Buffer.concat([key.map((byte) => byte ^ 0x5c), Buffer.alloc(32)]);
    last = { secret, inner: key.map((byte) => byte ^ 0x36), outer };
  }
  return last;
}

/** The conversation of one account with one address (the one that the connector calls primary). */
export function conversationId(secret: IdSecret, account: string, address: string): string {
  return `conv_${keyed(secret, ["conversation", account, address])}`;
}

export function contactId(secret: IdSecret, account: string, address: string): string {
  return `con_${keyed(secret, ["contact", account, address])}`;
}

/**
 * The key under which an event is known for ever. `subject` is `<message or subject>#<what>[#<participant>]`, made of
 * the provider's (helpdesk's, caller's) ids alone, never of a time.
 */
export function eventKey(secret: IdSecret, account: string, subject: string): string {
  return keyed(secret, ["event", account, subject]);
}

/** The public id of the event with this key. */
export function eventId(key: string): string {
  return `evt_${key}`;
}

/** Our id of a provider's message. One provider message with several media becomes several of ours: `position`. */
export function messageId(secret: IdSecret, account: string, providerMessageId: string, position = 0): string {
  return `msg_${keyed(secret, ["message", account, providerMessageId, String(position)])}`;
}

/** The id of a message that a caller sends under a key of its own: the same key, the same id. */
export function callerMessageId(secret: IdSecret, caller: string, idempotencyKey: string): string {
  return `msg_${keyed(secret, ["caller", caller, idempotencyKey])}`;
}

const SORTABLE = "0123456789abcdefghjkmnpqrstvwxyz";

/** A new id that sorts by time: 48 bits of milliseconds, then 80 random bits, in base 32. */
export function newMessageId(now: number, random: Uint8Array): string {
  let bits = BigInt(now);
  for (const byte of random.subarray(0, 10)) bits = (bits << 8n) | BigInt(byte);
  let out = "";
  for (let position = 0; position < 26; position++) {
    out = SORTABLE[Number(bits & 31n)] + out;
    bits >>= 5n;
  }
  return `msg_${out}`;
}

/** What a provider carries for us and gives back with every receipt: which part of which message of which log. */
export interface Correlation {
  conversation: string;
  message: string;
  part: number;
}

export function encodeCorrelation({ conversation, message, part }: Correlation): string {
  return `${conversation}.${message}.${part}`;
}

const CORRELATION = /^(conv_[A-Za-z0-9_-]{22})\.(msg_[A-Za-z0-9_-]{22,26})\.(\d{1,3})$/;

/** Undefined for anything that we did not write ourselves. */
export function decodeCorrelation(text: string | undefined): Correlation | undefined {
  const [, conversation, message, part] = CORRELATION.exec(text ?? "") ?? [];
  return conversation && message && part ? { conversation, message, part: Number(part) } : undefined;
}
