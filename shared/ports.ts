/**
 * What the stories need of the outside, as narrow interfaces. Implementations are in aws/ and http/; fakes for tests in
 * test/fakes. Every method that reaches outside may throw `WorldFault`; any other exception is a bug of ours.
 */
import type { Consent } from "./domain/consent.ts";
import type { Entry } from "./domain/conversation-log.ts";
import type { DeskState } from "./domain/desk-state.ts";
import type { Envelope } from "./domain/envelope.ts";
import type { Channel } from "./domain/event.ts";
import type {
  DeliveryRequest,
  Doorbell,
  MailboxItem,
  MediaRequest,
  ProfileRequest,
  SendRequest,
  SettleRequest,
  SignalRequest,
} from "./domain/mailbox.ts";
import type {
  Attempt,
  Delivery,
  DeliveryError,
  Health,
  Job,
  KnownSubscription,
  Subscription,
} from "./domain/subscription.ts";

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

/** Where a contact is spoken to. */
export interface Whereabouts {
  conversation: string;
  channel: Channel;
  account: string;
  address: string;
}

/** A person, or of whom no more than an address is known. */
export interface Contact {
  id: string;
  name?: string;
  /** Who this contact turned out to be. */
  mergedInto?: string;
  conversations: Whereabouts[];
  /** What they said last on each channel about each topic, where they said anything. */
  consents?: Consent[];
}

