/**
 * A developer's endpoint that receives events: what it wants, when it is tried again, how far it has come in a log.
 * Times are ms since 1970.
 */
import { wordsOf } from "./content-words.ts";
import type { Entry } from "./conversation-log.ts";
import type { Channel } from "./event.ts";
import { messageIn } from "./message-status.ts";

/** What a subscription wants; a field that is left out wants everything. */
export interface Filter {
  /** Event types, or with `.*` at the end a family of them. */
  types?: string[] | undefined;
  channels?: Channel[] | undefined;
  /** Those of conversations, whoever carried what stands in their logs. */
  accounts?: string[] | undefined;
  /** A word in what a message says. */
  match?: string | undefined;
}

/** What a secret is made from (webhook-secret.ts); the secret itself is kept nowhere. */
export interface SecretSeed {
  salt: string;
  createdAt: number;
  expiresAt?: number | undefined;
}

export interface Subscription {
  id: string;
  /** One more with every change. */
  version: number;
  url: string;
  description?: string | undefined;
  /** Oldest first: what was recorded from `from` on is judged by that one. Nothing is delivered from before the first. */
  filters: { from: number; filter: Filter }[];
  secrets: SecretSeed[];
  createdAt: number;
  /** When it was last switched on. */
  enabledAt: number;
  disabled?: { at: number; reason: "asked" | "gone" | "failing" } | undefined;
}

/** How the endpoint as a whole is doing, as those who deliver to it found it. */
export interface Health {
  /** Since when nothing was taken. */
  failingSince?: number | undefined;
  /** It takes its time: until then only a few requests at once go out. */
  slowUntil?: number | undefined;
  /** It asked to be left alone until then. */
  pausedUntil?: number | undefined;
}

/** How far a subscription has come in one log. */
export interface Delivery {
  /** One more with every change; 0: not written yet. */
  version: number;
  /** All up to this entry was delivered, given up or not wanted. */
  position: number;
  /** What is delivered again before the log goes on, in this order. */
  replays: Replay[];
  /** Of the replay that was taken up last: the request for it may come twice. */
  lastReplay?: string | undefined;
  /** About the entry that is to go out next. */
  failing?: Failing | undefined;
  /** Nothing goes out before. */
  dueAt?: number | undefined;
}

interface Replay {
  id: string;
  /** The entry that is next, and the last one. */
  next: number;
  until: number;
}

export interface Failing {
  since: number;
  /** By the schedule. */
  tries: number;
  last: number;
  /** When the schedule wants the next one. */
  plannedAt: number;
}

/** What went wrong with a request, where no status came back, or one that does not count. */
export const DELIVERY_ERRORS = [
  "status",
  "redirect",
  "timeout",
  "forbidden_address",
  "name_not_found",
  "connection_refused",
  "connection_reset",
  "tls",
  "invalid_answer",
  "cut_short",
  "network",
] as const;
export type DeliveryError = (typeof DELIVERY_ERRORS)[number];

export interface Attempt {
  at: number;
  /** Id and type of the event. */
  event: string;
  type: string;
  log: string;
  sequence: number;
  outcome: "delivered" | "failed";
  status?: number | undefined;
  error?: DeliveryError | undefined;
  durationMs: number;
  /** The replay that it belongs to, or `test`. */
  reason?: string | undefined;
}

/** Something that takes minutes: it walks over logs and rings for them. */
export interface Job {
  id: string;
  kind: "resume" | "recovered" | "span" | "failed";
  startedAt: number;
  notBefore: number;
  since?: number | undefined;
  until?: number | undefined;
  /** The first is under way, at `cursor`. Empty: done, or cancelled. */
  steps: JobStep[];
  cursor?: string | undefined;
  /** So many logs were rung for, or of `failed` so many events. */
  reached?: number | undefined;
  endedAt?: number | undefined;
  isCancelled?: true | undefined;
  /** Those of its kind that were cancelled before it, the last ones: what is left of them may still wait in logs. */
  cancelled?: string[] | undefined;
}
/** `active`: conversations and contacts whose logs got entries; `again`: those that did during the walk. */
export type JobStep = "failed" | "waiting" | "active" | "again" | "accounts";

export interface KnownSubscription {
  subscription: Subscription;
  health: Health;
  jobs: Job[];
}

/** Whoever delivers may act on what was so long ago; a change holds from so much later on. */
export const KNOWN_FOR_MS = 1_500;
export const HOLDS_AFTER_MS = 2_000;

