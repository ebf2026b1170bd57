/**
 * A contact turned out to be another, to whom its conversation goes. Whom the business had merged it with is one person
 * with that other from now on: else what they have stopped would not hold for the conversation any more. So is a contact
 * whom the business had named, or noted something of: else that would be seen nowhere.
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
  if (!isPart && !before.absorbed && !before.isNamed && !before.attributes) return;
  const person = isPart ? await table.person(former) : now;
  const from = isPart ? now.id : former;
  if (!person || person.id === from) return;
  const { account, channel } = firstPlace(person) ?? entry;
  const told = { log: person.id, token: entry.token, account, channel, at: { received: entry.at.recorded } };
  // What the channel calls a person comes before the name of a part. First of the two: once the merge is recorded,
  // nothing of this is done again.
  if (!isPart && before.isNamed && !person.isNamed) {
    const data = { change: "profile", by: "system", name: before.name };
    await mailbox.deliver([{ ...told, key: `${entry.key}.named`, type: "contact.updated", data }]);
  }
  const data = { into: person.id, from };
  // One entry may tell it of several.
  await mailbox.deliver([{ ...told, key: `${entry.key}.joined.${former}`, type: "contact.merged", data }]);
}
