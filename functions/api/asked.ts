/**
 * What a caller asks of a log is recorded a moment later. Until then what is known of the log is about to change, and
 * nothing may be answered as being so already. A conversation's log knows itself whether something is news. Of a contact
 * it is remembered which event was asked last; it is on its way as long as the contact's log does not hold it.
 */
import type { Channel, EventType } from "../../shared/domain/event.ts";
import { eventKey, newToken } from "../../shared/domain/ids.ts";
import type { MailboxItem } from "../../shared/domain/mailbox.ts";
import type { AskedEvent } from "../../shared/ports.ts";
import { isContactId } from "./contacts.ts";
import type { Ports } from "./route.ts";

/** An event that takes longer than this was parked, or AWS is down: then what is known has to do. */
const ON_ITS_WAY_MS = 15 * 60_000;

/** What is to be recorded. */
export interface Wanted {
  log: string;
  type: EventType;
  account: string;
  channel: Channel;
  /** In a conversation: the customer's. */
  address?: string;
  /** In a conversation: the contact's id. */
  contact?: { id: string };
  data: object;
}

/** Puts it into the mailbox, each as an event of its own: between two that are alike the customer may have spoken. */
export async function ask(wanted: readonly Wanted[], ports: Ports): Promise<void> {
  const { idSecret } = await ports.deployment();
  const items = wanted.map((one): MailboxItem => {
    const token = newToken(ports.random);
    const key = eventKey(idSecret, one.account, `${one.log}#${one.type}#${token}`);
    return { ...one, key, token, at: { received: ports.clock.now() } };
  });
  await ports.mailbox.deliver(items);
}

/** Puts it into the mailbox. The same as was asked of the contact last, and is still on its way, is one event. */
export async function askOfContact(wanted: Wanted, ports: Ports): Promise<void> {
  const { log, type, account, data } = wanted;
  const { idSecret } = await ports.deployment();
  const token = newToken(ports.random);
  const now = ports.clock.now();
  // Keyed, because it may be a name.
  const what = eventKey(idSecret, account, JSON.stringify([log, type, data]));
  const before = await onItsWay(log, ports);
  const key = before?.what === what ? before.key : eventKey(idSecret, account, `${log}#${type}#${token}`);
  await ports.table.noteAsked(log, { key, what, at: now });
  await ports.mailbox.deliver([{ ...wanted, key, token, at: { received: now } }]);
}

/**
 * Whether something that was asked of the contact before is not to be seen yet. To be asked before the contact is read:
 * what is read afterwards says all that had been asked.
 */
export async function isChanging(contact: string, ports: Ports): Promise<boolean> {
  return isContactId(contact) && (await onItsWay(contact, ports)) !== undefined;
}

async function onItsWay(contact: string, { table, clock }: Ports): Promise<AskedEvent | undefined> {
  const asked = await table.lastAsked(contact);
  if (!asked || asked.at <= clock.now() - ON_ITS_WAY_MS) return undefined;
  const entry = await table.find(contact, asked.key);
  if (!entry) return asked;
  // First the entry is written, then what is known of the contact.
  const { changed } = await table.written(contact);
  return changed < entry.sequence ? asked : undefined;
}
