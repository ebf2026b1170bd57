/**
 * What a conversation of Front's is threaded by: `conv_…`, behind a dot the number of the ticket where one follows
 * another, and behind a tilde by whom it is known. Agents merge conversations, and Front then tells the threads of all of
 * them with a reply, but one recipient.
 */
import { createHash } from "node:crypto";

const THREAD = /^(conv_[A-Za-z0-9_-]{22})(?:\.(\d+))?(?:~([0-9a-f]{8}))?$/;

export interface Thread {
  name: string;
  conversation: string;
}

/** @param handle of the customer at Front @param before the thread of the ticket that it follows */
export function threadFor(conversation: string, handle: string, before?: string): string {
  const number = before === undefined ? "" : `.${Number(THREAD.exec(before)?.[2] ?? 0) + 1}`;
  return `${conversation}${number}~${markOf(handle)}`;
}

/**
 * The thread that a reply is for: the last one of the only conversation, or of the only one with whoever it goes to.
 * @param names in their order; what is not of our making is left out @param handles of whom it goes to
 */
export function threadAmong(names: readonly string[], handles: readonly string[]): Thread | "none" | "several" {
  const ours = names.flatMap((name) => {
    const [, conversation, , mark] = THREAD.exec(name) ?? [];
    return conversation === undefined ? [] : [{ name, conversation, mark }];
  });
  const marks = handles.map(markOf);
  const isOne = (threads: readonly Thread[]) => new Set(threads.map(({ conversation }) => conversation)).size === 1;
  const theirs = isOne(ours) ? ours : ours.filter(({ mark }) => mark !== undefined && marks.includes(mark));
  const last = theirs.at(-1);
  if (!last || !isOne(theirs)) return ours.length === 0 ? "none" : "several";
  return { name: last.name, conversation: last.conversation };
}

/** Whether what goes to these handles can be of the thread. Where either side is not told, it can. */
export function isFor(handles: readonly string[], thread = ""): boolean {
  const mark = THREAD.exec(thread)?.[3];
  return mark === undefined || handles.length === 0 || handles.map(markOf).includes(mark);
}

/** The same for a number however it is spelt. */
function markOf(handle: string): string {
  const plain = handle.toLowerCase().replace(/[^\p{L}\p{N}]/gu, "");
  return createHash("sha256").update(plain).digest("hex").slice(0, 8);
}
