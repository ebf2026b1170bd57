/**
 * A message's status is the fold of its receipts, never an overwrite: the same set of events gives the same status in
 * whatever order they came.
 */
import type { Entry } from "./conversation-log.ts";
import type { Failure, Message, MessageReference } from "./event.ts";

export const RANKS = ["queued", "uncertain", "sent", "delivered", "read", "played"] as const;
type Ranked = (typeof RANKS)[number];
export type MessageStatus = Ranked | "failed";

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
}

interface Receipts {
  at: Partial<Record<MessageStatus, number>>;
  failure?: Failure;
}

/** The messages among `entries` (one log, in order), each with its status by all of `entries`. */
export function foldMessages(log: string, entries: readonly Entry[]): MessageView[] {
  const views = new Map<string, MessageView>();
  const receipts = new Map<string, Receipts>();
  const byProviderId = new Map<string, string>();
  const watermarks: { status: "delivered" | "read"; upTo: number; at: number }[] = [];

  for (const entry of entries) {
    const whole = messageIn(entry);
    if (whole) {
      views.set(whole.id, view(log, entry, whole));
      if (whole.providerMessageId) byProviderId.set(whole.providerMessageId, whole.id);
    }
    const status = statusOf(entry);
    if (!status) continue;
    const { watermark, failure } = entry.data as { watermark?: number; failure?: Failure };
    if (watermark !== undefined && (status === "delivered" || status === "read")) {
      watermarks.push({ status, upTo: watermark, at: momentOf(entry) });
      continue;
    }
    const reference = (entry.data as { message: MessageReference }).message;
    const id = reference.id ?? byProviderId.get(reference.providerMessageId ?? "");
    if (!id) continue;
    if (reference.providerMessageId) byProviderId.set(reference.providerMessageId, id);
    const known: Receipts = receipts.get(id) ?? { at: {} };
    known.at[status] = Math.min(known.at[status] ?? Number.POSITIVE_INFINITY, momentOf(entry));
    if (failure && (!known.failure || known.failure.assumed)) known.failure = failure;
    receipts.set(id, known);
    const message = views.get(id);
    if (message && reference.providerMessageId) message.providerMessageId ??= reference.providerMessageId;
  }

  for (const message of views.values()) {
    if (message.direction === "inbound") continue;
    const { at, failure } = receipts.get(message.id) ?? { at: {} };
    const sentAt = at.sent ?? (message.providerMessageId ? message.sentAt : undefined);
    for (const { status, upTo, at: when } of watermarks) {
      if (sentAt !== undefined && sentAt <= upTo) at[status] = Math.min(at[status] ?? when, when);
    }
    message.status = fold(at, failure);
    message.statusAt = at;
    if (failure && (message.status === "failed" || !failure.assumed)) message.failure = failure;
  }
  return [...views.values()];
}

/**
 * Highest rank wins. A provider's failure is final unless the message was delivered or better; a failure that we
 * assumed gives way to any receipt.
 */
export function fold(at: Partial<Record<MessageStatus, number>>, failure: Failure | undefined): MessageStatus {
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

function view(conversation: string, entry: Entry, message: Message): MessageView {
  return { ...message, conversation, sequence: entry.sequence, sentAt: momentOf(entry), receivedAt: entry.at.received };
}
