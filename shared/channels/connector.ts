/**
 * The seam of a connector: code that speaks one provider of a channel. A folder of this name holds
 * `index` · `settings` · `capabilities` · `address` · `verify` · `payload` · `parse` · `render` · `send` · `README.md`.
 * Receiving and sending are separate halves, because each is bundled alone: nothing that the receiver imports at run
 * time may need more than `zod/mini` and `node:crypto`.
 */
import type * as z from "zod";
import type { Capabilities } from "../domain/capabilities.ts";
import type { Content } from "../domain/content.ts";
import type { Author, Channel, Failure, Message, ReplyTo } from "../domain/event.ts";
import type { SendOutcome } from "../domain/outcome.ts";
import type { Http, HttpRequest } from "../ports.ts";

/** A webhook as it came over the wire. */
export interface WebhookRequest {
  method: string;
  /** The exact public URL that was called, path and raw query included: what a signature covers. */
  url: string;
  /** Decoded parameters of the query; the first of each name. */
  query: Readonly<Record<string, string>>;
  /** Names in lower case. */
  headers: Readonly<Record<string, string>>;
  /** The raw bytes. */
  body: Uint8Array;
  /** When it came in by our clock (ms since 1970): what a signature's age is measured by. */
  receivedAt: number;
}

/** One address of the business on the connector, as its owner configured it, with the secrets it was deployed with. */
export interface Account<Settings = unknown, Secrets = unknown> {
  name: string;
  settings: Settings;
  secrets: Secrets;
}

/**
 * A refusal carries a hint for the operator's log, never for the caller. `isUnset`: the account's secret is missing, so
 * nothing can be said about the request.
 */
export type Verdict = { ok: true } | { ok: false; hint: string; isUnset?: true };

/** The HTTP answer to a webhook that was taken. */
export interface WebhookReply {
  status: number;
  contentType: string;
  body: string;
}

/**
 * One thing that a webhook told, in the domain's words but with the provider's ids: the receiver makes ours from them.
 * Every element of a batch becomes at least one.
 */
export interface Parsed {
  /** Name of the account it is for; undefined when no account that verified the body owns it. */
  account: string | undefined;
  /** `<message or subject>#<what>[#<participant>]`, made of the provider's ids alone, never of a time. */
  subject: string;
  /** The provider's own time, ms since 1970, where it gives one. */
  time?: number;
  /** The customer's address that the connector calls primary, and its other spellings. */
  address?: string;
  aliases?: string[];
  /** The customer's phone number, `+` and digits, where the provider told it as one; it is matched by, never sent to. */
  number?: string;
  name?: string;
  /** What we gave the provider with the send, as it came back. */
  correlation?: string;
  happening: ParsedHappening;
}

export type ParsedHappening =
  /** The whole message; `message.sent`: written by the business elsewhere (phone app, Page inbox). */
  | { type: "message.received" | "message.sent"; message: ParsedMessage }
  | {
      type: "message.sent" | "message.delivered" | "message.read" | "message.played";
      receipt: {
        providerMessageId?: string;
        participant?: string;
        watermark?: number;
        pricing?: Record<string, unknown>;
      };
    }
  | { type: "message.failed"; receipt: { providerMessageId: string; participant?: string }; failure: Failure }
  /** Word of an earlier message, of either direction, by the provider's id. */
  | { type: "message.edited"; of: string; content: Content; author: Author }
  | { type: "message.deleted"; of: string; author: Author }
  | { type: "message.reacted"; of: string; emoji?: string; author: Author }
  | { type: "consent.changed"; topic: string; state: "opted_out" | "opted_in"; source: "keyword" | "provider" }
  /** The customer goes by other addresses now, which are the aliases, or changed otherwise; nobody wrote anything. */
  | { type: "contact.updated"; change: string; text: string; raw: unknown }
  | { type: "account.alert"; code: string; reason: string; raw: unknown };

