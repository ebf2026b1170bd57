/**
 * What a key sees that is limited to some accounts. The ports themselves are narrowed before a resource gets them: what
 * belongs to another account is not there, and is answered exactly like what never was. So no resource can forget it.
 */
import type { Contact, Summary } from "../../shared/ports.ts";
import type { Ports } from "./route.ts";

/**
 * Below these paths everything is reached through a conversation, a contact or an account, or by the id of a file, which
 * nobody knows who was not shown it. Whatever else there is or will be, such as what tells of all accounts, is refused
 * to a limited key until it is named here.
 */
const BELOW = /^\/v1\/(conversations|contacts\/[^/]+$|accounts|media)(\/|$)/;
/** Of a list, so many reads for one page at most; it may be short then, or empty, and has a cursor all the same. */
const MOST_READS = 10;

export function isNarrowed(path: string): boolean {
  return BELOW.test(path);
}

/** @param accounts those that are left */
export function narrowed(ports: Ports, accounts: readonly string[]): Ports {
  const own = new Set(accounts);
  const { table } = ports;
  const ofOwn = <Known extends { account: string }>(known: Known | undefined) =>
    known && own.has(known.account) ? known : undefined;
  return {
    ...ports,
    accounts: new Map([...ports.accounts].filter(([account]) => own.has(account))),
    table: {
      newest: async (log) => ofOwn(await table.newest(log)),
      entry: async (log, sequence) => ofOwn(await table.entry(log, sequence)),
      entries: async (log, after, limit) =>
        (await table.entries(log, after, limit)).filter(({ account }) => own.has(account)),
      find: async (log, key) => ofOwn(await table.find(log, key)),
      summary: async (conversation) => ofOwn(await table.summary(conversation)),
      conversations: (page) => ownConversations(page, own, ports),
      contact: async (id) => partOf(await table.contact(id), own),
      answered: (key) => table.answered(key),
      answerOnce: (key, first) => table.answerOnce(key, first),
    },
  };
}

/** Reads on until the page is full or the list at its end. */
async function ownConversations(
  { limit, cursor }: { limit: number; cursor?: string },
  own: ReadonlySet<string>,
  { table }: Ports,
): Promise<{ summaries: Summary[]; nextCursor?: string }> {
  const summaries: Summary[] = [];
  let next = cursor;
  for (let reads = 0; reads < MOST_READS && summaries.length < limit; reads++) {
    const page = await table.conversations({
      limit: limit - summaries.length,
      ...(next !== undefined && { cursor: next }),
    });
    summaries.push(...page.summaries.filter(({ account }) => own.has(account)));
    next = page.nextCursor;
    if (next === undefined) return { summaries };
  }
  return { summaries, ...(next !== undefined && { nextCursor: next }) };
}

/** What a contact is on these accounts; nobody, where they never wrote to any of them. */
function partOf(contact: Contact | undefined, own: ReadonlySet<string>): Contact | undefined {
  if (!contact) return undefined;
  const conversations = contact.conversations.filter(({ account }) => own.has(account));
  if (conversations.length === 0) return undefined;
  const { consents, ...known } = contact;
  const channels = new Set(conversations.map(({ channel }) => channel));
  const heard = consents?.filter(({ channel }) => channels.has(channel)) ?? [];
  return { ...known, conversations, ...(heard.length > 0 && { consents: heard }) };
}
