import type { Conversations, Summary } from "../../shared/ports.ts";

/** For one page so many reads at most; it may be short then, or empty, and has a cursor all the same. */
const MOST_READS = 10;

/** Of the list of conversations those that are wanted: reads on until the page is full or the list at its end. */
export async function wantedConversations(
  table: Pick<Conversations, "conversations">,
  { limit, cursor }: { limit: number; cursor?: string },
  isWanted: (summary: Summary) => boolean,
): Promise<{ summaries: Summary[]; nextCursor?: string }> {
  const summaries: Summary[] = [];
  let next = cursor;
  for (let reads = 0; reads < MOST_READS && summaries.length < limit; reads++) {
    const page = await table.conversations({
      limit: limit - summaries.length,
      ...(next !== undefined && { cursor: next }),
    });
    summaries.push(...page.summaries.filter(isWanted));
    next = page.nextCursor;
    if (next === undefined) return { summaries };
  }
  return { summaries, ...(next !== undefined && { nextCursor: next }) };
}