/** The items beside the log that record-event keeps. All writes are repeatable. */
export interface Projections {
  putSummary(summary: Summary): Promise<void>;
  /** What one of the contact's conversations tells of them; the others stay as they are. */
  putContact(contact: { id: string; name?: string } & Whereabouts): Promise<void>;
  /** From now on the conversation is `into`'s, who this contact turned out to be. */
  mergeContact(contact: { id: string; into: string; conversation: string }): Promise<void>;
  /** The later word stays, in whatever order the two are written. */
  putConsent(contact: string, consent: Consent): Promise<void>;
  /** The conversation that this address of the account, of its spellings the one that stands for all, is an alias of. */
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

/** The way to the provider for what is no message. */
export interface Signals {
  signal(request: SignalRequest): Promise<void>;
}

/** Where an uncertain send waits until it is settled. */
export interface Settlements {
  settleLater(request: SettleRequest): Promise<void>;
}

/** The queue of files that are still to be fetched from providers. */
export interface MediaRequests {
  /** Does nothing for an account whose connector has no files to fetch. */
  requestMedia(request: MediaRequest): Promise<void>;
}

/** The queue of customers whose names are still to be asked for. */
export interface ProfileRequests {
  /** Does nothing for an account whose provider tells no names, or tells them with the messages. */
  requestProfile(request: ProfileRequest): Promise<void>;
}

/** The event bus for developers inside AWS. */
export interface Bus {
  /** In order; tells how many of the first were accepted, which may be fewer than were given. */
  publish(envelopes: readonly Envelope[]): Promise<number>;
}

/** Whether a log holds an event, for less than reading it costs; may overlook one that was written a moment ago. */
export interface KnownKeys {
  holds(log: string, key: string): Promise<boolean>;
}

/** Until when a provider was asked for everything that its webhooks may not have told. Ms since 1970. */
export interface Reconciliations {
  reconciledUntil(account: string): Promise<number | undefined>;
  /** Never goes back. */
  reconciled(account: string, until: number): Promise<void>;
}

/** How far a consumer has come in a log. */
export interface Cursors {
  cursor(consumer: string, log: string): Promise<number>;
  /** Moves on by condition; `false` when another worker moved it meanwhile. */
  moveCursor(consumer: string, log: string, from: number, to: number): Promise<boolean>;
}

/** What ties conversations to the tickets of desks. The ids of a desk are its own. */
export interface DeskTickets {
  deskState(desk: string, conversation: string): Promise<DeskState | undefined>;
  putDeskState(desk: string, conversation: string, state: DeskState): Promise<void>;
  /** The conversation of a ticket. */
  conversationOf(desk: string, ticket: string): Promise<string | undefined>;
  linkTicket(desk: string, ticket: string, conversation: string): Promise<void>;
  /** The desk's id of a message of ours. */
  deskMessage(desk: string, conversation: string, message: string): Promise<string | undefined>;
  /** Our message behind one of the desk's; `isOurs`: we wrote it there. */
  messageBehind(
    desk: string,
    conversation: string,
    deskMessage: string,
  ): Promise<{ message: string; isOurs: boolean } | undefined>;
  /** Both ways, for ninety days. */
  linkMessage(
    desk: string,
    conversation: string,
    pair: { message: string; deskMessage: string; isOurs: boolean },
  ): Promise<void>;
  /** Have the desk told at `at` (ms since 1970), or up to five minutes later, that free replies end soon. Repeatable. */
  putClosing(desk: string, conversation: string, at: number): Promise<void>;
  /** How far the last ticket was listened to, and the tags that it had then. */
  listened(desk: string, conversation: string): Promise<Listened>;
  putListened(desk: string, conversation: string, listened: Listened): Promise<void>;
}

export interface Listened {
  /** Of which ticket `upTo` is. */
  ticket?: string;
  upTo?: string;
  tags?: string[];
}

/** What is kept of a desk as a whole. Times are ms since 1970. */
export interface DeskTimes {
  /** Since when the desk follows the conversations of the account: the first time that anybody asked. */
  deskSince(desk: string, account: string, now: number): Promise<number>;
  /** The conversations of these five minutes, which are numbered from 1970 on. */
  closings(desk: string, slot: number): Promise<string[]>;
  deskProgress(desk: string): Promise<DeskProgress>;
  putDeskProgress(desk: string, progress: DeskProgress): Promise<void>;
}

/** How far a desk has been tended. */
export interface DeskProgress {
  /** Until when it was asked for what its webhooks did not tell. */
  askedUntil?: number;
  /** Up to which five minutes the desk was told that free replies end. */
  closedUntil?: number;
  /** Where the conversations that are older than it are being handed over: a cursor of their list, or all of them. */
  handedOver?: { cursor: string } | "all";
  /** Of which accounts that is true. */
  served?: string[];
  /** Tickets that had changed and were not known to be ours yet, and when. */
  unlinked?: { ticket: string; at: number }[];
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

/** A file of a message as it lies in the bucket. */
export interface KeptFile {
  contentType: string;
  size: number;
  fileName?: string | undefined;
}

/**
 * The files of messages in the bucket, and links by which others read and write them. A link lets in whoever has it, to
 * what the function that made it may do, and ends no later than that function's credentials.
 */
export interface MediaLinks {
  /** Undefined where nothing lies under this id. */
  find(id: string): Promise<KeptFile | undefined>;
  /** @param disposition the `Content-Disposition` that comes with the file */
  linkToRead(id: string, life: { seconds: number; disposition?: string | undefined }): Promise<string>;
  /**
   * For exactly this file, once.
   * @param file `sha256` in hex
   * @returns what must be sent with it, as it is
   */
  linkToWrite(
    id: string,
    file: KeptFile & { sha256?: string | undefined },
    life: { seconds: number },
  ): Promise<{ url: string; headers: Record<string, string> }>;
  /** `s3://…`, for providers that read the bucket themselves. */
  placeOf(id: string): string;
}

/** The claim on one part of a message: at most one request goes out under it. */
/** `via`: the account that took it in place of the conversation's. */
export type Claim =
  | { state: "claimed"; at: number; via?: string }
  /** Certainly not sent: may be claimed again. */
  | { state: "released"; at: number }
  | {
      state: "done";
      at: number;
      outcome: "sent" | "rejected";
      providerMessageId?: string;
      failure?: unknown;
      via?: string;
    };

export interface Claims {
  claim(message: string, part: number): Promise<Claim | undefined>;
  /** Takes the claim if it is free or released. */
  takeClaim(message: string, part: number, now: number, via?: string): Promise<"taken" | Claim>;
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
  method: "GET" | "POST" | "PUT" | "PATCH" | "DELETE";
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
  contact(contact: string): Promise<Contact | undefined>;
}

export type Scope = "read" | "send" | "admin";

/** What a developer's API key may do. The key itself is stored nowhere, only its SHA-256. */
export interface ApiKey {
  id: string;
  scopes: readonly Scope[];
  /** It sees and sends conversations of these accounts alone; of all when left out. */
  accounts?: readonly string[];
  /** So many requests in so many seconds; any number when left out. */
  limit?: RateLimit;
}

export interface RateLimit {
  requests: number;
  seconds: number;
}

/** What the API knows of keys. */
export interface ApiKeys {
  apiKey(sha256: string): Promise<ApiKey | undefined>;
  /** Notes when the key was used last. Writes nothing when that was noted within the hour before. */
  noteUse(key: string, now: number): Promise<void>;
  /**
   * Counts requests of a key in a span of time, and tells how many those of the span are with them.
   * @param span of the key's limit, numbered since 1970; forgotten some time after it has ended
   */
  countRequests(key: string, span: { number: number; endsAt: number }, requests: number): Promise<number>;
}

/** A key as its owner sees it. Times are ms since 1970. */
export interface ListedKey extends ApiKey {
  name: string;
  created: number;
  /** To the hour. */
  used?: number;
  revoked?: number;
}

/** What the owner does with keys. */
export interface KeyRing {
  /** Oldest first, those that were revoked too. */
  listKeys(): Promise<ListedKey[]>;
  addKey(sha256: string, key: ListedKey): Promise<void>;
  /** Undefined when there is no key with this id; a key that was revoked stays as it is. */
  revokeKey(id: string, now: number): Promise<ListedKey | undefined>;
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

/** A file that was fetched: on this machine alone, and gone as soon as it is closed. */
export interface FetchedFile {
  size: number;
  /** Hex. */
  sha256: string;
  /** The first bytes, enough to tell what kind of file it is. */
  head: Uint8Array;
  /** As the answer called it. */
  contentType?: string;
  /** From the first byte, each time. */
  read(): AsyncIterable<Uint8Array>;
  close(): Promise<void>;
}

/** Takes a file in as it comes; undefined when it is too large, which is told before the rest has come. */
export type Spool = (
  chunks: AsyncIterable<Uint8Array>,
  about: { largestBytes: number; contentType?: string | undefined },
) => Promise<FetchedFile | undefined>;

export type Fetched =
  | { kind: "fetched"; file: FetchedFile }
  /** Announced larger, or cut off where it was. */
  | { kind: "too_large" }
  /** The address, or one that it led to, is none that may be asked. */
  | { kind: "forbidden_address"; detail: string }
  /** The other side does not give it out under this address, and will not later. */
  | { kind: "dead"; status: number }
  /** What came cannot be taken for a file, and will not change. */
  | { kind: "unusable"; detail: string }
  | { kind: "unavailable"; detail: string; retryAfterSeconds?: number };

/** Never throws for what the network or the other side does. Follows a few redirects, each as guarded as the first. */
export type FetchFile = (wanted: {
  url: string;
  /** Sent to these origins alone, never to where one of them redirects. */
  credentials?: { origins: readonly string[]; headers: Readonly<Record<string, string>> };
  largestBytes: number;
}) => Promise<Fetched>;

/** The files of messages, in the bucket. */
export interface MediaFiles {
  /** Overwrites. The bucket checks that it got what was fetched. */
  keep(key: string, file: FetchedFile, about: { contentType: string; fileName?: string }): Promise<void>;
  /** What a provider has put there itself. */
  fetchBack(key: string, largestBytes: number): Promise<Fetched>;
}

/** Developers' subscriptions. */
export interface Subscriptions {
  /** All that were not deleted, oldest first. Consistent. */
  subscriptions(): Promise<KnownSubscription[]>;
  /** Consistent. */
  subscription(id: string): Promise<KnownSubscription | undefined>;
  /** Writes it if its version is the next one; `false` when somebody else has changed it meanwhile. */
  putSubscription(subscription: Subscription): Promise<boolean>;
  deleteSubscription(id: string, version: number): Promise<boolean>;
}

/** What those who deliver know of an endpoint as a whole. */
export interface EndpointHealth {
  /** Sets what is given; `null` takes it away. */
  noteHealth(subscription: string, health: { [Name in keyof Health]?: number | null }): Promise<void>;
}

/** Walks that take minutes: one of a kind and subscription at a time. */
export interface Jobs {
  putJob(subscription: string, job: Job): Promise<void>;
}

/** How far each subscription has come in each log. */
export interface Deliveries {
  delivery(subscription: string, log: string): Promise<Delivery | undefined>;
  /** Writes it if its version is the next one. One with `dueAt` is found by `due`. */
  putDelivery(subscription: string, log: string, delivery: Delivery): Promise<boolean>;
}

/** Deliveries that wait for their time. */
export interface DueDeliveries {
  /** By their time, up to `until`, from behind `cursor`. */
  due(
    subscription: string,
    page: { until: number; limit: number; cursor?: string | undefined },
  ): Promise<{ log: string; cursor: string }[]>;
}

/** Events that a subscriber did not take over the whole schedule while it took others. */
export interface MissedEvents {
  noteMissed(subscription: string, log: string, sequence: number): Promise<void>;
  /** It is being delivered again. */
  takeMissed(subscription: string, log: string, sequence: number): Promise<void>;
  missed(
    subscription: string,
    page: { limit: number; cursor?: string | undefined },
  ): Promise<{ log: string; sequence: number; cursor: string }[]>;
}

/** A few places for requests to a subscriber that takes its time. */
export interface Slots {
  /** @param holder whoever takes it @param until when it is free again by itself */
  takeSlot(subscription: string, slot: number, holder: string, now: number, until: number): Promise<boolean>;
  freeSlot(subscription: string, slot: number, holder: string): Promise<void>;
}

/** Every request to a subscriber, for thirty days. */
export interface Attempts {
  noteAttempt(subscription: string, attempt: Attempt): Promise<void>;
  /** Newest first, from behind `cursor`. */
  attempts(
    subscription: string,
    page: { limit: number; cursor?: string },
  ): Promise<{ attempts: Attempt[]; nextCursor?: string }>;
}

/** What came of one request to a subscriber. Without `error` it has taken the event. */
export interface WebhookAnswer {
  status?: number;
  error?: DeliveryError;
  durationMs: number;
  retryAfterMs?: number;
}

/**
 * Signs a webhook and posts it to an address that somebody else has named. Never throws for what the network or the
 * other side does. Nothing that is not on the public internet is reached, and no redirect is followed.
 */
export type PostWebhook = (webhook: {
  url: string;
  id: string;
  body: string;
  /** Each signs. */
  keys: readonly string[];
  /** Ms since 1970. */
  now: number;
  headers?: Readonly<Record<string, string>>;
  /** Called when it takes its time. */
  onSlow?: () => void;
}) => Promise<WebhookAnswer>;

/** Whether webhooks may go there. */
export type JudgeUrl = (url: string) => Promise<"allowed" | "not_https" | "credentials" | "forbidden" | "not_found">;

/** The queue of those who deliver. */
export interface DeliveryBells {
  ringDelivery(request: DeliveryRequest, deduplicationId: string): Promise<void>;
}
