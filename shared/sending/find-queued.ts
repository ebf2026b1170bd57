/** Where a message stands now that was put into the mailbox some time ago. */
import type { Entry } from "../domain/conversation-log.ts";
import type { IdSecret } from "../domain/ids.ts";
import type { Head, LogReader, MessagePlace, Projections } from "../ports.ts";
import { queuedKey } from "./prepare.ts";

/** An address turned out to be an alias, and that one too: more is not to be expected. */
const MOST_MOVES = 4;

export interface Queued {
  conversation: string;
  /** Where its log ends. */
  newest: Head;
  /** The one that queued the message. */
  entry: Entry;
}

/** @returns undefined when it is not recorded yet */
export async function findQueued(
  message: string,
  place: MessagePlace,
  { table, idSecret }: { table: Pick<LogReader, "newest" | "find"> & Pick<Projections, "aliasOf">; idSecret: IdSecret },
): Promise<Queued | undefined> {
  const key = queuedKey(message, place.account, { idSecret });
  let conversation: string | undefined = place.conversation;
  for (let moves = 0; conversation !== undefined && moves < MOST_MOVES; moves++) {
    const entry = await table.find(conversation, key);
    // Afterwards: so the end of the log is not before the entry.
    const newest: Head | undefined = await table.newest(conversation);
    if (newest && entry) return { conversation, newest, entry };
    // A conversation that never began: the address had become another's before the message was recorded.
    conversation = newest ? newest.after.moved : await table.aliasOf(place.account, conversation);
  }
  return undefined;
}
