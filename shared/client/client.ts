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
  MediaToUpload,
  MessageToSend,
  PlanAnswer,
  SentMessage,
  UploadOffer,
} from "../domain/api-shapes.ts";
import type { Envelope } from "../domain/envelope.ts";
import type { Access } from "./access.ts";
import { RecadoError } from "./error.ts";
import { followAll, followLog } from "./follow.ts";
import { type ListOptions, rowsOf } from "./list.ts";
import { type Call, request, wait } from "./request.ts";
import { type Subscriptions, subscriptionsOf } from "./subscriptions.ts";

export type { Access } from "./access.ts";
export { RecadoError } from "./error.ts";
export type { ListOptions } from "./list.ts";
export type { Subscriptions } from "./subscriptions.ts";
export { type Signed, verifyWebhook } from "./webhook.ts";

const POLL_MS = 1_000;

/** A message to send; who wrote it is an agent unless told otherwise. */
export type NewMessage = Omit<MessageToSend, "author"> & Partial<Pick<MessageToSend, "author">>;

export interface SendOptions {
  /** Under one key a message is sent once, however often the call is repeated. Made for each call unless given. */
  idempotencyKey?: string;
}

export interface EventOptions {
  /** Of one conversation; of one account with `account`; of all conversations when both are left out. */
  conversation?: string;
  account?: string;
  /** Number of the last event that is known: of one log alone. Without it a log is told from its beginning. */
  after?: number;
  /** How long to wait between two looks, in ms. 1000 unless told otherwise. */
  pollMs?: number;
  signal?: AbortSignal;
}

/** What can be asked of Recado. Every method may throw a `RecadoError`. */
export interface Recado {
  /** All conversations, those with the newest activity first. */
  conversations(options?: ListOptions): AsyncGenerator<ApiConversation, void>;
  conversation(id: string): Promise<ApiConversation>;
  /** Of a conversation, oldest first. */
  messages(conversation: string, options?: ListOptions): AsyncGenerator<ApiMessage, void>;
  /** Sends a message, or a text. It is queued when this is done; what becomes of it comes by events. */
  send(conversation: string, message: NewMessage | string, options?: SendOptions): Promise<ApiMessage>;
  /** What would become of a message now; nothing is sent. */
  plan(conversation: string, message: NewMessage | string): Promise<PlanAnswer["plan"]>;
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
   * on. Ends when `signal` is aborted.
   */
  events(options?: EventOptions): AsyncGenerator<Envelope, void>;
  /** Endpoints that events are delivered to. */
  subscriptions: Subscriptions;
}

/** @example const recado = createRecado({ url: "http://localhost:3000", key: "local-api-key" }); */
export function createRecado(access: Access): Recado {
  const get = <Shape>(path: string) => request<Shape>(access, { path, isRepeatable: true });
  const post = <Shape>(path: string, body?: unknown, more: Partial<Call> = {}) =>
    request<Shape>(access, { method: "POST", path, body, isRepeatable: true, ...more });
  /** Shown to the customer twice it would be a lie. */
  const show = async (path: string) => void (await post(path, undefined, { isRepeatable: false }));
  const at = (conversation: string, what = "") => `/v1/conversations/${encodeURIComponent(conversation)}${what}`;
  const once = ({ idempotencyKey = crypto.randomUUID() }: SendOptions) => ({
    headers: { "idempotency-key": idempotencyKey },
  });

  async function send(conversation: string, message: NewMessage | string, options: SendOptions = {}) {
    return (await post<SentMessage>(at(conversation, "/messages"), written(message), once(options))).message;
  }

  async function plan(conversation: string, message: NewMessage | string) {
    const query = { dryRun: true };
    return (await post<PlanAnswer>(at(conversation, "/messages"), written(message), { query })).plan;
  }

  const offerUpload = (file: MediaToUpload, options: SendOptions = {}) =>
    post<UploadOffer>("/v1/media", file, once(options));

  async function upload(bytes: Uint8Array<ArrayBuffer> | Blob, file: { contentType: string; fileName?: string }) {
    const size = bytes instanceof Blob ? bytes.size : bytes.byteLength;
    const { media, upload: place } = await offerUpload({ ...file, size });
    const { method, url, headers } = place;
    const put = await (access.fetch ?? fetch)(url, { method, headers, body: bytes });
    if (put.ok) return media;
    throw new RecadoError(`The file was not taken: ${put.status}.`, { code: "upload_failed", status: put.status });
  }

  async function* events(options: EventOptions = {}): AsyncGenerator<Envelope, void> {
    const { conversation, account, after = 0, pollMs = POLL_MS, signal } = options;
    const ofAccount = account === undefined ? undefined : `/v1/accounts/${encodeURIComponent(account)}/events`;
    const log = conversation === undefined ? ofAccount : at(conversation, "/events");
    const follower = log ? followLog(access, log, after, { signal }) : followAll(access, { from: "now", signal });
    try {
      while (!signal?.aborted) {
        yield* await follower.next();
        await wait(pollMs, signal);
      }
    } catch (error) {
      if (!signal?.aborted) throw error;
    }
  }

  return {
    conversations: (options = {}) => rowsOf(access, "/v1/conversations", options),
    conversation: (id) => get(at(id)),
    messages: (conversation, options = {}) => rowsOf(access, at(conversation, "/messages"), options),
    send,
    plan,
    close: (conversation) => post(at(conversation, "/close")),
    open: (conversation) => post(at(conversation, "/open")),
    markRead: (conversation) => show(at(conversation, "/read")),
    showTyping: (conversation) => show(at(conversation, "/typing")),
    noteConsent: (conversation, consent) => post(at(conversation, "/consents"), consent),
    contact: (id) => get(`/v1/contacts/${encodeURIComponent(id)}`),
    media: async (id) => (await get<ApiMedia>(`/v1/media/${encodeURIComponent(id)}`)).media,
    offerUpload,
    upload,
    events,
    subscriptions: subscriptionsOf(access),
  };
}

function written(message: NewMessage | string): NewMessage {
  return typeof message === "string" ? { content: { type: "text", text: message } } : message;
}
