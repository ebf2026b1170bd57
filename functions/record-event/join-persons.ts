/**
 * A contact turned out to be another, to whom its conversation goes. Whom the business had merged it with is one person
 * with that other from now on: else what they have stopped would not hold for the conversation any more.
 */
import { firstPlace } from "../../shared/domain/contact.ts";
import type { Entry } from "../../shared/domain/conversation-log.ts";
import type { Contacts, Mailbox } from "../../shared/ports.ts";

/** @param entry the one that told it */
export async function joinPersons(
  former: string,
  into: string,
  entry: Entry,
  { table, mailbox }: { table: Contacts; mailbox: Mailbox },
): Promise<void> {
  const [before, now] = await Promise.all([table.contact(former), table.person(into)]);
  if (!before || !now || now.absorbed?.includes(former)) return;
  const isPart = before.mergedInto !== into;
  if (!isPart && before.absorbed === undefined) return;
  const person = isPart ? await table.person(former) : now;
  if (!person) return;
  const { account, channel } = firstPlace(person) ?? entry;
  await mailbox.deliver([
    {
      log: person.id,
      key: `${entry.key}.joined`,
      token: entry.token,
      type: "contact.merged",
      account,
      channel,
      at: { received: entry.at.recorded },
      data: { into: person.id, from: isPart ? now.id : former },
    },
  ]);
}
