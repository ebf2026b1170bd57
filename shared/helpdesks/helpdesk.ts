/**
 * The seam of a helpdesk: where agents work. A folder of this name holds
 * `index` · `settings` · `capabilities` · `verify` · `payload` · `parse` · `post` · `README.md`. The door (what the desk
 * tells us) and the way in (what we tell the desk) are separate halves, because each is bundled alone.
 */
import type * as z from "zod";
import type { Verdict, WebhookReply, WebhookRequest } from "../channels/connector.ts";
import type { DeskHappening } from "../domain/desk-happening.ts";
import type { Envelope } from "../domain/envelope.ts";
import type { Http } from "../ports.ts";

/** One helpdesk as its owner configured it, with the secrets it was deployed with. */
export interface Desk<Settings = unknown, Secrets = unknown> {
  name: string;
  settings: Settings;
  secrets: Secrets;
}

/** What a desk can do, as data. */
export interface DeskCapabilities {
  /** Whether a post that comes twice is one message there, by an id of ours. */
  dedupes: boolean;
  /** How the agent sees what became of a reply. */
  statusBack: "none" | "note" | "failed" | "full";
  /** Whether its webhooks come again when they were not taken. */
  retries: boolean;
  /** Whether its webhooks come in the order in which things happened. */
  isOrdered: boolean;
}

/**
 * What came of one post. `uncertain`: the desk may have it; posted again where it dedupes. `refused`: this one never
 * will be taken, whoever asks.
 */
export type PostOutcome =
  | { kind: "posted" }
  | { kind: "refused"; detail: string }
  | { kind: "throttled"; retryAfterSeconds: number; detail: string }
  | { kind: "unavailable" | "uncertain"; detail: string };

/** Not `ok`: it is authentic and cannot be read. `field`, where one is at fault: its path, with dots. */
export type DeskParse = { ok: true; happenings: DeskHappening[] } | { ok: false; reason: string; field?: string };

/** Everything here is pure. */
export interface DeskDoor<Settings = unknown, Secrets = unknown> {
  /** On the raw bytes, in constant time, with every accepted key. */
  verify(request: WebhookRequest, desk: Desk<Settings, Secrets>): Verdict;
  /** Total: what is genuine and of no interest is no happening. */
  parse(request: WebhookRequest, desk: Desk<Settings, Secrets>): DeskParse;
  /** What the desk wants to hear when all of it is durably queued. */
  reply(request: WebhookRequest): WebhookReply;
}

export interface DeskWay<Settings = unknown, Secrets = unknown> {
  /** One entry of a conversation, in at most one request. Never throws for what the desk answers. */
  post(envelope: Envelope, desk: Desk<Settings, Secrets>, reach: { http: Http; now: number }): Promise<PostOutcome>;
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
  /** The origins that the desk's API has by its settings: the local run replaces them by `RECADO_<DESK>_URL`. */
  origins(settings: Settings): readonly string[];
  capabilities: DeskCapabilities;
  door: DeskDoor<Settings, Secrets>;
  way: DeskWay<Settings, Secrets>;
}
