/**
 * A client of Recado's API: one module without dependencies, for Node 20 and later, browsers and workers. Every method
 * is one route; lists are read page by page as they are walked through.
 */
import type {
  ApiContact,
  ApiConversation,
  ApiMedia,
  ApiMessage,
  ConsentToNote,
  ConversationFilter,
  MediaToUpload,
  MessageFilter,
  MessageToSend,
  NewProactiveMessage,
  PlanAnswer,
  SentMessage,
  UploadOffer,
} from "../domain/api-shapes.ts";
import type { Envelope } from "../domain/envelope.ts";
import type { Access, SendOptions } from "./access.ts";
import { type Batches, batchesOf } from "./batches.ts";
import { type Contacts, contactsOf } from "./contacts.ts";
import { RecadoError } from "./error.ts";
import { followAll, followLog } from "./follow.ts";
import { followFeed } from "./follow-feed.ts";
import { type ListOptions, rowsOf } from "./list.ts";
import { ask, once, wait } from "./request.ts";
import { type Subscriptions, subscriptionsOf } from "./subscriptions.ts";

export type { Access, SendOptions } from "./access.ts";
export type { Batches } from "./batches.ts";
export type { Contacts } from "./contacts.ts";
export { RecadoError } from "./error.ts";
export type { ListOptions } from "./list.ts";
export type { Subscriptions } from "./subscriptions.ts";
export { type Signed, verifyWebhook } from "./webhook.ts";

const POLL_MS = 1_000;

/** A message to send; who wrote it is an agent unless told otherwise. */
export type NewMessage = Omit<MessageToSend, "author"> & Partial<Pick<MessageToSend, "author">>;

export interface EventOptions {
  /** Of one conversation; of one account with `account`; of all conversations when both are left out. */
  conversation?: string;
  account?: string;
  /** Number of the last event that is known: of one log alone. Without it a log is told from its beginning. */
  after?: number;
  /**
   * Of all logs alone: what was recorded after that time, however long ago, and then for ever. Nothing is missed and
   * nothing told twice, but everything only some 40 seconds after it was recorded.
   */
  since?: Date;
  /** How long to wait between two looks, in ms. 1000 unless told otherwise. */
  pollMs?: number;
  signal?: AbortSignal;
}

/** What can be asked of Recado. Every method may throw a `RecadoError`. */
export interface Recado {
  /** All conversations, those with the newest activity first. */
  conversations(options?: ListOptions & ConversationFilter): AsyncGenerator<ApiConversation, void>;
  conversation(id: string): Promise<ApiConversation>;
  /** Of a conversation, oldest first. */
  messages(conversation: string, options?: ListOptions & MessageFilter): AsyncGenerator<ApiMessage, void>;
  /** Sends a message, or a text. It is queued when this is done; what becomes of it comes by events. */
  send(conversation: string, message: NewMessage | string, options?: SendOptions): Promise<ApiMessage>;
  /** What would become of a message now; nothing is sent. */
  plan(conversation: string, message: NewMessage | string): Promise<PlanAnswer["plan"]>;
  /** Sends a message that the business begins: to a contact or an address, or the first of several who may get it. */
  sendTo(message: NewProactiveMessage, options?: SendOptions): Promise<ApiMessage>;
  /** What would become of it now, and to whom it would go; nothing is sent. */
  planTo(message: NewProactiveMessage): Promise<PlanAnswer>;
  /** One that was sent through the API, and what has become of it. */
  message(id: string): Promise<ApiMessage>;
  /** Cancels one that has not gone out. */
  cancel(id: string): Promise<ApiMessage>;
  close(conversation: string): Promise<ApiConversation>;
  open(conversation: string): Promise<ApiConversation>;
  /** Shows the customer that the newest of their messages was read. */
  markRead(conversation: string): Promise<void>;
  /** Shows the customer that somebody is writing, for about twenty seconds. */
  showTyping(conversation: string): Promise<void>;
  /** Notes what the customer said elsewhere about being written to. */
  noteConsent(conversation: string, consent: ConsentToNote): Promise<ApiConversation>;
  contact(id: string): Promise<ApiContact>;
  /** A stored file, with a link that opens it for some minutes. */
  media(id: string): Promise<ApiMedia["media"]>;
  /** Where a file is to be put; `upload` does both. */
  offerUpload(file: MediaToUpload, options?: SendOptions): Promise<UploadOffer>;
  /** Uploads a file; the answer's `id` is what a message names it by. */
  upload(
    bytes: Uint8Array<ArrayBuffer> | Blob,
    file: { contentType: string; fileName?: string },
  ): Promise<{ id: string }>;
  /**
   * Events as they happen, for ever: of one log from its beginning, or behind `after`; of all conversations, from now
   * on; of all logs, from `since` on. An outage is waited out, whatever `retries` says, and nothing is missed by it.
   * Ends when `signal` is aborted; throws when Recado refuses for good, such as a wrong key.
   */
  events(options?: EventOptions): AsyncGenerator<Envelope, void>;
  /** The people behind conversations. */
  contacts: Contacts;
  /** Messages to many. */
  batches: Batches;
  /** Endpoints that events are delivered to. */
  subscriptions: Subscriptions;
}