/** More could not be read with every change of one of them. */
export const MOST_SUBSCRIPTIONS = 100;
const MOST_FILTERS = 20;

/** Between two tries, in seconds; 75.6 hours in all. Standard Webhooks' own example. */
export const RETRY_SECONDS = [5, 300, 1_800, 7_200, 18_000, 36_000, 50_400, 72_000, 86_400] as const;
/** Each is up to so much longer, so that what failed together does not come back together. */
const JITTER = 0.2;
/** Nobody may ask to be left alone for longer. */
const LONGEST_RETRY_AFTER_MS = 86_400_000;

/** An entry, and what of its log a filter goes by. */
export interface Candidate {
  entry: Entry;
  /** Of a conversation: its own, also where another one stood in to carry what the entry is about. */
  account: string;
}

/**
 * Whether the subscription wants this entry.
 * @param isReplayed then what it wants now counts, however old the entry is
 */
export function isWanted({ filters }: Subscription, candidate: Candidate, isReplayed = false): boolean {
  const { recorded } = candidate.entry.at;
  const inForce = isReplayed ? filters.at(-1) : filters.findLast(({ from }) => from <= recorded);
  return inForce !== undefined && matches(inForce.filter, candidate);
}

/** Whether it matters to the subscription whose log an entry is in. */
export function namesAccounts({ filters }: Subscription): boolean {
  return filters.some(({ filter }) => filter.accounts !== undefined);
}

function matches({ types, channels, accounts, match }: Filter, { entry, account }: Candidate): boolean {
  if (types && !types.some((type) => isOfType(type, entry.type))) return false;
  if (channels && !channels.includes(entry.channel)) return false;
  if (accounts && !accounts.includes(account)) return false;
  return match === undefined || hasWord(saidIn(entry), match);
}

/** @param wanted a type, or with `.*` at the end a family */
export function isOfType(wanted: string, type: string): boolean {
  return wanted === type || (wanted.endsWith(".*") && type.startsWith(wanted.slice(0, -1)));
}

function saidIn(entry: Entry): string {
  const { content = messageIn(entry)?.content } = (entry.data ?? {}) as { content?: Parameters<typeof wordsOf>[0] };
  return content ? wordsOf(content) : "";
}

/** Whole words: what stands before and behind it is neither letter nor digit. */
function hasWord(text: string, word: string): boolean {
  const [said, wanted] = [text.toLowerCase(), word.trim().toLowerCase()];
  const isPart = (character: string | undefined) => character !== undefined && /[\p{L}\p{N}\p{M}]/u.test(character);
  for (let at = said.indexOf(wanted); at !== -1; at = said.indexOf(wanted, at + 1)) {
    const before = [...said.slice(Math.max(at - 2, 0), at)].at(-1);
    const [behind] = said.slice(at + wanted.length, at + wanted.length + 2);
    if (!isPart(before) && !isPart(behind)) return true;
  }
  return false;
}

/** The filters when from `from` on another one holds. */
export function withFilter(filters: Subscription["filters"], filter: Filter, from: number): Subscription["filters"] {
  const all = [...filters, { from, filter }];
  const [first] = all;
  // What the oldest judged is judged by the next one then; nothing that waits is forgotten.
  return all.slice(-MOST_FILTERS).map((one, index) => (index === 0 && first ? { ...one, from: first.from } : one));
}

/**
 * The next try of an entry that has just failed.
 * @param random from 0 to 1
 * @returns `dueAt` undefined: the schedule is over
 */
export function afterFailure(
  failing: Failing | undefined,
  { now, random, retryAfterMs = 0 }: { now: number; random: number; retryAfterMs?: number | undefined },
): { failing: Failing; dueAt: number | undefined } {
  const asked = now + Math.min(retryAfterMs, LONGEST_RETRY_AFTER_MS);
  // Tried out of turn: the schedule stays as it was.
  if (failing && now < failing.plannedAt)
    return { failing: { ...failing, last: now }, dueAt: Math.max(failing.plannedAt, asked) };
  const tries = (failing?.tries ?? 0) + 1;
  const seconds = RETRY_SECONDS[tries - 1];
  const plannedAt = seconds === undefined ? now : now + Math.round(seconds * 1000 * (1 + JITTER * random));
  return {
    failing: { since: failing?.since ?? now, tries, last: now, plannedAt },
    dueAt: seconds === undefined ? undefined : Math.max(plannedAt, asked),
  };
}
