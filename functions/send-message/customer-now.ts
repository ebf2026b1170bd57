/** What the customer of a conversation has said, as of now: when they last wrote, and what they want to hear nothing about. */
import { optedOutOf } from "../../shared/domain/consent.ts";
import type { Question } from "../../shared/domain/plan.ts";
import type { Contacts, Head, LogReader } from "../../shared/ports.ts";

/** A conversation moves once, perhaps twice. */
const MOST_MOVES = 4;

/** @param newest of the log with the message; a conversation that moved on knows more where it went */
export async function customerNow(
  newest: Head,
  table: LogReader & Contacts,
): Promise<Pick<Question, "lastInboundAt" | "optedOut">> {
  let { after } = newest;
  for (let moves = 0; after.moved !== undefined && moves < MOST_MOVES; moves++) {
    const there = await table.newest(after.moved);
    if (!there) break;
    after = there.after;
  }
  const contact = after.contact === undefined ? undefined : await table.person(after.contact);
  return { lastInboundAt: after.inbound, optedOut: optedOutOf(after, newest.channel, contact?.consents) };
}
