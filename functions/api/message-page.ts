/**
 * One page of a conversation's messages, each with the status that the whole log gives it, although receipts lie
 * behind the page and a log may be long:
 *
 * - The log is read up to 1,000 entries beyond the page. Where it ends within them, as nearly all do, that is all.
 * - Else what may still lie further on is asked for one by one. A receipt's key is made of the provider's id of the
 *   message, so a look-up finds it wherever it is; so it finds what became of a customer's file. A watermark's first
 *   entry is found by bisection, because the state after each entry carries the highest watermark so far.
 * - Only a message that has no provider's id yet, and no final failure, gives nothing to look up: for its sake the log
 *   is read on until the id turns up, at most to the end. Such a message has not gone out for 1,000 entries, because it
 *   waits for its `sendAt` or for quiet hours to end, or nobody has confirmed that it did.
 */
import type { MessageFilter } from "../../shared/domain/api-shapes.ts";
import type { Entry } from "../../shared/domain/conversation-log.ts";
import { fileToFetch } from "../../shared/domain/customer-file.ts";
import type { Message, MessageReference } from "../../shared/domain/event.ts";
import { eventKey } from "../../shared/domain/ids.ts";
import { foldMessages, type MessageView, messageIn } from "../../shared/domain/message-status.ts";
import type { Head, LogReader } from "../../shared/ports.ts";

/** So many entries beyond the page are always read. */
const READ_AHEAD = 1_000;
/** A stretch with hardly a message in it ends the page after so many entries, before it is full. */
const MOST_SCANNED = 5_000;
const CHUNK = 500;

/** In a reply, a message is looked for among so many of the newest entries, in steps. */
const LOOK_BACK = [200, 1_000, 5_000] as const;

interface Source {
  log: LogReader;
  conversation: string;
  newest: Head;
  idSecret: string;
}

/**
 * @param after sequence behind which the page begins
 * @param filter a page that is filtered by status may be short, since that is known last
 * @returns `next`: what to pass as `after` for the next page; undefined on the last
 */
export async function readMessages(
  source: Source,
  { after, limit, filter = {} }: { after: number; limit: number; filter?: MessageFilter },
): Promise<{ messages: MessageView[]; next: number | undefined }> {
  const { log, conversation, newest } = source;
  const isCandidate = (entry: Entry) => isSuch(messageIn(entry), filter);
  const entries: Entry[] = [];
  let position = after;
  let full: number | undefined;
  while (position < newest.sequence && position < (full === undefined ? after + MOST_SCANNED : full + READ_AHEAD)) {
    const chunk = await log.entries(conversation, position, CHUNK);
    if (chunk.length === 0) break;
    entries.push(...chunk);
    position = chunk.at(-1)?.sequence ?? position;
    full ??= entries.filter(isCandidate)[limit - 1]?.sequence;
  }
  const isWhole = position >= newest.sequence;
  const end = full ?? position;
  const isOfPage = ({ sequence }: { sequence: number }) => sequence <= end;
  const isWanted = (message: MessageView) => isOfPage(message) && isSuch(message, filter);
  const evidence = isWhole ? entries : await withLaterReceipts(source, entries, { isOfPage, isWanted });
  const messages = foldMessages(conversation, evidence).filter(isWanted);
  return {
    messages: messages.filter(({ status }) => filter.status === undefined || filter.status === status),
    next: isWhole && !entries.some((entry) => !isOfPage(entry) && isCandidate(entry)) ? undefined : end,
  };
}

/** By what stays as it is; only messages of ours have a status. */
function isSuch(message: Message | undefined, { direction, status, type }: MessageFilter): boolean {
  if (!message) return false;
  const wanted = direction ?? message.direction;
  if (status !== undefined && message.direction === "inbound") return false;
  return wanted === message.direction && (type ?? message.content.type) === message.content.type;
}

/** The message with this id, or undefined when the newest 5,000 entries do not hold it. */
export async function findMessage({ log, conversation, newest }: Source, id: string): Promise<MessageView | undefined> {
  let entries: Entry[] = [];
  let from = newest.sequence;
  for (const depth of LOOK_BACK) {
    const start = Math.max(0, newest.sequence - depth);
    if (start < from) entries = [...(await log.entries(conversation, start, from - start)), ...entries];
    from = start;
    const found = foldMessages(conversation, entries).find((message) => message.id === id);
    if (found) return found;
  }
  return undefined;
}

async function withLaterReceipts(
  source: Source,
  read: readonly Entry[],
  {
    isOfPage,
    isWanted,
  }: { isOfPage: (one: { sequence: number }) => boolean; isWanted: (message: MessageView) => boolean },
): Promise<Entry[]> {
  const ours = (entries: readonly Entry[]) =>
    foldMessages(source.conversation, entries).filter(
      (message) => message.direction === "outbound" && isWanted(message),
    );
  const named = await readOn(source, read, ours);
  const receipts = await lookUpReceipts(source, named, ours(named));
  const files = await lookUpFiles(source, read.filter(isOfPage));
  const found = inOrder([...named, ...receipts, ...files]);
  return inOrder([...found, ...(await findWatermarks(source, ours(found)))]);
}

