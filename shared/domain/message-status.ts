/**
 * A message's status is the fold of its receipts, never an overwrite: the same set of events gives the same status in
 * whatever order they came.
 */
import type { Entry } from "./conversation-log.ts";
import type { Content } from "./content.ts";
import type { Author, Failure, Message, MessageReference } from "./event.ts";

const RANKS = ["queued", "uncertain", "sent", "delivered", "read", "played"] as const;
type Ranked = (typeof RANKS)[number];
type MessageStatus = Ranked | "failed";

/** A message as a reader sees it. Times are ms since 1970. */
export interface MessageView extends Message {
  conversation: string;
  sequence: number;
  sentAt: number;
  receivedAt: number;
  /** Outbound only. */
  status?: MessageStatus;
  /** The first time of each status that was reached. */
  statusAt?: Partial<Record<MessageStatus, number>>;
  failure?: Failure;
  editedAt?: number;
  /** What it said stays in the log; a reader is told that it was taken back. */
  deletedAt?: number;
  /** The last one of each author. */
  reactions?: { emoji: string; author: Author }[];
}

interface Receipts {
  at: Partial<Record<MessageStatus, number>>;
  failure?: Failure;
}

/** The messages among `entries` (one log, in order), each with its status by all of `entries`. */
export function foldMessages(log: string, entries: readonly Entry[]): MessageView[] {
  const ours = providerIds(entries);
  const receipts = new Map<string, Receipts>();
  const watermarks: { status: "delivered" | "read"; upTo: number; at: number }[] = [];
  for (const entry of entries) {
    const status = statusOf(entry);
    if (!status) continue;
    const { watermark, failure, message: about } = entry.data as Partial<Word>;
    if (watermark !== undefined && (status === "delivered" || status === "read")) {
      watermarks.push({ status, upTo: watermark, at: momentOf(entry) });
      continue;
    }
    // An erased entry says nothing any more.
    const id = about?.id ?? ours.get(about?.providerMessageId ?? "");
    if (id === undefined) continue;
    const known: Receipts = receipts.get(id) ?? { at: {} };
    known.at[status] = Math.min(known.at[status] ?? Number.POSITIVE_INFINITY, momentOf(entry));
    if (failure && (!known.failure || known.failure.assumed)) known.failure = failure;
    receipts.set(id, known);
  }

  const words = laterWords(entries, ours);
  const theirs = new Map([...ours].map(([providerMessageId, id]) => [id, providerMessageId]));
  return entries.flatMap((entry) => {
    const message = messageIn(entry);
    if (!message) return [];
    const providerMessageId = message.providerMessageId ?? theirs.get(message.id);
    const view: MessageView = {
      ...message,
      conversation: log,
      sequence: entry.sequence,
      sentAt: momentOf(entry),
      receivedAt: entry.at.received,
      ...(providerMessageId !== undefined && { providerMessageId }),
      ...words.get(message.id),
    };
    if (message.direction === "inbound") return [view];
    const { at, failure } = receipts.get(message.id) ?? { at: {} };
    for (const { status, upTo, at: when } of watermarks) {
      if (at.sent !== undefined && at.sent <= upTo) at[status] = Math.min(at[status] ?? when, when);
    }
    const status = fold(at, failure);
    const isTold = failure && (status === "failed" || !failure.assumed);
    return [{ ...view, status, statusAt: at, ...(isTold && { failure }) }];
  });
}

/** What an entry says about a message: a reference for a receipt, the whole message where it begins. */
interface Word {
  message: MessageReference;
  watermark?: number;
  failure?: Failure;
}

/** What was said about messages after them: the last edit by its time, a deletion, and each author's last reaction. */
function laterWords(entries: readonly Entry[], ours: ReadonlyMap<string, string>) {
  const words = new Map<string, Partial<Pick<MessageView, "content" | "editedAt" | "deletedAt" | "reactions">>>();
  for (const entry of entries) {
    if (entry.type !== "message.edited" && entry.type !== "message.deleted" && entry.type !== "message.reacted")
      continue;
    const { message, content, emoji, author } = entry.data as Partial<Later>;
    const id = message?.id ?? ours.get(message?.providerMessageId ?? "");
    if (id === undefined || author === undefined) continue;
    const said = words.get(id) ?? {};
    const at = momentOf(entry);
    if (entry.type === "message.deleted") said.deletedAt ??= at;
    if (content !== undefined && at >= (said.editedAt ?? 0)) Object.assign(said, { content, editedAt: at });
    if (entry.type === "message.reacted") {
      const others = (said.reactions ?? []).filter((one) => one.author.type !== author.type);
      said.reactions = emoji === undefined ? others : [...others, { emoji, author }];
    }
    words.set(id, said);
  }
  return words;
}

interface Later {
  message: MessageReference;
  content?: Content;
  emoji?: string;
  author: Author;
}

/** Provider's id → ours, wherever in the log the two are named together: receipts with the one alone may come before. */
function providerIds(entries: readonly Entry[]): Map<string, string> {
  const pairs = entries.flatMap(({ type, data }): [string, string][] => {
    const { id, providerMessageId } = (type.startsWith("message.") && (data as Partial<Word>).message) || {};
    return id !== undefined && providerMessageId !== undefined ? [[providerMessageId, id]] : [];
  });
  return new Map(pairs);
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
