/** Messages of ours whose end nobody has told, and those that the provider may know although it never said so. */
import type { OpenMessage } from "../../shared/channels/connector.ts";
import type { Content } from "../../shared/domain/content.ts";
import type { Entry } from "../../shared/domain/conversation-log.ts";
import { type Correlation, encodeCorrelation } from "../../shared/domain/ids.ts";
import { foldMessages, type MessageView } from "../../shared/domain/message-status.ts";
import type { Conversations, LogReader } from "../../shared/ports.ts";

/** Looked at in one run, of all accounts together, newest activity first. */
const MOST_CONVERSATIONS = 300;
const PAGE = 100;
/** Of a conversation, its newest. */
const MOST_ENTRIES = 60;
/** A list of conversations may lag behind their logs. */
const LATER_ENTRIES = 100;
const MOST_OPEN = 200;

/**
 * What the account has sent in conversations that were active since then and that is neither delivered nor failed for
 * sure, newest first. What nobody knows the provider's id of cannot be asked for.
 */
export async function findOpen(
  account: string,
  since: number,
  table: Pick<LogReader, "entries"> & Pick<Conversations, "conversations">,
): Promise<OpenMessage[]> {
  const open: (OpenMessage & { sentAt: number })[] = [];
  let cursor: string | undefined;
  for (let looked = 0; looked < MOST_CONVERSATIONS; looked += PAGE) {
    const page = await table.conversations({ limit: PAGE, ...(cursor !== undefined && { cursor }) });
    const active = page.summaries.filter(({ lastActivityAt }) => lastActivityAt >= since);
    for (const { conversation, address, sequence } of active.filter((one) => one.account === account)) {
      const after = Math.max(0, sequence - MOST_ENTRIES);
      const entries = await table.entries(conversation, after, MOST_ENTRIES + LATER_ENTRIES);
      for (const { part, sentAt, ours } of partsIn(conversation, entries)) {
        const { providerMessageId } = part;
        if (providerMessageId === undefined || !isOpen(part)) continue;
        open.push({ providerMessageId, to: address, correlation: encodeCorrelation(ours), sentAt });
      }
    }
    cursor = page.nextCursor;
    if (cursor === undefined || active.length < page.summaries.length) break;
  }
  const newestFirst = open.sort((one, other) => other.sentAt - one.sentAt).slice(0, MOST_OPEN);
  return newestFirst.map(({ sentAt: _, ...one }) => one);
}

/** A little slack between our clock and the provider's. */
const SLACK_MS = 60_000;

/**
 * The send of ours that a message is which the provider has under an id that we were never told: the answer was lost,
 * and so was the receipt. It says the same, and is not older than our wish to send it.
 */
export async function unnamedSend(
  conversation: string,
  { content, time }: { content: Content; time: number | undefined },
  table: Pick<LogReader, "newest" | "entries">,
): Promise<Correlation | undefined> {
  const newest = await table.newest(conversation);
  if (!newest) return undefined;
  const entries = await table.entries(conversation, Math.max(0, newest.sequence - MOST_ENTRIES), MOST_ENTRIES);
  const found = partsIn(conversation, entries).find(
    ({ part, sentAt, said }) =>
      part.providerMessageId === undefined &&
      isOpen(part) &&
      (time === undefined || time >= sentAt - SLACK_MS) &&
      isSame(said, content),
  );
  return found?.ours;
}

type Part = Pick<MessageView, "providerMessageId" | "failure"> & { status?: MessageView["status"] };

/** Our messages among the entries, part by part, with what each part says. */
function partsIn(conversation: string, entries: readonly Entry[]) {
  const bySequence = new Map(entries.map((entry) => [entry.sequence, entry]));
  return foldMessages(conversation, entries).flatMap((message) => {
    const entry = bySequence.get(message.sequence);
    // Of one that was erased nobody can say whether it is what the provider has.
    if (message.direction !== "outbound" || entry?.erased) return [];
    const { parts = [] } = (entry?.data ?? {}) as { parts?: Content[] };
    const all: readonly Part[] = message.parts ?? [message];
    return all.map((part, index) => ({
      part,
      sentAt: message.sentAt,
      said: parts[index] ?? message.content,
      ours: { conversation, message: message.id, part: index },
    }));
  });
}

function isOpen({ status, failure }: Part): boolean {
  if (status === "failed") return failure?.assumed === true;
  return status === "queued" || status === "uncertain" || status === "sent";
}

/** By its words; a provider shows buttons and lists as their text. */
function isSame(one: Content, other: Content): boolean {
  const [words, others] = [wordsOf(one), wordsOf(other)];
  return words === undefined && others === undefined ? one.type === other.type : words === others;
}

function wordsOf(content: Content): string | undefined {
  if ("text" in content && content.text !== undefined) return content.text;
  return "caption" in content ? content.caption : undefined;
}