/** @example const recado = createRecado({ url: "http://localhost:3000", key: "local-api-key" }); */
export function createRecado(access: Access): Recado {
  /** Shown to the customer twice it would be a lie. */
  const show = async (path: string) => void (await ask(access, "POST", path, { isRepeatable: false }));
  const at = (conversation: string, what = "") => `/v1/conversations/${encodeURIComponent(conversation)}${what}`;
  const message = (id: string) => `/v1/messages/${encodeURIComponent(id)}`;

  const sent = async (path: string, body: unknown, options: SendOptions = {}) =>
    (await ask<SentMessage>(access, "POST", path, { body, headers: once(options) })).message;

  const planned = (path: string, body: unknown) =>
    ask<PlanAnswer>(access, "POST", path, { body, query: { dryRun: true } });

  const offerUpload = (body: MediaToUpload, options: SendOptions = {}) =>
    ask<UploadOffer>(access, "POST", "/v1/media", { body, headers: once(options) });

  async function upload(bytes: Uint8Array<ArrayBuffer> | Blob, file: { contentType: string; fileName?: string }) {
    const size = bytes instanceof Blob ? bytes.size : bytes.byteLength;
    const { media, upload: place } = await offerUpload({ ...file, size });
    const { method, url, headers } = place;
    const put = await (access.fetch ?? fetch)(url, { method, headers, body: bytes });
    if (put.ok) return media;
    throw new RecadoError(`The file was not taken: ${put.status}.`, { code: "upload_failed", status: put.status });
  }

  async function* events(options: EventOptions = {}): AsyncGenerator<Envelope, void> {
    const { conversation, account, after = 0, since, pollMs = POLL_MS, signal } = options;
    const ofAccount = account === undefined ? undefined : `/v1/accounts/${encodeURIComponent(account)}/events`;
    const log = conversation === undefined ? ofAccount : at(conversation, "/events");
    const patient = { ...access, retries: Number.POSITIVE_INFINITY };
    const ofAll = () => (since ? followFeed(patient, since, { signal }) : followAll(patient, { from: "now", signal }));
    const follower = log ? followLog(patient, log, after, { signal }) : ofAll();
    try {
      while (!signal?.aborted) {
        yield* await follower.next();
        if (!follower.isBehind) await wait(pollMs, signal);
      }
    } catch (error) {
      if (!signal?.aborted) throw error;
    }
  }

  const contacts = contactsOf(access);
  return {
    conversations: (options = {}) => rowsOf(access, "/v1/conversations", options),
    conversation: (id) => ask(access, "GET", at(id)),
    messages: (conversation, options = {}) => rowsOf(access, at(conversation, "/messages"), options),
    send: (conversation, words, options) => sent(at(conversation, "/messages"), written(words), options),
    plan: async (conversation, words) => (await planned(at(conversation, "/messages"), written(words))).plan,
    sendTo: (words, options) => sent("/v1/messages", words, options),
    planTo: (words) => planned("/v1/messages", words),
    message: async (id) => (await ask<SentMessage>(access, "GET", message(id))).message,
    cancel: async (id) => (await ask<SentMessage>(access, "DELETE", message(id))).message,
    close: (conversation) => ask(access, "POST", at(conversation, "/close")),
    open: (conversation) => ask(access, "POST", at(conversation, "/open")),
    markRead: (conversation) => show(at(conversation, "/read")),
    showTyping: (conversation) => show(at(conversation, "/typing")),
    noteConsent: (conversation, consent) => ask(access, "POST", at(conversation, "/consents"), { body: consent }),
    contact: contacts.get,
    media: async (id) => (await ask<ApiMedia>(access, "GET", `/v1/media/${encodeURIComponent(id)}`)).media,
    offerUpload,
    upload,
    events,
    contacts,
    batches: batchesOf(access),
    subscriptions: subscriptionsOf(access),
  };
}

function written(message: NewMessage | string): NewMessage {
  return typeof message === "string" ? { content: { type: "text", text: message } } : message;
}