/** Reads on until every message has its provider's id or needs none; keeps only what is about these messages. */
async function readOn(
  source: Source,
  read: readonly Entry[],
  ours: (entries: readonly Entry[]) => MessageView[],
): Promise<Entry[]> {
  const kept = [...read];
  let position = read.at(-1)?.sequence ?? 0;
  let waiting = ours(kept).filter(isUnnamed);
  while (waiting.length > 0 && position < source.newest.sequence) {
    const chunk = await source.log.entries(source.conversation, position, CHUNK);
    if (chunk.length === 0) break;
    position = chunk.at(-1)?.sequence ?? position;
    const ids = new Set(waiting.map(({ id }) => id));
    kept.push(...chunk.filter((entry) => !messageIn(entry) && ids.has(referenceOf(entry)?.id ?? "")));
    waiting = ours(kept).filter(isUnnamed);
  }
  return kept;
}

/** Nothing can be looked up for it, and it is not at its end: a failure that we assumed gives way to any receipt. */
function isUnnamed(message: MessageView): boolean {
  const unnamed = partsOf(message).find(({ providerMessageId }) => providerMessageId === undefined);
  return unnamed !== undefined && (unnamed.status !== "failed" || unnamed.failure?.assumed === true);
}

/** What goes out in one is its own only part. The parts behind one that the provider refused are not sent. */
function partsOf(
  message: MessageView,
): readonly Pick<MessageView, "providerMessageId" | "status" | "statusAt" | "failure">[] {
  return message.parts ?? [message];
}

async function lookUpReceipts(
  { log, conversation, idSecret }: Source,
  entries: readonly Entry[],
  messages: readonly MessageView[],
): Promise<Entry[]> {
  const accounts = new Map(entries.map(({ sequence, account }) => [sequence, account]));
  const sent = messages.flatMap((message) => {
    // A provider's id is known under the account that it carried the message for.
    const account = message.via ?? accounts.get(message.sequence) ?? "";
    return partsOf(message).map((part) => ({ ...part, account }));
  });
  const keys = sent.flatMap(({ providerMessageId, statusAt, account }) => {
    const missing = (["sent", "delivered", "read", "played", "failed"] as const).filter(
      (status) => statusAt?.[status] === undefined,
    );
    return providerMessageId === undefined
      ? []
      : missing.map((status) => eventKey(idSecret, account, `${providerMessageId}#${status}`));
  });
  const found = await Promise.all(keys.map((key) => log.find(conversation, key)));
  return found.filter((entry) => entry !== undefined);
}

/** What became of the files of these messages. */
async function lookUpFiles({ log, conversation, idSecret }: Source, entries: readonly Entry[]): Promise<Entry[]> {
  const keys = entries.flatMap((entry) => {
    const file = fileToFetch(entry);
    return file ? [eventKey(idSecret, entry.account, `${file.message.id}#media`)] : [];
  });
  const found = await Promise.all(keys.map((key) => log.find(conversation, key)));
  return found.filter((entry) => entry !== undefined);
}

/** For each message that a watermark covers without its being read yet: the entry that first covered it. */
async function findWatermarks(source: Source, messages: readonly MessageView[]): Promise<Entry[]> {
  const seen = new Map<number, Entry | undefined>();
  const stateAt = async (sequence: number) => {
    if (!seen.has(sequence)) seen.set(sequence, await source.log.entry(source.conversation, sequence));
    return seen.get(sequence);
  };
  const found: Entry[] = [];
  for (const kind of ["delivered", "read"] as const) {
    const parts = messages.flatMap((message) =>
      partsOf(message).map((part) => ({ ...part, sequence: message.sequence, sentAt: message.sentAt })),
    );
    for (const { sequence, statusAt, providerMessageId, sentAt } of parts) {
      const sent = statusAt?.sent ?? (providerMessageId === undefined ? undefined : sentAt);
      if (sent === undefined || statusAt?.[kind] !== undefined || (source.newest.after[kind] ?? 0) < sent) continue;
      let [low, high] = [sequence, source.newest.sequence];
      while (low < high) {
        const middle = Math.floor((low + high) / 2);
        if (((await stateAt(middle))?.after[kind] ?? 0) >= sent) high = middle;
        else low = middle + 1;
      }
      const first = await stateAt(high);
      if (first) found.push(first);
    }
  }
  return found;
}

function referenceOf({ data }: Pick<Entry, "data">): MessageReference | undefined {
  return (data as { message?: MessageReference } | undefined)?.message;
}

function inOrder(entries: readonly Entry[]): Entry[] {
  const bySequence = new Map(entries.map((entry) => [entry.sequence, entry]));
  return [...bySequence.values()].sort((first, second) => first.sequence - second.sequence);
}
