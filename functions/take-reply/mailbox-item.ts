/** What everything that is put into the mailbox for a desk has in common. */
import type { Located } from "./ports.ts";

/** Where the conversation is, and with whom. */
export function placeOf({ summary, newest }: Pick<Located, "summary" | "newest">) {
  const { conversation, account, channel, address, contact } = summary;
  return { conversation, account, channel, address, contact: newest.after.contact ?? contact };
}