export interface ParsedMessage {
  providerMessageId: string;
  /** Place among the messages that one provider message became. */
  position?: number;
  author: Author;
  content: Content;
  replyTo?: Pick<ReplyTo, "providerMessageId" | "story" | "storyUrl">;
  referral?: Record<string, unknown>;
  forwarded?: boolean;
  /** Where the provider says that it took the message for a word of this kind. */
  consentWish?: Message["consentWish"];
}

/** What `parse` could not read although the body is authentic: quarantined whole, answered 200, raised as an alert. */
export type ParseResult = { ok: true; parsed: Parsed[] } | { ok: false; reason: string };

/** The receiving half. Everything here is pure. */
export interface Receiver<Settings = unknown, Secrets = unknown> {
  /** Answers the provider's subscription handshake (GET): the body to answer 200 with, or undefined for 403. */
  challenge?(request: WebhookRequest, accounts: readonly Account<Settings, Secrets>[]): string | undefined;
  /** On the raw bytes, in constant time, with every accepted key of the account. */
  verify(request: WebhookRequest, account: Account<Settings, Secrets>): Verdict;
  /** Total: what is genuine but unknown becomes `unsupported`. `accounts` are those whose own key verified the body. */
  parse(request: WebhookRequest, accounts: readonly Account<Settings, Secrets>[]): ParseResult;
  /** What the provider wants to hear when all of it is durably queued. */
  reply(request: WebhookRequest): WebhookReply;
}

/** What a message needs beside its content to become a provider's request. */
export interface Rendering<Settings = unknown> {
  /** The customer's address. */
  to: string;
  content: Content;
  author: Author;
  settings: Settings;
  /** Comes back with every receipt. */
  correlation: string;
  /** The provider's id of the message that this one answers. */
  replyToProviderMessageId?: string;
  /** Set when the reply is only possible because a person wrote it, long after the customer: the provider wants it marked. */
  tag?: "human_agent";
  /** Where the provider posts receipts, without a slash at the end, for providers that take it per message. */
  callbackUrl?: string;
}

/** The provider's request, without credentials. */
export type ProviderRequest = Omit<HttpRequest, "headers"> & { headers: Record<string, string> };

/** The sending half. */
export interface Sender<Settings = unknown, Secrets = unknown> {
  /** Pure: content → the provider's request. Only called with what `capabilities` carry. */
  render(rendering: Rendering<Settings>): ProviderRequest;
  /** Where the provider knows such a thing. */
  signal?(signalling: Signalling<Settings>): ProviderRequest;
  /** One request, no retries. Never throws for what the provider answers. */
  send(request: ProviderRequest, account: Account<Settings, Secrets>, http: Http): Promise<SendOutcome>;
}

/** A word to the provider that is no message: nothing is kept of it, and nobody is told when it fails. */
export interface Signalling<Settings = unknown> {
  /** The customer's address. */
  to: string;
  /** `read`: up to this message the customer sees that we have read; `typing`: somebody is writing an answer. */
  signal: "read" | "typing";
  /** The customer's newest message. */
  providerMessageId: string;
  settings: Settings;
}

type Media = Extract<Content, { type: "image" }>["media"];

/** Where a customer's file lies at the provider at this moment. */
export type MediaPlace =
  | {
      kind: "found";
      url: string;
      /** Sent to these origins alone, never to where one of them redirects. */
      credentials?: { origins: readonly string[]; headers: Readonly<Record<string, string>> };
      /** What the provider says of the file: hex or base64. */
      sha256?: string;
      contentType?: string;
      size?: number;
    }
  /** The provider itself has put the file at `destination`. */
  | { kind: "delivered"; sha256?: string; contentType?: string }
  /** It will never be there again. */
  | { kind: "gone"; detail: string }
  | { kind: "unavailable"; detail: string; retryAfterSeconds?: number };

