/**
 * Ids and keys. Whatever is made from an address or a provider's id is a keyed hash (SHA-256 over the deployment's
 * `idSecret` and the parts, cut to 132 bits, base64url): the same input gives the same id on any machine at any time,
 * and nobody without the secret can go back from an id to a phone number. What is cut off is what extending a hash takes.
 */
import { hash } from "node:crypto";

export type IdSecret = string;

/** One hash for one list of parts: as JSON, so that no two lists read the same. A webhook takes five of them. */
function keyed(secret: IdSecret, parts: readonly string[]): string {
  return hash("sha256", `${secret}\n${JSON.stringify(parts)}`, "base64url").slice(0, 22);
}

/** The conversation of one account with one address (the one that the connector calls primary). */
export function conversationId(secret: IdSecret, account: string, address: string): string {
  return `conv_${keyed(secret, ["conversation", account, address])}`;
}

/** A customer of whom no more than the address on one account is known. */
export function contactId(secret: IdSecret, account: string, address: string): string {
  return `con_${keyed(secret, ["contact", account, address])}`;
}

/** A person, on whatever account. @param number in its matchable form */
export function personId(secret: IdSecret, number: string): string {
  return `con_${keyed(secret, ["person", number])}`;
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

/** Our id of the file that a message brings; the same however often it is fetched. */
export function mediaId(secret: IdSecret, account: string, messageId: string): string {
  return `med_${keyed(secret, ["media", account, messageId])}`;
}

const SORTABLE = "0123456789abcdefghjkmnpqrstvwxyz";

/**
 * What whoever puts something into the mailbox adds to it: by it an attempt that broke off knows its own work from what
 * the provider repeats. It is in the body, and so survives redelivery and redrive.
 */
export function newToken(random: (bytes: number) => Uint8Array): string {
  return Buffer.from(random(12)).toString("base64url");
}

/** A new id that sorts by time: 48 bits of milliseconds, then 80 random bits, in base 32. */
export function newMessageId(now: number, random: Uint8Array): string {
  return `msg_${sortable(now, random)}`;
}

/** The same for a file that a caller is about to upload. */
export function newMediaId(now: number, random: Uint8Array): string {
  return `med_${sortable(now, random)}`;
}

/** The same for an API key. */
export function newKeyId(now: number, random: Uint8Array): string {
  return `key_${sortable(now, random)}`;
}

/** The same for a subscription. */
export function newSubscriptionId(now: number, random: Uint8Array): string {
  return `sub_${sortable(now, random)}`;
}

/** The same for a batch. */
export function newBatchId(now: number, random: Uint8Array): string {
  return `bat_${sortable(now, random)}`;
}

/** Our id of what a batch says to one of its recipients: the same however often it is put into the mailbox. */
export function batchMessageId(secret: IdSecret, batch: string, recipient: number): string {
  return `msg_${keyed(secret, ["batch", batch, String(recipient)])}`;
}

/** Whether it can be the id of a file: of one that a customer sent, or of one that was uploaded. */
export function isMediaId(text: string): boolean {
  return /^med_[A-Za-z0-9_-]{22,26}$/.test(text);
}

function sortable(now: number, random: Uint8Array): string {
  let bits = BigInt(now);
  for (const byte of random.subarray(0, 10)) bits = (bits << 8n) | BigInt(byte);
  let out = "";
  for (let position = 0; position < 26; position++) {
    out = SORTABLE[Number(bits & 31n)] + out;
    bits >>= 5n;
  }
  return out;
}

/**
 * The deduplication id under which a body is parked that was redriven and cannot be worked yet: within five minutes its
 * queue would take it for what was parked before, and drop it.
 */
export function parkedAgainId(body: string): string {
  return hash("sha256", body, "base64url");
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
