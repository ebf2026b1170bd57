/**
 * The seam of a connector: code that speaks one provider of a channel. A folder of this name holds
 * `index` · `settings` · `capabilities` · `verify` · `payload` · `parse` · `render` · `send` · `README.md`.
 * Receiving and sending are separate halves, because each is bundled alone: nothing that the receiver imports at run
 * time may need more than `zod/mini` and `node:crypto`.
 */
import type * as z from "zod";
import type { Capabilities } from "../domain/capabilities.ts";
import type { Content } from "../domain/content.ts";
import type { Author, Channel, Failure, ReplyTo } from "../domain/event.ts";
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
  /** One request, no retries. Never throws for what the provider answers. */
  send(request: ProviderRequest, account: Account<Settings, Secrets>, http: Http): Promise<SendOutcome>;
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
  /** Origins of the provider's API and the word in `RECADO_<WORD>_URL` that replaces them in the local run. */
  vendor: { word: string; origin: string; otherOrigins?: readonly string[] };
  settings: z.ZodType<Settings>;
  secrets: readonly SecretField[];
  capabilities: Capabilities;
  receiver: Receiver<Settings, Secrets>;
  sender: Sender<Settings, Secrets>;
}

export type { Capabilities };