/** How to come by the files that customers send; for connectors of channels that have any. In `media.ts`. */
export interface MediaSource<Settings = unknown, Secrets = unknown> {
  /** At most one request. Asked again where a link has died meanwhile. */
  locate(
    media: Media,
    account: Account<Settings, Secrets>,
    reach: { http: Http; destination: { bucket: string; key: string } },
  ): Promise<MediaPlace>;
}

/** How to learn what a customer is called, where messages do not tell. In `profile.ts`. */
export interface ProfileSource<Settings = unknown, Secrets = unknown> {
  /** `none`: the provider does not say, and will not. */
  profile(
    address: string,
    account: Account<Settings, Secrets>,
    http: Http,
  ): Promise<{ kind: "known"; name: string } | { kind: "none" } | { kind: "unavailable"; detail: string }>;
}

/** A message of ours whose end nobody has told yet. */
export interface OpenMessage {
  providerMessageId: string;
  /** The customer's address. */
  to: string;
  correlation: string;
}

/**
 * How to ask the provider for what its webhooks should have told. The answer is what `parse` would have made of them,
 * under the same subjects, so that what was told before is recognized. In `reconcile.ts`.
 */
export interface Reconciler<Settings = unknown, Secrets = unknown> {
  /** Set where the provider can be asked message by message; `open` is empty otherwise, since finding them has its price. */
  asksAboutOpen?: true;
  /** Least time between two requests, in ms, where the provider wants one. */
  pauseMs?: number;
  /**
   * @param asked `since` and `until` in ms since 1970; `open`: newest first; `others`: the connector's other accounts,
   *   for a provider that tells of several at once
   * @returns what was said first stands first; `isComplete` false: the provider cut the answer short, or refused; the same span is asked for again
   */
  missed(
    asked: {
      account: Account<Settings, Secrets>;
      others: readonly Pick<Account<Settings>, "name" | "settings">[];
      since: number;
      until: number;
      open: readonly OpenMessage[];
    },
    http: Http,
  ): Promise<{ parsed: Parsed[]; isComplete: boolean }>;
}

/** A customer's address as a caller wrote it, once it is read. */
export interface ReadAddress {
  /** As the connector's own webhooks name the customer. */
  address: string;
  /** The customer's phone number, `+` and digits, where the address is one. */
  number?: string;
  /** A form that comes with the customer's messages: nobody can be written to under it before. */
  isGiven?: true;
}

/** How callers name a customer on one account. In `address.ts`. */
export interface Addressing {
  channel: Channel;
  /** Pure; undefined for what is no address there. */
  readAddress(written: string): ReadAddress | undefined;
  /** How one looks, for whoever wrote it otherwise. */
  example: string;
}

/** A secret of an account: its name in the account's SSM document, and how to ask the owner for it. */
export interface SecretField {
  name: string;
  prompt: string;
  /** A list in the document, so that it can rotate: every entry is accepted. */
  rotates: boolean;
}

/** The whole connector, for configuration, infrastructure, planning and documentation. */
export interface Connector<Settings = unknown, Secrets = unknown> {
  name: string;
  channel: Channel;
  /**
   * Origins of the provider's API, and of where it keeps files, and the word in `RECADO_<WORD>_URL` that replaces all of
   * them in the local run.
   */
  vendor: { word: string; origin: string; otherOrigins?: readonly string[] };
  settings: z.ZodType<Settings>;
  secrets: readonly SecretField[];
  capabilities: Capabilities;
  receiver: Receiver<Settings, Secrets>;
  sender: Sender<Settings, Secrets>;
  /**
   * How the provider's news come in. `url`, where unset: it posts to the connector's function URL. `sns`: it publishes
   * to a topic of ours; `body` is then the notification as SNS wraps it, and the topic's policy says who may publish.
   */
  transport?: "url" | "sns";
  media?: MediaSource<Settings, Secrets>;
  profiles?: ProfileSource<Settings, Secrets>;
  reconciler?: Reconciler<Settings, Secrets>;
}

export type { Capabilities };
