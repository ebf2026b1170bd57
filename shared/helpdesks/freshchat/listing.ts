/** The messages of a conversation, as far as they are of interest. */

import type { Failed } from "../ask.ts";
import { conversationPath } from "./addresses.ts";
import type { Reach } from "./api.ts";
import { request } from "./api.ts";
import { Message, Messages, timeIn } from "./payload.ts";

const PER_PAGE = 50;
const MOST_PAGES = 3;

/**
 * The newest, from a moment on (ms since 1970), oldest first. Freshchat lists the newest first, and from a time on where it
 * is asked to; whichever of the two an account does not do, what it gives is put in order here.
 */
export async function messagesFrom(
  conversation: string,
  from: number,
  reach: Reach,
): Promise<{ isOk: true; messages: Message[] } | Failed> {
  const found: Message[] = [];
  for (let page = 1; page <= MOST_PAGES; page++) {
    const query = new URLSearchParams({
      ...{ page: String(page), items_per_page: String(PER_PAGE) },
      ...(from > 0 && { from_time: new Date(from).toISOString() }),
    });
    const asked = await request(reach, { method: "GET", path: `${conversationPath(conversation)}/messages?${query}` });
    if (!asked.isOk) return asked;
    const read = Messages.safeParse(asked.json);
    if (!read.success)
      return { isOk: false, outcome: { kind: "unavailable", detail: "an answer that is no list of messages" } };
    const rows = read.data.messages ?? [];
    const messages = rows.flatMap((one) => Message.safeParse(one).data ?? []);
    found.push(...messages.filter((one) => timeOf(one) >= from));
    const [first, last] = [messages.at(0), messages.at(-1)];
    const isBehind = first && last && timeOf(last) < from && timeOf(last) <= timeOf(first);
    if (rows.length < PER_PAGE || isBehind) break;
  }
  // What has the same time stays in its order: the newest came first.
  const messages = found.toReversed().toSorted((one, other) => timeOf(one) - timeOf(other));
  return { isOk: true, messages };
}

/** Ms since 1970; what has no time is as if it were new. */
export function timeOf({ created_time: created }: Message): number {
  return timeIn(created) ?? Number.MAX_SAFE_INTEGER;
}
