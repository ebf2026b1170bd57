/**
 * The erasure of one contact: how far it has come, and its receipt. Ids of ours, numbers and times alone: nothing of the
 * contact stands here. Times are ms since 1970.
 */

/** The steps, in their order. Each may be repeated. */
export type Step = "settle" | "announce" | "tell" | "search" | "open" | "empty" | "remove" | "done";

/** What was found and cleaned, by place. */
export interface Found {
  conversations: number;
  entries: number;
  contacts: number;
  files: number;
  aliases: number;
  providerIds: number;
  claims: number;
  answers: number;
  places: number;
  bodies: number;
  quarantine: number;
  accountEvents: number;
  deadLetters: number;
}

export const NOTHING_FOUND: Found = {
  ...{ conversations: 0, entries: 0, contacts: 0, files: 0, aliases: 0, providerIds: 0, claims: 0 },
  ...{ answers: 0, places: 0, bodies: 0, quarantine: 0, accountEvents: 0, deadLetters: 0 },
};

/** One of the contact's logs. */
interface ErasedLog {
  account: string;
  /** Number of its `contact.erased`: everything before it is emptied. */
  upTo?: number;
  /** So many entries, from the first on, are still to be emptied; set where it was begun. */
  left?: number;
}

export interface Erasure {
  id: string;
  contact: string;
  requestedAt: number;
  finishedAt?: number;
  /** Raised with every change. */
  version: number;
  step: Step;
  /** Whoever is, or was, this contact. */
  contacts: string[];
  /** By name: the logs of their conversations, and their own. */
  logs: Record<string, ErasedLog>;
  announcedAt?: number;
  /** By helpdesk: how many items of it were removed, and whether it was told to remove its own copy. */
  desks: Record<string, { removed: number; told: boolean }>;
  /**
   * How far places that hold what is of all customers were looked through: to which object, to which entry of an
   * account.
   */
  searched: { quarantine?: string; accounts: Record<string, number> };
  /** Files that were still being fetched: looked for once more when nobody fetches them any longer. */
  lateFiles: string[];
  /** Files that the business had uploaded and sent: others may have got them, too. */
  uploads: string[];
  found: Found;
}

/** @param number counts the erasures of a contact from 1 on */
export function erasureId(contact: string, number: number): string {
  return `era_${contact.slice("con_".length)}_${number}`;
}

/** Which erasure of which contact; undefined for what is no id of one. */
export function erasureOf(id: string): { contact: string; number: number } | undefined {
  const [, contact, number] = /^era_([A-Za-z0-9_-]{22})_([1-9]\d{0,5})$/.exec(id) ?? [];
  return contact && number ? { contact: `con_${contact}`, number: Number(number) } : undefined;
}

export function newErasure(contact: string, number: number, now: number): Erasure {
  return {
    ...{ id: erasureId(contact, number), contact, requestedAt: now, version: 1, step: "settle" },
    ...{
      contacts: [contact],
      logs: {},
      desks: {},
      searched: { accounts: {} },
      lateFiles: [],
      uploads: [],
      found: NOTHING_FOUND,
    },
  };
}

/** With as much more cleaned. */
export function counted(erasure: Erasure, more: Partial<Found>): Erasure {
  return { ...erasure, found: sumOf(erasure.found, more) };
}

export function sumOf(found: Found, more: Partial<Found>): Found {
  const sum = { ...found };
  for (const [place, count] of Object.entries(more)) sum[place as keyof Found] += count;
  return sum;
}
