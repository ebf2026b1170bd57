/** Sending for somebody who is limited to some accounts: what belongs to another one is not there. */
import type { Contact } from "../ports.ts";
import { OwnLogs } from "./own-logs.ts";
import type { Ports } from "./prepare.ts";

/** @param accounts those that are left */
export function onAccounts<Whole extends Ports>(ports: Whole, accounts: readonly string[]): Whole {
  const own = new Set(accounts);
  const { table } = ports;
  const logs = new OwnLogs(table, own);
  return {
    ...ports,
    accounts: new Map([...ports.accounts].filter(([account]) => own.has(account))),
    table: {
      newest: (log: string) => logs.one(log, () => table.newest(log)),
      entry: (log: string, sequence: number) => logs.one(log, () => table.entry(log, sequence)),
      summary: (conversation: string) => logs.summary(conversation),
      contact: async (id: string) => contactOn(await table.contact(id, own), own),
      person: async (id: string) => contactOn(await table.person(id, own), own),
      // A no counts on every account, whichever heard it; what may be sent is judged by it, and nothing of it is shown.
      consentsOf: (id: string) => table.consentsOf(id),
      aliasOf: async (account: string, address: string) =>
        own.has(account) ? table.aliasOf(account, address) : undefined,
    },
  };
}

/** What a contact is on these accounts; nobody, where they never wrote to any of them. */
export function contactOn(contact: Contact | undefined, own: ReadonlySet<string>): Contact | undefined {
  if (!contact) return undefined;
  const conversations = contact.conversations.filter(({ account }) => own.has(account));
  if (conversations.length === 0) return undefined;
  // Whom they were merged with may be of other accounts alone.
  const { consents, absorbed: _, ...known } = contact;
  const channels = new Set(conversations.map(({ channel }) => channel));
  const heard = consents?.filter(({ channel }) => channels.has(channel)) ?? [];
  return { ...known, conversations, ...(heard.length > 0 && { consents: heard }) };
}
