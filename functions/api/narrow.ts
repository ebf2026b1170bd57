/**
 * What a key sees that is limited to some accounts. The ports themselves are narrowed before a resource gets them: what
 * belongs to another account is not there, and is answered exactly like what never was. So no resource can forget it.
 */
import { readActivity } from "../../shared/domain/activity.ts";
import type { Batch } from "../../shared/domain/batch.ts";
import type { Batches, Contact, ContactList } from "../../shared/ports.ts";
import { contactOn } from "../../shared/sending/on-accounts.ts";
import { OwnLogs } from "../../shared/sending/own-logs.ts";
import type { Ports } from "./route.ts";
import { wantedConversations } from "./wanted-conversations.ts";

/**
 * Below these paths everything is reached through a conversation, a contact or an account, or by the id of a file, which
 * nobody knows who was not shown it. Whatever else there is or will be, such as what tells of all accounts, is refused
 * to a limited key until it is named here. A contact is of all accounts: a limited key changes none.
 */
const BELOW = /^\/v1\/(conversations|messages|batches|contacts(\/[^/]+)?$|accounts|media|events$)(\/|$)/;

export function isNarrowed({ method, path }: { method: string; path: string }): boolean {
  return BELOW.test(path) && (method === "GET" || !path.startsWith("/v1/contacts"));
}

/** @param accounts those that are left */
export function narrowed(ports: Ports, { id: key, accounts }: { id: string; accounts: readonly string[] }): Ports {
  const own = new Set(accounts);
  const { table } = ports;
  const logs = new OwnLogs(table, own);
  return {
    ...ports,
    accounts: new Map([...ports.accounts].filter(([account]) => own.has(account))),
    table: {
      newest: (log) => logs.one(log, () => table.newest(log)),
      entry: (log, sequence) => logs.one(log, () => table.entry(log, sequence)),
      entries: (log, after, limit) => logs.all(log, () => table.entries(log, after, limit)),
      find: (log, key) => logs.one(log, () => table.find(log, key)),
      summary: (conversation) => logs.summary(conversation),
      conversations: (page) => wantedConversations(table, page, (summary) => logs.has(summary)),
      activityShards: table.activityShards,
      activity: async (shard, page) => {
        const { keys, ...rest } = await table.activity(shard, page);
        return { keys: keys.filter((key) => !readActivity(key).log.startsWith("con_")), ...rest };
      },
      contact: async (id) => contactOn(await table.contact(id, own), own),
      person: async (id) => contactOn(await table.person(id, own), own),
      // A no counts on every account, whichever heard it; what may be sent is judged by it, and nothing of it is shown.
      consentsOf: (id) => table.consentsOf(id),
      contacts: (page) => ownContacts(table, page, own),
      answered: (key) => table.answered(key),
      answerOnce: (key, first) => table.answerOnce(key, first),
      aliasOf: async (account, address) => (own.has(account) ? table.aliasOf(account, address) : undefined),
      noteMessage: (message, place, until) => table.noteMessage(message, place, until),
      messagePlace: async (message) => {
        const place = await table.messagePlace(message);
        return place && own.has(place.account) ? place : undefined;
      },
      written: (contact) => table.written(contact),
      noteAsked: (contact, asked) => table.noteAsked(contact, asked),
      lastAsked: (contact) => table.lastAsked(contact),
      cancelClaim: (message, part, cancellation) => table.cancelClaim(message, part, cancellation),
    },
    batches: ofKey(ports.batches, key),
  };
}

/** A batch goes through many accounts, whatever becomes of the key's: seen are those that were made with the same key. */
function ofKey(batches: Batches, key: string): Batches {
  const ofOwn = (batch: Batch | undefined) => (batch?.key === key ? batch : undefined);
  return {
    batch: async (id) => ofOwn(await batches.batch(id)),
    batches: async (page) => {
      const { batches: all, ...rest } = await batches.batches(page);
      return { batches: all.filter(ofOwn), ...rest };
    },
    beginBatch: (batch) => batches.beginBatch(batch),
    cancelBatch: (id, now) => batches.cancelBatch(id, now),
    putBatchResults: (batch, from, results) => batches.putBatchResults(batch, from, results),
    moveBatch: (id, from, counts) => batches.moveBatch(id, from, counts),
    stopBatch: (id, from, to) => batches.stopBatch(id, from, to),
    batchResults: (id, from, limit) => batches.batchResults(id, from, limit),
  };
}

/** For one page so many reads at most; it may be short then, or empty, and has a cursor all the same. */
const MOST_READS = 10;

async function ownContacts(
  table: ContactList,
  { beginning, limit, cursor }: Parameters<ContactList["contacts"]>[0],
  own: ReadonlySet<string>,
): ReturnType<ContactList["contacts"]> {
  const found: Contact[] = [];
  let next = cursor;
  for (let reads = 0; reads < MOST_READS && found.length < limit; reads++) {
    const wanted = {
      beginning,
      accounts: own,
      limit: limit - found.length,
      ...(next !== undefined && { cursor: next }),
    };
    const { contacts, nextCursor } = await table.contacts(wanted);
    found.push(...contacts.flatMap((contact) => contactOn(contact, own) ?? []));
    next = nextCursor;
    if (next === undefined) return { contacts: found };
  }
  return { contacts: found, ...(next !== undefined && { nextCursor: next }) };
}
