/**
 * What the stories need of the outside, as narrow interfaces. Implementations are in aws/ and http/; fakes for tests in
 * test/fakes. Every method that reaches outside may throw `WorldFault`; any other exception is a bug of ours.
 */
import type { Entry } from "./domain/conversation-log.ts";
import type { Envelope } from "./domain/envelope.ts";
import type { Channel } from "./domain/event.ts";
import type { Doorbell, MailboxItem, SendRequest, SettleRequest } from "./domain/mailbox.ts";

/** The world's fault (throttling, 5xx, time-out, no connection): worth the same call again later. */
export class WorldFault extends Error {
  override readonly name = "WorldFault";
}

/** What a worker says about one message off its queue: over and done with, or to be seen again after so long. */
export type Next = { kind: "done" } | { kind: "retry"; afterSeconds: number };

export interface Clock {
  /** Ms since 1970. */
  now(): number;
}

/** Cryptographic randomness. */
export type Random = (bytes: number) => Uint8Array;

export type Head = Omit<Entry, "data">;

/** Reads of a log. All are consistent. `log` is `conv_…`, `account:<name>` or `con_…`. */
export interface LogReader {
  /** Where the log ends. Without what the entry tells, which may lie elsewhere and does not matter here. */
  newest(log: string): Promise<Head | undefined>;
  entry(log: string, sequence: number): Promise<Entry | undefined>;
  /** Up to `limit` entries behind `after`, in order. */
  entries(log: string, after: number, limit: number): Promise<Entry[]>;
  /** The entry with this key. */
  find(log: string, key: string): Promise<Entry | undefined>;
}

export interface LogWriter extends LogReader {
  /** The only commit point: puts the entry if its number is free. `taken` also when a lost answer hid our own success. */
  put(log: string, entry: Entry): Promise<"written" | "taken">;
}

/** What a list shows of a conversation; may lag by ten minutes, rebuilt from the log. Times are ms since 1970. */
export interface Summary {
  conversation: string;
  account: string;
  channel: Channel;
  address: string;
  contact: string;
  status: "open" | "closed";
  lastActivityAt: number;
  sequence: number;
}

/** The items beside the log that record-event keeps. All writes are repeatable. */
export interface Projections {
  putSummary(summary: Summary): Promise<void>;
  putContact(contact: {
    id: string;
    account: string;
    address: string;
    name?: string;
    conversation: string;
  }): Promise<void>;
  /** The conversation that this address of the account is an alias of. */
  aliasOf(account: string, address: string): Promise<string | undefined>;
  /** `was`: the conversation that the address named by itself, when that one has a log of its own. */
  putAlias(account: string, address: string, conversation: string, was?: string): Promise<void>;
}

/** Provider message id → our message. Written once per send. */
export interface ProviderMessages {
  lookUp(
    account: string,
    providerMessageId: string,
  ): Promise<{ conversation: string; message: string; part: number } | undefined>;
  remember(
    account: string,
    providerMessageId: string,
    ours: { conversation: string; message: string; part: number },
  ): Promise<void>;
}

/** The FIFO queue in front of every log. Items of one group are accepted in order, a later one only after the earlier. */
export interface Mailbox {
  deliver(items: readonly MailboxItem[]): Promise<void>;
}

/** Wakes the consumers of the log. */
export interface Doorbells {
  ring(bell: Doorbell): Promise<void>;
}

/** The queue of the connector that serves the account. */
export interface SendQueues {
  /** False when no connector serves the account any more. */
  queue(request: SendRequest): Promise<boolean>;
}

/** Where an uncertain send waits until it is settled. */
export interface Settlements {
  settleLater(request: SettleRequest): Promise<void>;
}

/** The event bus for developers inside AWS. */
export interface Bus {
  /** In order; tells how many of the first were accepted, which may be fewer than were given. */
  publish(envelopes: readonly Envelope[]): Promise<number>;
}

/** How far a consumer has come in a log. */
export interface Cursors {
  cursor(consumer: string, log: string): Promise<number>;
  /** Moves on by condition; `false` when another worker moved it meanwhile. */
  moveCursor(consumer: string, log: string, from: number, to: number): Promise<boolean>;
}

/** Where the mailbox's poison is kept, with what was wrong, until somebody looks. */
export interface DeadLetters {
  park(poison: { body: { parked: string; error: string }; group: string; deduplicationId: string }): Promise<void>;
}

/** Bytes beside the table: large bodies, quarantine. Keys are `<prefix>/<name>`. */
export interface Objects {
  put(key: string, body: string | Uint8Array, contentType: string): Promise<void>;
  get(key: string): Promise<string | undefined>;
}

/** The claim on one part of a message: at most one request goes out under it. */
export type Claim =
  | { state: "claimed"; at: number }
  /** Certainly not sent: may be claimed again. */
  | { state: "released"; at: number }
  | { state: "done"; at: number; outcome: "sent" | "rejected"; providerMessageId?: string; failure?: unknown };

export interface Claims {
  claim(message: string, part: number): Promise<Claim | undefined>;
  /** Takes the claim if it is free or released. */
  takeClaim(message: string, part: number, now: number): Promise<"taken" | Claim>;
  releaseClaim(message: string, part: number, now: number): Promise<void>;
  finishClaim(message: string, part: number, done: Extract<Claim, { state: "done" }>): Promise<void>;
}

/** Account-wide throttles. */
export interface Pauses {
  /** Ms since 1970 until which nothing is sent for the account. */
  pausedUntil(account: string): Promise<number | undefined>;
  pause(account: string, until: number): Promise<void>;
}

/** One HTTP request out. */
export interface HttpRequest {
  method: "GET" | "POST" | "DELETE";
  url: string;
  headers: Record<string, string>;
  body?: string | Uint8Array;
}

export type HttpAnswer =
  | { kind: "answer"; status: number; headers: Record<string, string>; body: string }
  /** Certain: the connection never carried the request. */
  | { kind: "not_sent"; detail: string }
  /** The request may have been read: time-out or reset after the first byte, or an answer cut short. */
  | { kind: "interrupted"; detail: string };

/** Never throws for what the network or the other side does. No redirects, no retries. */
export type Http = (request: HttpRequest) => Promise<HttpAnswer>;

/** The list of conversations, newest activity first. */
export interface Conversations {
  summary(conversation: string): Promise<Summary | undefined>;
  conversations(page: { limit: number; cursor?: string }): Promise<{ summaries: Summary[]; nextCursor?: string }>;
}

/** What is known of a contact. */
export interface Contacts {
  contact(contact: string): Promise<{ id: string; name?: string } | undefined>;
}

export type Scope = "read" | "send" | "admin";

/** A developer's API key; only its SHA-256 is stored. */
export interface ApiKeys {
  apiKey(sha256: string): Promise<{ id: string; scopes: Scope[] } | undefined>;
}

/** Remembers for seven days how a caller's key was answered. */
export interface Idempotency {
  /** How the key was answered, if it was. */
  answered(key: string): Promise<{ bodyHash: string; answer: string } | undefined>;
  /** Writes the answer unless the key is known; then tells what was written the first time. */
  answerOnce(
    key: string,
    first: { bodyHash: string; answer: string },
  ): Promise<"new" | { bodyHash: string; answer: string }>;
}
