/**
 * What the stories need of the outside, as narrow interfaces. Implementations are in aws/ and http/; fakes for tests in
 * test/fakes. Every method that reaches outside may throw `WorldFault`; any other exception is a bug of ours.
 */
import type { Batch, BatchResult } from "./domain/batch.ts";
import type { Consent } from "./domain/consent.ts";
import type { Contact, Whereabouts, Written } from "./domain/contact.ts";
import type { Entry } from "./domain/conversation-log.ts";
import type { DeskState } from "./domain/desk-state.ts";
import type { Envelope } from "./domain/envelope.ts";
import type { Erasure } from "./domain/erasure.ts";
import type { Channel, Failure } from "./domain/event.ts";
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

export type { Contact, Whereabouts } from "./domain/contact.ts";

/** The items beside the log that record-event keeps. All writes are repeatable. */
export interface Projections {
  putSummary(summary: Summary): Promise<void>;
  /** What one of the contact's conversations tells of them; the others stay as they are. */
  putContact(contact: { id: string; name?: string } & Whereabouts): Promise<void>;
  /** From now on the conversation is `into`'s, who this contact turned out to be. */
  mergeContact(contact: { id: string; into: string; conversation: string }): Promise<void>;
  /** The later word stays, in whatever order the two are written. */
  putConsent(contact: string, consent: Consent): Promise<void>;
  /** What the contact's log said as far as it was followed. */
  written(contact: string): Promise<Written>;
  /** The next state; `false` when somebody else has followed the log meanwhile. */
  putWritten(contact: string, before: Written, after: Written): Promise<boolean>;
  /** When the contact's log got its last entry (ms since 1970). Never goes back. */
  noteChange(contact: string, at: number): Promise<void>;
  /**
   * The conversation that this address of the account, of its spellings the one that stands for all, is an alias of; or
   * that a message went to which was queued for the conversation of this id.
   */
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

/** What developers inside AWS listen to: the event bus, or the topic. */
export interface EventStream {
  /** Whether it takes an event of this size. */
  fits(envelope: Envelope): boolean;
  /**
   * In order, events of one log; tells how many of the first were accepted, which may be fewer than were given.
   * @throws WorldFault when it took none
   */
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
  /** Both ways, for ninety days. @param pair `ticket`: the one that was open */
  linkMessage(
    desk: string,
    conversation: string,
    pair: { message: string; deskMessage: string; isOurs: boolean; ticket?: string | undefined },
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

/** Where a queue's poison is kept, with what was wrong, until somebody looks. */
export interface DeadLetters {
  park(poison: { body: { parked: string; error: string }; group: string; deduplicationId: string }): Promise<void>;
}

/** Bytes beside the table: large bodies, quarantine. Keys are `<prefix>/<name>`. */
export interface Objects {
  put(key: string, body: string | Uint8Array, contentType: string): Promise<void>;
  get(key: string): Promise<string | undefined>;
}

/** Of those, what is needed for a time only. */
export interface PassingObjects extends Objects {
  /** Whether it is there or not. */
  remove(key: string): Promise<void>;
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

export interface Cancellations {
  /**
   * Takes the claim for good, if it is free or released: nobody sends the part any more. Repeatable.
   * @param until ms since 1970: somebody might try to send it as late as this
   */
  cancelClaim(
    message: string,
    part: number,
    cancellation: { at: number; until: number; failure: Failure },
  ): Promise<"cancelled" | Claim>;
}

/** In which conversation each message stands that a caller gave us. */
export interface MessagePlaces {
  /** Repeatable. @param until ms since 1970: asked for at least so long */
  noteMessage(message: string, place: MessagePlace, until: number): Promise<void>;
  messagePlace(message: string): Promise<MessagePlace | undefined>;
}

/** The event that callers asked of each contact last, by what they changed. Forgotten after a day. */
export interface AskedEvents {
  noteAsked(contact: string, asked: AskedEvent): Promise<void>;
  lastAsked(contact: string): Promise<AskedEvent | undefined>;
}

/** `what`: a keyed hash, the same for the same change; `at`: ms since 1970. */
export interface AskedEvent {
  key: string;
  what: string;
  at: number;
}

/** `conversation`: where it was put; it may have moved since. */
export interface MessagePlace {
  conversation: string;
  account: string;
}

/** Where messages wait until they are to go out. */
export interface Schedule {
  /** Repeatable. @param at ms since 1970 */
  schedule(request: SendRequest, at: number): Promise<void>;
}

/** What is to go out by now. Minutes are numbered from 1970 on. */
export interface DueSends {
  /**
   * Some of what is due in the minute, up to `until` (ms since 1970), and none once all of it was seen or taken off; in
   * several lists, of which each is in the order of its times and has all that goes to one customer. Consistent.
   * @param seen with what the lists of this minute ended before, in that order: only what is behind it is wanted
   */
  due(minute: number, until: number, seen?: readonly ScheduledSend[]): Promise<ScheduledSend[][]>;
  takeOff(send: ScheduledSend): Promise<void>;
  /** Up to which minute everything was handed over. */
  handedOverUntil(): Promise<number | undefined>;
  /** Never goes back. */
  handedOver(minute: number): Promise<void>;
}

export interface ScheduledSend {
  at: number;
  request: SendRequest;
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

/** The index of activity over all logs. */
export interface ActivityIndex {
  /** How many shards it has; they are numbered from 0. */
  readonly activityShards: number;
  /** Keys (`readActivity`) of a shard behind `after`, oldest activity first. `upTo`: behind it may be more. */
  activity(shard: number, page: { after: string; limit: number }): Promise<{ keys: string[]; upTo?: string }>;
}

/** What is known of contacts. */
export interface Contacts {
  /**
   * With everybody whom it has absorbed; one that is part of another says so.
   * @param accounts what is known on these alone, and what they said about messages anywhere; without it everything
   */
  contact(contact: string, accounts?: ReadonlySet<string>): Promise<Contact | undefined>;
  /** The contact that goes on for this one; itself, where it is no part of another. `accounts` as above. */
  person(contact: string, accounts?: ReadonlySet<string>): Promise<Contact | undefined>;
  /** What that one said last about hearing from the business, on each channel about each topic. */
  consentsOf(contact: string): Promise<readonly Consent[]>;
}

/** The list of contacts, by name. */
export interface ContactList {
  /**
   * Each person once; one of several names at the first of them that begins so. A page may hold fewer than it might.
   * @param beginning of the folded name; empty for all
   * @param accounts what is known on these alone
   */
  contacts(page: {
    beginning: string;
    limit: number;
    cursor?: string;
    accounts?: ReadonlySet<string>;
  }): Promise<{ contacts: Contact[]; nextCursor?: string }>;
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
  /** Writes how far it has come, or its end; `false` when it was cancelled or another took its place meanwhile. */
  moveJob(subscription: string, job: Job): Promise<boolean>;
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

/** What is kept of batches, for ninety days. All writes are repeatable. */
export interface Batches {
  batch(id: string): Promise<Batch | undefined>;
  /** Keeps it unless it is known. */
  beginBatch(batch: Batch): Promise<void>;
  /** The first time counts. */
  cancelBatch(id: string, now: number): Promise<void>;
  /** @param from index of the first */
  putBatchResults(batch: Batch, from: number, results: readonly BatchResult[]): Promise<void>;
  /** The recipients behind `from` were worked through; does nothing unless the batch stands at `from`. */
  moveBatch(id: string, from: number, counts: { accepted: number; refused: number }): Promise<void>;
  /** The messages of the recipients behind `from` were stopped; does nothing unless that stands at `from`. */
  stopBatch(id: string, from: number, to: number): Promise<void>;
  /** By index, of those from `from` on that have one. */
  batchResults(id: string, from: number, limit: number): Promise<ReadonlyMap<number, BatchResult>>;
  /** Newest first, from behind `cursor`. */
  batches(page: { limit: number; cursor?: string }): Promise<{ batches: Batch[]; nextCursor?: string }>;
}

/** The queue of batches, by their ids. */
export interface BatchQueue {
  /** One is worked on at a time, in the order in which they came. */
  queueBatch(batch: string): Promise<void>;
  /** Stops one that was cancelled, beside the one that is worked on. */
  queueStop(batch: string): Promise<void>;
}

/** The queue of those who deliver. */
export interface DeliveryBells {
  ringDelivery(request: DeliveryRequest, deduplicationId: string): Promise<void>;
}

/** Erasures of contacts, finished ones too. */
export interface Erasures {
  erasure(id: string): Promise<Erasure | undefined>;
  /** The last one of a contact. Consistent. */
  newestErasure(contact: string): Promise<Erasure | undefined>;
  /** Writes it if its version is the next one; `false` when somebody else has changed it meanwhile. */
  putErasure(erasure: Erasure): Promise<boolean>;
  /**
   * Lends all dead letters to one who looks at them, until then. Times are ms since 1970.
   * @returns when they are free again, where somebody else has them
   */
  takeLetters(now: number, until: number): Promise<number | undefined>;
  /** They are free before the end for which they were lent. */
  returnLetters(lent: number, freeAt: number): Promise<void>;
}

/** The queue of whoever erases. */
export interface ErasureBells {
  ringErasure(erasure: Pick<Erasure, "id" | "contact">): Promise<void>;
}

/** Takes what is a contact's out of the table. Each may be repeated; a number tells how many items there were. */
export interface ErasedPlaces {
  /** Writes what is left of an entry in its place. Its number, its key and the rest of the log stay. */
  emptyEntry(log: string, entry: Entry): Promise<void>;
  /** Something happens in the conversation now (ms since 1970): who looks for what happened at a time finds its log. */
  noteActivity(conversation: string, now: number): Promise<void>;
  /**
   * The conversation is in no list any more, and no summary from before this entry can bring it back. Its log is still
   * found by the time of its last activity.
   */
  emptySummary(conversation: string, sequence: number): Promise<void>;
  /** What they want to hear nothing about stays, and the ids of whom they are one person with. */
  emptyProfile(contact: string): Promise<void>;
  removeAlias(account: string, address: string): Promise<number>;
  removeProviderMessage(account: string, providerMessageId: string): Promise<number>;
  removeClaim(message: string, part: number): Promise<number>;
  /** How a caller was answered. */
  removeAnswer(hash: string): Promise<number>;
  removeMessagePlace(message: string): Promise<number>;
  /** Everything of a conversation at a helpdesk, but for a ticket that was opened behind the entry `upTo`. */
  removeDesk(desk: string, conversation: string, upTo: number): Promise<number>;
  removeLink(desk: string, ticket: string): Promise<number>;
}

/** The objects of the bucket, to be looked through and removed. */
export interface RemovableObjects {
  /** Keys below a prefix, in their order, from behind `after`. */
  list(prefix: string, after?: string): Promise<{ keys: string[]; isMore: boolean }>;
  get(key: string): Promise<string | undefined>;
  /** Repeatable: what is not there is as good as removed. */
  remove(key: string): Promise<void>;
}

/** So long a letter is hidden that somebody looks at. */
export const HIDDEN_LETTERS_MS = 60_000;

/** What was given up and waits for a redrive. */
export interface DeadLetterBox {
  /** A few, which nobody else sees for `HIDDEN_LETTERS_MS` from now; none when there are no others left. */
  look(): Promise<{ body: string; receipt: string }[]>;
  remove(receipt: string): Promise<void>;
}
