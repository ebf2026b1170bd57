/**
 * The seam of a helpdesk: where agents work. A folder of this name holds
 * `index` · `settings` · `capabilities` · `verify` · `payload` · `parse` · `post` · `README.md`, and `reconcile` where the
 * desk can be asked. The door (what the desk tells us), the way in (what we tell the desk) and what it is asked are
 * separate parts, because each is bundled alone.
 */
import type * as z from "zod";
import type { Verdict, WebhookReply, WebhookRequest } from "../channels/connector.ts";
import type { DeskFile, DeskHappening } from "../domain/desk-happening.ts";
import type { Envelope } from "../domain/envelope.ts";
import type { DeskConversation, DeskCustomer, Saying, StatusWord } from "../domain/telling.ts";
import type { Http } from "../ports.ts";

/** One helpdesk as its owner configured it, with the secrets it was deployed with. */
export interface Desk<Settings = unknown, Secrets = unknown> {
  name: string;
  settings: Settings;
  secrets: Secrets;
}

/** By what a desk is asked and told; a `Place` is one, too. */
export interface DeskReach<Settings = unknown, Secrets = unknown> {
  desk: Desk<Settings, Secrets>;
  http: Http;
}

/** What a desk can do, as data; docs/helpdesks.md is made of it. */
export interface DeskCapabilities {
  /** Whether a post that comes twice is one message there, by an id of ours. */
  dedupes: boolean;
  /** By what the desk finds the ticket of a conversation: an id of ours, or its own, which is kept. */
  threadKey: "ours" | "theirs";
  /** How the agent sees what became of a reply: a private note, a mark on a reply that failed, or every step. */
  statusBack: "none" | "note" | "failed" | "full";
  /** How the agent sees until when a free reply is possible: the desk blocks the composer, or is told by note in time. */
  window: "none" | "note" | "native";
  /** Whether its webhooks come again when they were not taken. */
  retries: boolean;
  /** Whether its webhooks come in the order in which things happened. */
  isOrdered: boolean;
  /** Whether the answer to its webhook is what the agent sees as the outcome. */
  answersAtOnce: boolean;
  /** Whether tickets have fields for what belongs beside the messages; where not, a note says it. */
  fields: boolean;
  /** Whether agents pick approved templates in the desk itself; everywhere they may write `/template <name> …`. */
  templates: boolean;
  /** What of a ticket is known on both sides: `tags` and `assignee` come from the desk, `closed` goes both ways. */
  state: { closed: boolean; assignee: boolean; tags: boolean };
  /** What it takes in one message; what is larger or more goes as a link in the text. */
  files: { most: number; largestBytes: number };
  longestText: number;
  /** Customers write in bursts: messages that come within so many seconds of the first are told as one. */
  joinSeconds?: number;
}

/**
 * What came of one post. `uncertain`: the desk may have it. `refused`: this one never will be taken, whoever asks.
 * `throttled`: the desk is left alone for so long, or with `scope` only the one ticket.
 */
export type PostOutcome =
  | { kind: "posted" }
  | { kind: "refused"; detail: string }
  | { kind: "throttled"; retryAfterSeconds: number; detail: string; scope?: "ticket" }
  | { kind: "unavailable" | "uncertain"; detail: string };

/** Not `ok`: it is authentic and cannot be read. `field`, where one is at fault: its path, with dots. */
export type DeskParse = { ok: true; happenings: DeskHappening[] } | { ok: false; reason: string; field?: string };

/** Everything here is pure. */
export interface DeskDoor<Settings = unknown, Secrets = unknown> {
  /** On the raw bytes, in constant time, with every accepted key. */
  verify(request: WebhookRequest, desk: Desk<Settings, Secrets>): Verdict;
  /** Total: what is genuine and of no interest is no happening. Our own writing, where it shows, is none. */
  parse(request: WebhookRequest, desk: Desk<Settings, Secrets>): DeskParse;
  /** What the desk wants to hear when all of it is durably queued. */
  reply(request: WebhookRequest, desk: Desk<Settings, Secrets>): WebhookReply;
}

/** A desk that is told the events themselves. */
export interface EventWay<Settings = unknown, Secrets = unknown> {
  /** One entry of a conversation, in at most one request. Never throws for what the desk answers. */
  post(envelope: Envelope, desk: Desk<Settings, Secrets>, reach: { http: Http; now: number }): Promise<PostOutcome>;
}

/** A conversation's ticket at a desk, as far as it is known. */
export interface Ticket {
  /** The desk's id; undefined as long as none is open. */
  id?: string | undefined;
  /** What else the desk's own code wants to know again: its id of the contact, for example. Short texts. */
  kept: Readonly<Record<string, string>>;
}

