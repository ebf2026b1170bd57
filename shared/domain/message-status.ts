/**
 * A message's status is the fold of its receipts, never an overwrite: the same set of events gives the same status in
 * whatever order they came.
 *
 * A message that goes out in several parts has come as far as the part that is behind all others: `sent` when all are
 * sent, `delivered` when all are delivered. It is `failed` as soon as one part is, and `uncertain` while one part is;
 * what became of each stands beside it. Their number stands in the entry that queued the message.
 */
import type { Content } from "./content.ts";
import type { Entry } from "./conversation-log.ts";
import type { Author, Failure, Message, MessageReference } from "./event.ts";
import { fetchedFiles, type MediaFailure, withStored } from "./file-content.ts";

const RANKS = ["queued", "uncertain", "sent", "delivered", "read", "played"] as const;
type Ranked = (typeof RANKS)[number];
type MessageStatus = Ranked | "failed";

/** A message as a reader sees it. Times are ms since 1970. */
export interface MessageView extends Message {
  conversation: string;
  sequence: number;
  /** Outbound: when it is to go out, where that is not at once. */
  sendAt?: number;
  sentAt: number;
  receivedAt: number;
  /** Outbound only. */
  status?: MessageStatus;
  /** The first time of each status that was reached. */
  statusAt?: Partial<Record<MessageStatus, number>>;
  failure?: Failure;
  /** As told with the highest status that told any. */
  pricing?: Pricing;
  /** Outbound: the account by which it went out, where that is not the conversation's. */
  via?: string;
  /** Where the message goes out in several, in their order. */
  parts?: PartView[];
  /** Its file could not be kept. */
  mediaFailure?: MediaFailure;
  editedAt?: number;
  /** What it said stays in the log; a reader is told that it was taken back. */
  deletedAt?: number;
  /** The last one of each author. */
  reactions?: { emoji: string; author: Author }[];
}

/** One of several parts of a message. Times are ms since 1970. */
interface PartView {
  status: MessageStatus;
  statusAt: Partial<Record<MessageStatus, number>>;
  providerMessageId?: string;
  failure?: Failure;
  pricing?: Pricing;
}

/** What the provider says that it charges, in its own words. */
type Pricing = Record<string, unknown>;

interface Receipts {
  at: Partial<Record<MessageStatus, number>>;
  /** Whoever has sent it. */
  account?: string;
  failure?: Failure;
  pricing: Partial<Record<MessageStatus, Pricing>>;
}

/** One part of one message of ours. */
interface Ours {
  id: string;
  part: number;
}

/** The messages among `entries` (one log, in order), each with its status by all of `entries`. */
export function foldMessages(log: string, entries: readonly Entry[]): MessageView[] {
  const ours = providerIds(entries);
  const receipts = new Map<string, Receipts[]>();
  const watermarks: { status: "delivered" | "read"; upTo: number; at: number }[] = [];
  for (const entry of entries) {
    const status = statusOf(entry);
    if (!status) continue;
    const { watermark, failure, pricing, message: about } = entry.data as Partial<Word>;
    if (watermark !== undefined && (status === "delivered" || status === "read")) {
      watermarks.push({ status, upTo: watermark, at: momentOf(entry) });
      continue;
    }
    // An erased entry says nothing any more.
    const subject = subjectOf(about, ours);
    if (subject === undefined) continue;
    const parts = receipts.get(subject.id) ?? [];
    // Written once and not by part: the queueing is that of all.
    const known: Receipts = parts[subject.part] ?? { at: {}, pricing: {} };
    known.at[status] = Math.min(known.at[status] ?? Number.POSITIVE_INFINITY, momentOf(entry));
    if (status !== "queued") known.account = entry.account;
    if (failure && (!known.failure || known.failure.assumed)) known.failure = failure;
    if (pricing) known.pricing[status] = pricing;
    parts[subject.part] = known;
    receipts.set(subject.id, parts);
  }

  const isSent = (id: string) => SENT.has(fold(receipts.get(id)?.[0]?.at ?? {}, receipts.get(id)?.[0]?.failure));
  const words = laterWords(entries, ours, isSent);
  const files = fetchedFiles(entries);
  const theirs = new Map([...ours].map(([providerMessageId, { id, part }]) => [`${id}.${part}`, providerMessageId]));
  return entries.flatMap((entry) => {
    const message = messageIn(entry);
    if (!message) return [];
    const providerMessageId = message.providerMessageId ?? theirs.get(`${message.id}.0`);
    const file = files.get(message.id);
    const said: MessageView = {
      ...message,
      conversation: log,
      sequence: entry.sequence,
      ...timeIn(entry),
      sentAt: momentOf(entry),
      receivedAt: entry.at.received,
      ...(providerMessageId !== undefined && { providerMessageId }),
      ...words.get(message.id),
      ...(file && "mediaFailure" in file && file),
    };
    const view = file && "stored" in file ? { ...said, content: withStored(said.content, file.stored) } : said;
    if (message.direction === "inbound") return [view];
    const known = receipts.get(message.id) ?? [];
    const queuedAt = known[0]?.at.queued;
    const via = known.find((part) => part.account !== undefined && part.account !== entry.account)?.account;
    const parts = Array.from({ length: Math.max(partsIn(entry), known.length) }, (_, part): PartView => {
      const { at, failure, pricing }: Receipts = known[part] ?? { at: {}, pricing: {} };
      const statusAt = { ...(queuedAt !== undefined && { queued: queuedAt }), ...at };
      for (const { status, upTo, at: when } of watermarks) {
        if (at.sent !== undefined && at.sent <= upTo) statusAt[status] = Math.min(statusAt[status] ?? when, when);
      }
      const status = fold(statusAt, failure);
      const providerMessageId = theirs.get(`${message.id}.${part}`);
      const told = [...RANKS.toReversed(), "failed" as const].map((one) => pricing[one]);
      const price = told.find((one) => one !== undefined);
      const isTold = failure && (status === "failed" || !failure.assumed);
      return {
        status,
        statusAt,
        ...(providerMessageId !== undefined && { providerMessageId }),
        ...(isTold && { failure }),
        ...(price && { pricing: price }),
      };
    });
    return [{ ...view, ...wholeOf(parts), ...(via !== undefined && { via }) }];
  });
}

