/**
 * Who a contact is: what the channels told of them, what the business wrote through the API, and whom they are one
 * person with. What the business wrote is the fold of the contact's own log. A merge is a link in it: nothing moves, so
 * that a split finds everything where it was.
 */
import type { Consent } from "./consent.ts";
import type { Entry } from "./conversation-log.ts";
import type { Channel } from "./event.ts";

export type ContactAttribute = string | number | boolean;

/** Where a contact is spoken to. */
export interface Whereabouts {
  conversation: string;
  channel: Channel;
  account: string;
  address: string;
}

/** What the log of a contact says, as far as its entry `changed`. */
export interface Written {
  changed: number;
  name?: string | undefined;
  /** `null`: taken away, also where a contact that was absorbed has it. */
  attributes: Readonly<Record<string, ContactAttribute | null>>;
  /** The contacts that are one person with this one, each with the entry that says so. */
  absorbed: Readonly<Record<string, number>>;
  /** The contact that absorbed this one. */
  partOf?: string | undefined;
}

export const NOTHING_WRITTEN: Written = { changed: 0, attributes: {}, absorbed: {} };

/** One contact as it is kept. */
export interface KeptContact {
  id: string;
  /** As the channels tell it. */
  name?: string;
  /** The contact that all of this one's conversations went to, when the customer's number became known. */
  mergedInto?: string;
  conversations: Whereabouts[];
  consents?: Consent[];
  written?: Written;
}

/** A contact with everybody whom it has absorbed: a person, or of whom no more than an address is known. */
export interface Contact {
  id: string;
  name?: string;
  /** The business gave the name; `toldName` is what would stand in its place. */
  isNamed?: true;
  toldName?: string;
  /** Whose part this contact is now. */
  mergedInto?: string;
  /** In the order in which they came to it. */
  absorbed?: string[];
  /** Those that are `null` were taken away. */
  attributes?: Record<string, ContactAttribute | null>;
  conversations: Whereabouts[];
  /** What they said last on each channel about each topic, where they said anything. */
  consents?: Consent[];
}

/** Contacts that are linked, by their ids. */
export type Kin = ReadonlyMap<string, KeptContact>;

/** What the entries of a contact's log may say. */
interface Said {
  change?: string;
  name?: string | null;
  attributes?: Record<string, ContactAttribute | null>;
  from?: string;
  into?: string;
}

/**
 * What is written after the next entry of the contact's log. An entry that was erased says nothing.
 * @param id the contact
 */
export function written(
  id: string,
  before: Written,
  { sequence, type, data }: Pick<Entry, "sequence" | "type" | "data">,
): Written {
  const { change, name, attributes = {}, from, into } = (data ?? {}) as Said;
  const after = { ...before, changed: sequence };
  switch (type) {
    case "contact.updated":
      if (change !== "profile") return after;
      return {
        ...after,
        name: name === undefined ? before.name : (name ?? undefined),
        attributes: patched(before, attributes),
      };
    case "contact.merged":
      if (from === id) return { ...after, partOf: into };
      return from === undefined ? after : { ...after, absorbed: { ...before.absorbed, [from]: sequence } };
    case "contact.split": {
      if (from === id) return { ...after, partOf: before.partOf === into ? undefined : before.partOf };
      const { [from ?? ""]: _, ...absorbed } = before.absorbed;
      return { ...after, absorbed };
    }
    default:
      return after;
  }
}

/** RFC 7396. What is taken away is kept in mind where somebody who was absorbed may have it, too. */
function patched({ attributes, absorbed }: Written, patch: Written["attributes"]): Written["attributes"] {
  const isAlone = Object.keys(absorbed).length === 0;
  const all = Object.entries({ ...attributes, ...patch });
  return Object.fromEntries(all.filter(([key, value]) => value !== null || !(isAlone && Object.hasOwn(patch, key))));
}

