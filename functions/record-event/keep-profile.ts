/**
 * What an entry tells of the customer: who they are, where they are spoken to, and under which other addresses. Each step
 * derives from the entry and may be repeated.
 */
import type { Entry } from "../../shared/domain/conversation-log.ts";
import type { Alias } from "../../shared/domain/mailbox.ts";
import { spelledAlike } from "../../shared/domain/phone-number.ts";
import type { Contacts, Head, LogWriter, Mailbox, Projections } from "../../shared/ports.ts";
import { joinPersons } from "./join-persons.ts";

interface Ports {
  table: LogWriter & Projections & Contacts;
  mailbox: Mailbox;
}

/** @param entry one that brought a profile which the log did not know */
export async function keepProfile(log: string, entry: Entry, ports: Ports): Promise<void> {
  const { account, address, profile, token, key, channel, at } = entry;
  const { contact } = entry.after;
  if (address === undefined || contact === undefined) return;
  const { name } = profile ?? {};
  await ports.table.putContact({
    id: contact,
    account,
    address,
    ...(name !== undefined && { name }),
    conversation: log,
    channel,
  });
  await joinFormer(log, entry, ports);
  for (const alias of profile?.aliases ?? []) {
    const former = await superseded(alias, log, ports.table);
    const spelling = spelledAlike(channel, alias.address);
    if (!former && (await ports.table.aliasOf(account, spelling)) === log) continue;
    await ports.table.putAlias(account, spelling, log, former && alias.conversation);
    if (!former) continue;
    await joinSuperseded(alias, former, entry, ports);
    // The other spelling has a log of its own: it is told where the conversation goes on, and sends on what still comes.
    await ports.mailbox.deliver([
      {
        log: alias.conversation,
        key: `${key}.merged`,
        token,
        type: "contact.merged",
        account,
        channel,
        at: { received: at.recorded },
        data: { into: log },
      },
    ]);
  }
}

/** Where the log ends that an alias has opened under its own name, unless it has been told already. */
async function superseded(alias: Alias, log: string, table: LogWriter): Promise<Head | undefined> {
  const newest = alias.conversation === log ? undefined : await table.newest(alias.conversation);
  return newest?.after.moved === log ? undefined : newest;
}

/** The entry says who the customer is: whoever they were taken for until then was the same. */
async function joinFormer(log: string, entry: Entry, ports: Ports): Promise<void> {
  if (entry.contact === undefined || entry.sequence === 1) return;
  const before = await ports.table.entry(log, entry.sequence - 1);
  const former = before?.after.contact;
  if (former === undefined || former === entry.contact) return;
  await ports.table.mergeContact({ id: former, into: entry.contact, conversation: log });
  await joinPersons(former, entry.contact, entry, ports);
}

/** The customer of the other log is this one's. A person stays one, whose number is known from elsewhere. */
async function joinSuperseded(
  { address, conversation }: Alias,
  { after: { contact: former, byNumber } }: Head,
  entry: Entry,
  ports: Ports,
): Promise<void> {
  const { account, channel, after } = entry;
  const { contact } = after;
  if (former === undefined || former === contact || contact === undefined || byNumber) return;
  await ports.table.putContact({ id: contact, conversation, channel, account, address });
  await ports.table.mergeContact({ id: former, into: contact, conversation });
  await joinPersons(former, contact, entry, ports);
}