function timeIn({ data }: Entry): Pick<MessageView, "sendAt"> {
  const { sendAt } = data as { sendAt?: number };
  return sendAt === undefined ? {} : { sendAt };
}

/** The status of a message by those of its parts. */
function wholeOf(
  parts: readonly PartView[],
): Pick<MessageView, "status" | "statusAt" | "failure" | "pricing" | "parts"> {
  const [only] = parts;
  if (only && parts.length === 1) {
    const { status, statusAt, failure, pricing } = only;
    return { status, statusAt, ...(failure && { failure }), ...(pricing && { pricing }) };
  }
  const all = parts.map(({ status }) => status);
  const last = RANKS.find((rank) => all.includes(rank)) ?? "queued";
  const status = (["failed", "uncertain"] as const).find((one) => all.includes(one)) ?? last;
  const at = (one: MessageStatus) => parts.flatMap(({ statusAt }) => statusAt[one] ?? []);
  const statusAt: NonNullable<MessageView["statusAt"]> = {};
  for (const [rank, one] of RANKS.entries()) {
    // Nobody tells a part that was read that it was delivered, too.
    const reached = parts.map((part) => firstOf(RANKS.slice(rank).map((later) => part.statusAt[later])));
    const isReached = at(one).length > 0 && !reached.includes(undefined);
    if (isReached) statusAt[one] = Math.max(...reached.flatMap((time) => time ?? []));
  }
  for (const one of ["uncertain", "failed"] as const) {
    const first = firstOf(at(one));
    if (first !== undefined) statusAt[one] = first;
  }
  const faulty = parts.findIndex(({ failure }) => failure !== undefined);
  const failure = parts[faulty]?.failure;
  const reason = `Part ${faulty + 1} of ${parts.length}: ${failure?.reason}`;
  return { status, statusAt, ...(failure && { failure: { ...failure, reason } }), parts: [...parts] };
}

function firstOf(times: readonly (number | undefined)[]): number | undefined {
  const known = times.filter((time) => time !== undefined);
  return known.length === 0 ? undefined : Math.min(...known);
}

/** How many parts the entry says that its message goes out in. */
function partsIn({ data }: Pick<Entry, "data">): number {
  const { parts } = data as { parts?: readonly unknown[] };
  return Math.max(parts?.length ?? 1, 1);
}

/** The part of ours that an entry is about, by our id or by the provider's. */
function subjectOf(about: MessageReference | undefined, ours: ReadonlyMap<string, Ours>): Ours | undefined {
  if (about?.id === undefined) return ours.get(about?.providerMessageId ?? "");
  return { id: about.id, part: about.part ?? 0 };
}

/** What an entry says about a message: a reference for a receipt, the whole message where it begins. */
interface Word {
  message: MessageReference;
  watermark?: number;
  failure?: Failure;
  pricing?: Pricing;
}

