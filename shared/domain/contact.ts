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
  attributes: Readonly<Record<string, ContactAttribute>>;
  /** Attributes that are gone, also where a contact that was absorbed has them, each with the entry that says so. */
  taken: Readonly<Record<string, number>>;
  /** The contacts that are one person with this one, each with the entry that says so. */
  absorbed: Readonly<Record<string, number>>;
  /** The contact that absorbed this one. */
  partOf?: string | undefined;
}

export const NOTHING_WRITTEN: Written = { changed: 0, attributes: {}, taken: {}, absorbed: {} };

/** So many attributes that are gone are kept in mind, the last ones: a person lives for ever, and an item has a limit. */
const MOST_TAKEN = 50;

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
  /** The contact that the channels told this one is, whatever the business says. */
  turnedOutAs?: string;
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
        ...patched(before, attributes, sequence),
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
function patched(
  before: Written,
  patch: Record<string, ContactAttribute | null>,
  sequence: number,
): Pick<Written, "attributes" | "taken"> {
  const isAlone = Object.keys(before.absorbed).length === 0;
  const attributes = new Map(Object.entries(before.attributes));
  const taken = new Map(Object.entries(before.taken));
  for (const [key, value] of Object.entries(patch)) {
    attributes.delete(key);
    taken.delete(key);
    if (value !== null) attributes.set(key, value);
    else if (!isAlone) taken.set(key, sequence);
  }
  // The table keeps no order: of those that one entry took, the names decide.
  const lastFirst = [...taken].sort(([key, at], [other, then]) => then - at || (key < other ? -1 : 1));
  return { attributes: Object.fromEntries(attributes), taken: Object.fromEntries(lastFirst.slice(0, MOST_TAKEN)) };
}

/** The contacts that this one says it is one person with. */
export function linksOf({ mergedInto, written: { partOf, absorbed } = NOTHING_WRITTEN }: KeptContact): string[] {
  const next = partOf ?? mergedInto;
  return [...(next === undefined ? [] : [next]), ...Object.keys(absorbed)];
}

/**
 * The contact that goes on for this one. Links may lead in a circle: where a contact turned out to be somebody whom it
 * had absorbed, it goes on; where merges were asked for at the same moment, the first by id does.
 */
export function personBehind(kin: Kin, id: string): string {
  const way = [id];
  for (let at = kin.get(id); at; ) {
    const next = at.written?.partOf ?? at.mergedInto;
    if (next === undefined || !kin.has(next)) break;
    const met = way.indexOf(next);
    if (met !== -1) {
      const circle = way.slice(met).sort();
      return circle.find((one) => kin.get(one)?.written?.partOf === undefined) ?? circle[0] ?? id;
    }
    way.push(next);
    at = kin.get(next);
  }
  return way.at(-1) ?? id;
}

/**
 * What of the contacts belongs to these accounts. Links stay, and what they said about messages: a no is said to the
 * channel, whichever account heard it.
 */
export function kinOn(kin: Kin, accounts: ReadonlySet<string>): Kin {
  const own = ({ conversations }: KeptContact) => conversations.filter(({ account }) => accounts.has(account));
  const all = [...kin].map(([id, kept]) => {
    const isKnown = own(whereSpokenTo(kept, kin)).length > 0;
    return [id, isKnown ? { ...kept, conversations: own(kept) } : linksAlone(kept)] as const;
  });
  return new Map(all);
}

/** Whose conversations have all gone to another is known where that one is. */
function whereSpokenTo(kept: KeptContact, kin: Kin): KeptContact {
  const { conversations, mergedInto } = kept;
  if (conversations.length > 0 || mergedInto === undefined) return kept;
  return kin.get(mergedInto) ?? kept;
}

function linksAlone({ name: _, written: own, ...kept }: KeptContact): KeptContact {
  const links = own && { ...own, name: undefined, attributes: {}, taken: {} };
  return { ...kept, conversations: [], ...(links && { written: links }) };
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

function alone(kept: KeptContact): Contact {
  const { id, name: told, mergedInto: turnedOutAs, conversations, consents, written: own = NOTHING_WRITTEN } = kept;
  const name = own.name ?? told;
  const taken = Object.keys(own.taken).map((key) => [key, null] as const);
  const attributes = { ...Object.fromEntries(taken), ...own.attributes };
  return {
    id,
    ...(name !== undefined && { name }),
    ...(own.name !== undefined && { isNamed: true, ...(told !== undefined && { toldName: told }) }),
    ...(Object.keys(attributes).length > 0 && { attributes }),
    ...(turnedOutAs !== undefined && { turnedOutAs }),
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
