/** Where a recipient can be reached: conversations that there are, or one that the message would open. */
import type { Addressing } from "../channels/connector.ts";
import type { Capabilities } from "../domain/capabilities.ts";
import { contactOf, conversationOf } from "../domain/customer-ids.ts";
import type { Channel } from "../domain/event.ts";
import type { IdSecret } from "../domain/ids.ts";
import { spelledAlike } from "../domain/phone-number.ts";
import type { Recipient } from "../domain/sending-shapes.ts";
import type { Contacts, Conversations, Head, LogReader, Projections } from "../ports.ts";

/** One conversation with a customer, that there is or that is to be. */
export interface Place {
  conversation: string;
  account: string;
  channel: Channel;
  address: string;
  contact: string;
  /** The contact is a person's, known by their number. */
  contactBy?: "number";
}

/** `newest`: where the log ends; undefined where the message would open it. */
export interface Target {
  place: Place;
  newest?: Head;
}

export interface Unreachable {
  kind: "unreachable";
  code: "account_unknown" | "address_invalid" | "recipient_unknown";
  /** A sentence for whoever calls. */
  text: string;
  /** The address can be read, and there is nobody whom it names. */
  isNobody?: true;
}

export interface RecipientPorts {
  table: Pick<LogReader, "newest" | "entry"> & Pick<Conversations, "summary"> & Contacts & Pick<Projections, "aliasOf">;
  /** The accounts that are configured, by name, and what their connectors carry. */
  accounts: ReadonlyMap<string, Capabilities>;
  /** By account: its channel, and how addresses on it are written. */
  addressing: ReadonlyMap<string, Addressing>;
  idSecret: IdSecret;
  /** Whoever has the same number on several accounts and channels is one contact. */
  joinByNumber: boolean;
}

/** An address turned out to be an alias, and that one too: more is not to be expected. */
const MOST_MOVES = 4;
/** A contact is looked for in so many conversations. */
const MOST_CONVERSATIONS = 20;

/** @returns those to be tried first stand first; at least one */
export async function targetsOf(to: Recipient, ports: RecipientPorts): Promise<Target[] | Unreachable> {
  return "contact" in to ? ofContact(to, ports) : ofAddress(to, ports);
}

/** A conversation, or the one that took over from it; undefined where there is no log of this name. */
async function targetAt(conversation: string, { table }: Pick<RecipientPorts, "table">): Promise<Target | undefined> {
  let name = conversation;
  let newest = await table.newest(name);
  for (let moves = 0; newest?.after.moved !== undefined && moves < MOST_MOVES; moves++) {
    name = newest.after.moved;
    newest = await table.newest(name);
  }
  const summary = newest && (await table.summary(name));
  if (!newest || !summary) return undefined;
  const { account, channel, address, contact } = summary;
  return { place: { conversation: name, account, channel, address, contact }, newest };
}

/** Where they wrote last, first. */
async function ofContact(
  { contact: id, channel, account }: Extract<Recipient, { contact: string }>,
  ports: RecipientPorts,
): Promise<Target[] | Unreachable> {
  const contact = await ports.table.person(id);
  const wanted = (contact?.conversations ?? []).filter(
    (one) => (channel ?? one.channel) === one.channel && (account ?? one.account) === one.account,
  );
  const found = await Promise.all(
    wanted.slice(0, MOST_CONVERSATIONS).map(({ conversation }) => targetAt(conversation, ports)),
  );
  const targets = new Map(found.flatMap((target) => (target ? [[target.place.conversation, target]] : [])));
  if (targets.size > 0) return [...targets.values()].sort((a, b) => inbound(b) - inbound(a));
  const text = contact
    ? "The contact has no conversation on this channel or account."
    : "There is no contact with this id.";
  return { kind: "unreachable", code: "recipient_unknown", text };
}

function inbound({ newest }: Target): number {
  return newest?.after.inbound ?? 0;
}

async function ofAddress(
  { account, address: written }: Extract<Recipient, { address: string }>,
  ports: RecipientPorts,
): Promise<Target[] | Unreachable> {
  const { table, accounts, addressing, idSecret, joinByNumber } = ports;
  const addresses = accounts.has(account) ? addressing.get(account) : undefined;
  if (!addresses)
    return { kind: "unreachable", code: "account_unknown", text: "No account of this name is configured." };
  const { channel, readAddress, example } = addresses;
  const read = readAddress(written);
  if (!read) {
    const text = `This is no address of a customer on this account, where they are written like ${example}.`;
    return { kind: "unreachable", code: "address_invalid", text };
  }
  const { address, number, isGiven } = read;
  const own = conversationOf(account, address, { idSecret, channel });
  const conversation = (await table.aliasOf(account, spelledAlike(channel, address))) ?? own;
  const there = await targetAt(conversation, ports);
  if (there) return [there];
  if (isGiven) return nobodyAt(number, example);
  const { id: contact, by } = contactOf({ account, address, number }, { idSecret, channel, joinByNumber });
  const place: Place = { conversation, account, channel, address, contact, ...(by && { contactBy: by }) };
  const newest = await table.newest(conversation);
  return [{ place, ...(newest && { newest }) }];
}

/** @param number what the address would be with a `+` in front, where it is digits alone */
function nobodyAt(number: string | undefined, example: string): Unreachable {
  if (number === undefined) {
    const text = "This customer has not written yet, and on this channel nobody can be written to before they have.";
    return { kind: "unreachable", code: "recipient_unknown", text, isNobody: true };
  }
  const text = `Nobody is known by these digits, and without + they may lack their country: a new number is written like ${example}.`;
  return { kind: "unreachable", code: "address_invalid", text, isNobody: true };
}
