/** Who a WhatsApp webhook speaks of: user ids, numbers, and the names beside them. */
import type { Addressing } from "../channels/connector.ts";
import { phoneNumber, readNumber } from "../domain/phone-number.ts";
import { Contact } from "./payload.ts";

/** A user id of WhatsApp, e.g. `BR.4410000000000000001`; it may stand in any field for ids. */
const USER_ID = /^[A-Z]{2}(\.ENT)?\.[A-Za-z0-9]{1,128}$/;

const GROUP = "group:";

export interface Customer {
  address: string;
  aliases?: string[];
  number?: string;
}

/**
 * The user id is the customer's primary address, since a customer with a username may show no number. Of several numbers
 * the last is the one they have now.
 */
export function addressed(candidates: readonly (string | undefined)[]): Customer | undefined {
  const known = [...new Set(candidates.filter((candidate) => candidate !== undefined))];
  const address = known.find((candidate) => USER_ID.test(candidate)) ?? known[0];
  if (address === undefined) return undefined;
  const aliases = known.filter((candidate) => candidate !== address);
  const numbers = known.map((id) => phoneNumber(`+${id}`));
  return { address, ...(aliases.length > 0 && { aliases }), ...numbers.findLast(({ number }) => number) };
}

export function groupOf(id: string): Customer {
  return { address: `${GROUP}${id}` };
}

/**
 * A number stands in webhooks without its `+`, and may be handed back so. But digits alone may as well be a number whose
 * country is missing, and somebody else's with it: like a group, they name only who is known.
 */
export const addressing: Addressing = {
  channel: "whatsapp",
  readAddress(written) {
    if (USER_ID.test(written)) return { address: written };
    if (written.startsWith(GROUP) && written.length > GROUP.length) return { address: written, isGiven: true };
    const isGiven = /^\d+$/.test(written);
    const number = (isGiven ? phoneNumber(`+${written}`) : readNumber(written))?.number;
    return number === undefined ? undefined : { address: number.slice(1), number, ...(isGiven && { isGiven }) };
  },
  example: "+351910000000",
};

/** The contacts of a change, by every id that they have: one need not stand at the place of its message. */
export type People = ReadonlyMap<string, Contact>;

export function peopleIn(contacts: readonly unknown[] | undefined): People {
  const people = new Map<string, Contact>();
  for (const raw of contacts ?? []) {
    const contact = Contact.safeParse(raw).data;
    for (const id of [contact?.user_id, contact?.wa_id]) if (contact && id) people.set(id, contact);
  }
  return people;
}

export function personOf(ids: readonly (string | undefined)[], people: People): Contact | undefined {
  return ids.map((id) => people.get(id ?? "")).find((known) => known !== undefined);
}

/** Profile name, else the username. */
export function nameOf(person: Contact | undefined): string | undefined {
  const { name, username } = person?.profile ?? {};
  return name || (username && `@${username}`) || undefined;
}
