/**
 * What follows from an entry in the log of a contact: what is shown of them, and that the other one of a merge hears of
 * it. Both may be repeated, also long after what came later.
 */
import { firstPlace, written } from "../../shared/domain/contact.ts";
import type { Entry } from "../../shared/domain/conversation-log.ts";
import type { Contacts, LogReader, Mailbox, Projections } from "../../shared/ports.ts";
import { joinPersons } from "./join-persons.ts";

interface Ports {
  table: LogReader & Projections & Contacts;
  mailbox: Mailbox;
}

/** Entries that are read at once. Hardly ever is more than one left to follow. */
const PAGE = 20;

export async function followContact(log: string, entry: Entry, ports: Ports): Promise<void> {
  await catchUp(log, entry.sequence, ports.table);
  await tellOther(log, entry, ports);
  await joinTurnedOut(log, entry, ports);
}

/** Entry by entry, from where it was left: so nothing is left out, and nothing older comes over what is newer. */
async function catchUp(log: string, upTo: number, table: LogReader & Projections): Promise<void> {
  for (let known = await table.written(log); known.changed < upTo; ) {
    for (const entry of await table.entries(log, known.changed, PAGE)) {
      const next = written(log, known, entry);
      if (!(await table.putWritten(log, known, next))) break;
      known = next;
    }
    known = await table.written(log);
  }
}

/** Merges and splits come into the log of the one that goes on, and stand in the other's too. */
async function tellOther(log: string, entry: Entry, { table, mailbox }: Ports): Promise<void> {
  const { type, key, token, at } = entry;
  const { into, from } = entry.data as { into?: string; from?: string };
  if (type !== "contact.merged" && type !== "contact.split") return;
  if (into !== log || from === undefined || from === log) return;
  const { account, channel } = firstPlace(await table.contact(from)) ?? entry;
  await mailbox.deliver([
    {
      log: from,
      key: `${key}.told`,
      token,
      type,
      account,
      channel,
      at: { received: at.recorded },
      data: { into, from },
    },
  ]);
}

/**
 * The channels may have told meanwhile that the contact, or the one that it is part of now, is another. Whoever recorded
 * that has joined the two by what was written until then; what came behind it does so here.
 */
async function joinTurnedOut(log: string, entry: Entry, ports: Ports): Promise<void> {
  const { into = log } = entry.data as { into?: string };
  for (const id of new Set([log, into])) {
    const { turnedOutAs } = (await ports.table.contact(id)) ?? {};
    if (turnedOutAs !== undefined) await joinPersons(id, turnedOutAs, entry, ports);
  }
}