/** The contacts that this one says it is one person with. */
export function linksOf({ mergedInto, written: { partOf, absorbed } = NOTHING_WRITTEN }: KeptContact): string[] {
  const next = partOf ?? mergedInto;
  return [...(next === undefined ? [] : [next]), ...Object.keys(absorbed)];
}

/**
 * The contact that goes on for this one. Merges that were asked for at the same moment may lead in a circle; of those in
 * it the first by id goes on.
 */
export function personBehind(kin: Kin, id: string): string {
  const way = [id];
  for (let at = kin.get(id); at; ) {
    const next = at.written?.partOf ?? at.mergedInto;
    if (next === undefined || !kin.has(next)) break;
    const met = way.indexOf(next);
    if (met !== -1) return way.slice(met).sort()[0] ?? id;
    way.push(next);
    at = kin.get(next);
  }
  return way.at(-1) ?? id;
}

/** @param kin holds the contact and all whom it is linked with, over however many links */
export function contactAmong(kin: Kin, id: string): Contact | undefined {
  const kept = kin.get(id);
  if (!kept) return undefined;
  const mergedInto = personBehind(kin, id) === id ? undefined : (kept.written?.partOf ?? kept.mergedInto);
  return { ...whole(kept, kin, new Set()), ...(mergedInto !== undefined && { mergedInto }) };
}

/** The link holds while the one that was absorbed says so, too: it can be part of one contact only. */
function whole(kept: KeptContact, kin: Kin, met: Set<string>): Contact {
  met.add(kept.id);
  const { absorbed } = kept.written ?? NOTHING_WRITTEN;
  const inOrder = Object.keys(absorbed).sort((one, other) => (absorbed[one] ?? 0) - (absorbed[other] ?? 0));
  return inOrder.reduce((person, id) => {
    const other = kin.get(id);
    return other?.written?.partOf === kept.id && !met.has(id) ? joined(person, whole(other, kin, met)) : person;
  }, alone(kept));
}

function alone({ id, name: told, conversations, consents, written: own = NOTHING_WRITTEN }: KeptContact): Contact {
  const name = own.name ?? told;
  return {
    id,
    ...(name !== undefined && { name }),
    ...(own.name !== undefined && { isNamed: true, ...(told !== undefined && { toldName: told }) }),
    ...(Object.keys(own.attributes).length > 0 && { attributes: own.attributes }),
    conversations,
    ...(consents && { consents }),
  };
}

/** The person whom the two are: what the one knows comes first. */
export function joined(one: Contact, other: Contact): Contact {
  const name = one.name ?? other.name;
  const toldName = one.toldName ?? other.name;
  const attributes = { ...other.attributes, ...one.attributes };
  const consents = lastWords([...(one.consents ?? []), ...(other.consents ?? [])]);
  return {
    ...one,
    ...(name !== undefined && { name }),
    ...(one.isNamed && toldName !== undefined && { toldName }),
    absorbed: [...(one.absorbed ?? []), other.id, ...(other.absorbed ?? [])],
    ...(Object.keys(attributes).length > 0 && { attributes }),
    conversations: [...one.conversations, ...other.conversations],
    ...(consents.length > 0 && { consents }),
  };
}

/** The account and the channel that an event of the contact's own log stands under: of the first of their conversations. */
export function firstPlace(contact: Pick<Contact, "conversations"> | undefined): Whereabouts | undefined {
  return contact?.conversations.toSorted((one, other) => (one.conversation < other.conversation ? -1 : 1))[0];
}

/** By channel and topic. Of two words at the same moment the no counts. */
function lastWords(consents: readonly Consent[]): Consent[] {
  const last = new Map<string, Consent>();
  for (const said of consents) {
    const about = `${said.channel} ${said.topic}`;
    const before = last.get(about);
    const isLater = !before || said.at > before.at || (said.at === before.at && said.state === "opted_out");
    if (isLater) last.set(about, said);
  }
  return [...last.values()];
}