const SENT: ReadonlySet<MessageStatus> = new Set(["sent", "delivered", "read", "played"]);

/**
 * What was said about messages after them: the last edit by its time, a deletion, and each author's last reaction. A
 * reaction of ours is a message of its own, and counts once it `isSent`.
 */
function laterWords(entries: readonly Entry[], ours: ReadonlyMap<string, Ours>, isSent: (id: string) => boolean) {
  const words = new Map<string, Partial<Pick<MessageView, "content" | "editedAt" | "deletedAt" | "reactions">>>();
  for (const entry of entries) {
    const own = ownReaction(entry);
    const isLater = entry.type === "message.edited" || entry.type === "message.deleted";
    if (!isLater && entry.type !== "message.reacted" && !(own && isSent(own.id))) continue;
    const { message, content, emoji, author } = own ?? (entry.data as Partial<Later>);
    const id = subjectOf(message, ours)?.id;
    if (id === undefined || author === undefined) continue;
    const said = words.get(id) ?? {};
    const at = momentOf(entry);
    if (entry.type === "message.deleted") said.deletedAt ??= at;
    if (content !== undefined && at >= (said.editedAt ?? 0)) Object.assign(said, { content, editedAt: at });
    if (!isLater) {
      const others = (said.reactions ?? []).filter((one) => whoseReaction(one.author) !== whoseReaction(author));
      said.reactions = emoji === undefined ? others : [...others, { emoji, author }];
    }
    words.set(id, said);
  }
  return words;
}

/** The business has one on a message, whoever of it; in a group chat every customer has one. */
function whoseReaction({ type, participant = "" }: Author): string {
  return type === "contact" ? `contact ${participant}` : "business";
}

/** What a reaction that we send says about the message that it is on. */
function ownReaction(entry: Entry): (Partial<Later> & { id: string }) | undefined {
  const { id, content, replyTo, author } = entry.type === "message.queued" ? (messageIn(entry) ?? {}) : {};
  if (content?.type !== "reaction" || !id || !replyTo || !author) return undefined;
  return { id, message: replyTo, author, ...(content.emoji !== "" && { emoji: content.emoji }) };
}

interface Later {
  message: MessageReference;
  content?: Content;
  emoji?: string;
  author: Author;
}

/**
 * Provider's id → ours, wherever in the log the two are named together: receipts with the one alone may come before. A
 * provider that accepts messages under another id than it tells of them, as AWS does for Meta, gives two of one message;
 * the last here is the one of its own words, which are those that have a time of its own.
 */
function providerIds(entries: readonly Entry[]): Map<string, Ours> {
  const isTold = ({ at }: Entry) => at.provider !== undefined;
  const inRank = [...entries.filter((entry) => !isTold(entry)), ...entries.filter(isTold)];
  const pairs = inRank.flatMap(({ type, data }): [string, Ours][] => {
    const { id, part = 0, providerMessageId } = (type.startsWith("message.") && (data as Partial<Word>).message) || {};
    return id !== undefined && providerMessageId !== undefined ? [[providerMessageId, { id, part }]] : [];
  });
  // Of several messages that one of the provider's became, its receipts and quotes are about the first.
  const first = new Map<string, Ours>();
  for (const [providerMessageId, one] of pairs) if (!first.has(providerMessageId)) first.set(providerMessageId, one);
  return first;
}

/**
 * Highest rank wins. A provider's failure is final unless the message was delivered or better; a failure that we
 * assumed gives way to any receipt.
 */
function fold(at: Partial<Record<MessageStatus, number>>, failure: Failure | undefined): MessageStatus {
  const best = RANKS.findLast((status) => at[status] !== undefined) ?? "queued";
  if (!failure) return best;
  const enough: Ranked = failure.assumed ? "sent" : "delivered";
  return RANKS.indexOf(best) >= RANKS.indexOf(enough) ? best : "failed";
}

/** The whole message that an entry brings, if it brings one. */
export function messageIn(entry: Pick<Entry, "type" | "data">): Message | undefined {
  if (entry.type !== "message.received" && entry.type !== "message.queued" && entry.type !== "message.sent") return;
  const { message } = entry.data as { message?: Partial<Message> };
  return message?.content ? (message as Message) : undefined;
}

function statusOf({ type }: Pick<Entry, "type">): MessageStatus | undefined {
  const word = type.startsWith("message.") ? type.slice("message.".length) : "";
  return word === "failed" ? "failed" : RANKS.find((status) => status === word);
}

function momentOf({ at }: Pick<Entry, "at">): number {
  return at.provider ?? at.received;
}
