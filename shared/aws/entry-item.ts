/**
 * How an entry lies in the table. A 300-character text stays below one write unit (1,024 bytes), so nested parts are
 * JSON strings.
 */
import { marshall, unmarshall } from "@aws-sdk/util-dynamodb";
import type { After, Entry, Profile } from "../domain/conversation-log.ts";
import { padded } from "../domain/envelope.ts";
import type { Channel, EventType } from "../domain/event.ts";
import type { Item } from "./items.ts";

const PREFIXES = [
  ["conv_", "CONV#conv_"],
  ["account:", "ACCOUNT#"],
  ["con_", "CONTACT#con_"],
] as const;

/** Whether it is formed like the name of a log: `conv_…`, `con_…`, or `account:` and an account. */
export function isLogName(text: string): boolean {
  return PREFIXES.some(([name]) => text.startsWith(name));
}

/** Partition key of a log. */
export function logKey(log: string): string {
  for (const [name, key] of PREFIXES) if (log.startsWith(name)) return key + log.slice(name.length);
  throw new Error(`Not the name of a log: ${log.slice(0, 8)}…`);
}

/** The log of a partition key, or undefined for a partition that holds none. */
export function logOf(partitionKey: string): string | undefined {
  for (const [name, key] of PREFIXES) if (partitionKey.startsWith(key)) return name + partitionKey.slice(key.length);
  return undefined;
}

export function entryKey(sequence: number): string {
  return `E#${padded(sequence)}`;
}

interface EntryRow {
  pk: string;
  sk: string;
  key: string;
  token: string;
  type: EventType;
  account: string;
  channel: Channel;
  address?: string;
  contact?: string;
  contactBy?: "number";
  /** JSON. */
  profile?: string;
  provider?: number | undefined;
  received: number;
  recorded: number;
  /** JSON; or, when it is too large for an item, `reference` names the object that holds it. */
  data?: string;
  reference?: string;
  late?: true;
  once?: string;
  erased?: true;
  /** JSON. */
  after: string;
}

export function toItem(log: string, { sequence, at, data, profile, after, ...rest }: Entry, reference?: string): Item {
  const row: EntryRow = {
    pk: logKey(log),
    sk: entryKey(sequence),
    ...rest,
    ...(profile && { profile: JSON.stringify(profile) }),
    ...at,
    ...(reference === undefined ? { data: JSON.stringify(data) } : { reference }),
    after: JSON.stringify(after),
  };
  return marshall(row, { removeUndefinedValues: true });
}

/** `data` is left undefined where the item carries a reference: the reader fetches it. */
export function fromItem(item: Item): { entry: Entry; reference?: string } {
  const row = unmarshall(item) as EntryRow;
  const { pk: _, sk, provider, received, recorded, data, reference, profile, after, ...rest } = row;
  const entry: Entry = {
    sequence: Number(sk.slice(2)),
    ...rest,
    ...(profile !== undefined && { profile: JSON.parse(profile) as Profile }),
    at: { ...(provider !== undefined && { provider }), received, recorded },
    data: data === undefined ? undefined : JSON.parse(data),
    after: JSON.parse(after) as After,
  };
  return reference === undefined ? { entry } : { entry, reference };
}