/** Where something is said, and by what means. */
export interface Place<Settings = unknown, Secrets = unknown> extends DeskReach<Settings, Secrets> {
  conversation: DeskConversation;
  ticket: Ticket;
  /** The ticket before, which takes nothing any more or should not; set only while `ticket.id` is undefined. */
  follows?: Ticket;
  /** An earlier try of the very same ended without a certain answer: look before writing again. */
  isRepeated: boolean;
  /** Keeps what was learnt of the ticket, before the next request; what is kept already stays unless it is given anew. */
  keep(learnt: { id?: string; kept?: Record<string, string> }): Promise<void>;
  /** Ms since 1970. */
  now: number;
  files: {
    /** The bytes; undefined where they are not there any more. */
    read(id: string): Promise<Uint8Array<ArrayBuffer> | undefined>;
    /** An address that the desk can fetch from within the hour, without credentials. */
    link(file: { id: string; fileName: string }): Promise<string>;
  };
}

/** What came of something that was told. `closed`: the ticket takes nothing any more, and another one is needed. */
export type TellOutcome =
  /** `ids`: what the desk calls the messages that it became, in order. */
  | { kind: "told"; ids: readonly string[] }
  | { kind: "closed"; detail: string }
  | Exclude<PostOutcome, { kind: "posted" }>;
export type NotTold = Exclude<TellOutcome, { kind: "told" }>;

/**
 * A desk of tickets. Nothing here throws for what the desk answers. What is absent, the desk cannot do.
 */
export interface TicketWay<Settings = unknown, Secrets = unknown> {
  /**
   * Says one thing, in as many requests as it takes. Where no ticket is open (`ticket.id`), it is a customer's message,
   * and the ticket is opened with it: contact, fields and all. A ticket that is solved is opened again by it, if the
   * desk does not do so by itself and it comes from the customer.
   */
  say(saying: Saying, place: Place<Settings, Secrets>): Promise<TellOutcome>;
  /** Where `statusBack` is `failed` or `full`. */
  status?(word: StatusWord, place: Place<Settings, Secrets>): Promise<TellOutcome>;
  /** Somebody opened or closed the conversation elsewhere. */
  state?(state: "open" | "closed", place: Place<Settings, Secrets>): Promise<TellOutcome>;
  /** The tags that it should have beside those that it has. */
  tag?(tags: readonly string[], place: Place<Settings, Secrets>): Promise<TellOutcome>;
  /** The customer's name was learnt, or changed. */
  customer?(customer: DeskCustomer, place: Place<Settings, Secrets>): Promise<TellOutcome>;
  /** `conversation.fields` have changed since the ticket was opened. */
  fields?(place: Place<Settings, Secrets>): Promise<TellOutcome>;
}

export type DeskWay<Settings = unknown, Secrets = unknown> = EventWay<Settings, Secrets> | TicketWay<Settings, Secrets>;

/** Asked in vain, for now. */
export type NotNow = Extract<PostOutcome, { kind: "throttled" }> | { kind: "unavailable"; detail: string };

/** How a desk is asked for what its webhooks did not tell, or told in the wrong order. In `reconcile.ts`. */
export interface DeskReconciler<Settings = unknown, Secrets = unknown> {
  /**
   * What agents did in a ticket, in the order in which they did it, under the ids that `parse` gives it.
   * @param asked `after`: the `upTo` of an earlier answer; `since`: nothing from before it (ms since 1970) counts
   * @returns `upTo`: what to ask from the next time; any text
   */
  heard(
    ticket: Ticket & { id: string },
    asked: { after?: string; since: number },
    reach: DeskReach<Settings, Secrets>,
  ): Promise<{ kind: "heard"; happenings: DeskHappening[]; upTo?: string } | NotNow>;
  /**
   * The tickets in which anything happened since (ms since 1970), in the desk's ids.
   * @returns `isCut`: there are more than could be read; the same time is asked about again, or where the oldest are
   *   listed first, that from `reached` on (ms since 1970)
   */
  changed?(
    asked: { since: number },
    reach: DeskReach<Settings, Secrets>,
  ): Promise<{ kind: "changed"; tickets: string[]; isCut?: true; reached?: number } | NotNow>;
  /** Where a file of an agent is fetched from, for a desk that does not hand it out under its address alone. */
  locate?(
    file: DeskFile,
    reach: DeskReach<Settings, Secrets>,
  ): Promise<
    | {
        kind: "found";
        url: string;
        /** Sent to these origins alone, never to where one of them redirects. */
        credentials?: { origins: readonly string[]; headers: Readonly<Record<string, string>> };
      }
    | { kind: "gone"; detail: string }
    | NotNow
  >;
}

/** A secret of a desk, like an account's. */
interface DeskSecret {
  name: string;
  prompt: string;
  rotates: boolean;
}

/** The whole helpdesk, for configuration, infrastructure and documentation. */
export interface Helpdesk<Settings = unknown, Secrets = unknown> {
  name: string;
  settings: z.ZodType<Settings>;
  secrets: readonly DeskSecret[];
  /**
   * The origins that the desk's API and files have by its settings: the local run replaces them by `RECADO_<DESK>_URL`.
   */
  origins(settings: Settings): readonly string[];
  capabilities: DeskCapabilities;
  door: DeskDoor<Settings, Secrets>;
  way: DeskWay<Settings, Secrets>;
  reconciler?: DeskReconciler<Settings, Secrets>;
}
