/** The items of the one table that say who contacts are; docs/table.md has them all. */
import { createHash } from "node:crypto";
import type { DynamoDBClient, UpdateItemCommandInput } from "@aws-sdk/client-dynamodb";
import { marshall } from "@aws-sdk/util-dynamodb";
import { activityKey } from "../domain/activity.ts";
import type { Consent } from "../domain/consent.ts";
import {
  type Contact,
  type ContactAttribute,
  contactAmong,
  type KeptContact,
  type Kin,
  kinOn,
  linksOf,
  NOTHING_WRITTEN,
  personBehind,
  type Whereabouts,
  type Written,
} from "../domain/contact.ts";
import { byBytes, LAST, placeInList, shownAt } from "../domain/contact-list.ts";
import type { ContactList, Contacts, Projections } from "../ports.ts";
import { logKey } from "./entry-item.ts";
import { type Found, Items, type Row } from "./items.ts";

/** A fixed number, so that no shard's traffic depends on how things are named. */
export const SHARDS = 8;
/** Attributes of a contact that begin so say what they want: `consent#<channel>#<topic>`. */
const CONSENT = "consent#";
/** What the business wrote: a value as JSON; of attributes it took away, and of parts, the entry that says so. */
const ATTRIBUTE = "attribute#";
const TAKEN = "taken#";
const ABSORBED = "absorbed#";

type ContactProjections = Pick<
  Projections,
  "putContact" | "mergeContact" | "putConsent" | "written" | "putWritten" | "noteChange"
>;

export class ContactTable implements Contacts, ContactList, ContactProjections {
  readonly #items: Items;

  constructor(table: { tableName: string; client?: DynamoDBClient }) {
    this.#items = new Items(table);
  }

  // What conversations tell.

  /** An attribute for each conversation, under its id, so that each can be written without reading the others. */
  async putContact(contact: { id: string; name?: string } & Whereabouts): Promise<void> {
    const { id, name, conversation, ...place } = contact;
    const names = { "#conversation": conversation, "#shard": "shard", "#active": "active" };
    const values = { ":place": place, ":shard": `NAMES#${shardOf(id)}`, ":active": placeInList(id, name) };
    const where = "#conversation = :place, #shard = :shard";
    if (name === undefined) {
      const set = `SET ${where}, #active = if_not_exists(#active, :active)`;
      await this.#update(id, { set, names, values });
      return;
    }
    const set = `SET ${where}, #name = :name`;
    const named = { names: { ...names, "#name": "name" }, values: { ...values, ":name": name } };
    for (;;) {
      const isListed = await this.#update(id, {
        ...named,
        set: `${set}, #active = :active`,
        condition: "attribute_not_exists(givenName)",
      });
      if (isListed) return;
      // In the list the name stands that the business gave.
      const { "#active": _, ...others } = named.names;
      const { ":active": __, ...rest } = named.values;
      const condition = "attribute_exists(givenName)";
      if (await this.#update(id, { set, names: others, values: rest, condition })) return;
    }
  }

  async mergeContact({ id, into, conversation }: { id: string; into: string; conversation: string }): Promise<void> {
    await this.#update(id, {
      set: "SET mergedInto = :into REMOVE #conversation, #shard, #active",
      names: { "#conversation": conversation, "#shard": "shard", "#active": "active" },
      values: { ":into": into },
    });
  }

  async putConsent(contact: string, { channel, topic, ...said }: Consent): Promise<void> {
    await this.#update(contact, {
      set: "SET #consent = :said",
      // What was said later stands.
      condition: "attribute_not_exists(#consent) OR #consent.#at <= :at",
      names: { "#consent": `${CONSENT}${channel}#${topic}`, "#at": "at" },
      values: { ":said": said, ":at": said.at },
    });
  }

  // What their own logs say.

  async written(contact: string): Promise<Written> {
    return (await this.#kept(contact))?.written ?? NOTHING_WRITTEN;
  }

  async putWritten(contact: string, before: Written, after: Written): Promise<boolean> {
    const [was, is] = [attributesOf(before), attributesOf(after)];
    const changed = [...new Set([...Object.keys(was), ...Object.keys(is)])].filter((name) => was[name] !== is[name]);
    const listed = before.name === after.name ? undefined : await this.#relisted(contact, after.name);
    const conditions = [before.changed === 0 ? "attribute_not_exists(changed)" : "changed = :changed"];
    if (listed) conditions.push(listed.condition);
    const sets = changed.filter((name) => is[name] !== undefined);
    const removed = changed.filter((name) => is[name] === undefined);
    const number = (name: string) => changed.indexOf(name);
    const setting = [...sets.map((name) => `#${number(name)} = :${number(name)}`), ...(listed ? [listed.set] : [])];
    const removing = removed.map((name) => `#${number(name)}`).join(", ");
    return this.#update(contact, {
      set: `SET ${setting.join(", ")}${removing && ` REMOVE ${removing}`}`,
      condition: conditions.join(" AND "),
      names: { ...Object.fromEntries(changed.map((name, at) => [`#${at}`, name])), ...listed?.names },
      values: {
        ...Object.fromEntries(sets.map((name) => [`:${number(name)}`, is[name]])),
        ...(before.changed > 0 && { ":changed": before.changed }),
        ...listed?.values,
      },
    });
  }

  /** Where a name of the business's puts the contact in the list; without one, the name that the channels tell. */
  async #relisted(contact: string, name: string | undefined) {
    const told = (await this.#kept(contact))?.name;
    return {
      set: "#active = :active",
      // Else they have told another name meanwhile.
      condition: told === undefined ? "attribute_not_exists(#name)" : "#name = :told",
      names: { "#active": "active", "#name": "name" },
      values: { ":active": placeInList(contact, name ?? told), ...(told !== undefined && { ":told": told }) },
    };
  }

  async noteChange(contact: string, at: number): Promise<void> {
    const active = activityKey({ at, log: contact });
    const row = { pk: logKey(contact), sk: "CHANGED", shard: `CHANGES#${shardOf(contact)}`, active };
    await this.#items.putIf("attribute_not_exists(pk) OR #active <= :active", row, {
      names: { "#active": "active" },
      values: { ":active": active },
    });
  }

  // What is read.

  async contact(id: string, accounts?: ReadonlySet<string>): Promise<Contact | undefined> {
    return contactAmong(await this.#kin(id, accounts), id);
  }

  async person(id: string, accounts?: ReadonlySet<string>): Promise<Contact | undefined> {
    const kin = await this.#kin(id, accounts);
    return contactAmong(kin, personBehind(kin, id));
  }

  async consentsOf(id: string): Promise<readonly Consent[]> {
    return (await this.person(id))?.consents ?? [];
  }

  async contacts({
    beginning,
    limit,
    cursor,
    accounts,
  }: {
    beginning: string;
    limit: number;
    cursor?: string;
    accounts?: ReadonlySet<string>;
  }): Promise<{ contacts: Contact[]; nextCursor?: string }> {
    const { ids, ...rest } = await this.#named({ beginning, limit, cursor });
    const shown = await Promise.all(ids.map(async (id) => shownAt(await this.#kin(id, accounts), id, beginning)));
    return { contacts: shown.filter((contact) => contact !== undefined), ...rest };
  }

  /** Ids in the order of names, of all shards together. */
  async #named({
    beginning,
    limit,
    cursor,
  }: {
    beginning: string;
    limit: number;
    cursor?: string | undefined;
  }): Promise<{ ids: string[]; nextCursor?: string }> {
    const index = { name: "byActivity", pk: "shard", sk: "active" };
    // A row ends with an id, so nothing is between it and itself with one character more.
    const from = cursor === undefined ? beginning || " " : `${cursor} `;
    const between = [from, `${beginning}${LAST}${LAST}`] as const;
    const found = await Promise.all(
      Array.from({ length: SHARDS }, (_, shard) =>
        this.#items.query({ pk: `NAMES#${shard}`, index, between, limit: limit + 1 }),
      ),
    );
    const rows = found
      .flat()
      .map(({ active }) => String(active))
      .sort(byBytes);
    const page = rows.slice(0, limit);
    const last = page.at(-1);
    return {
      ids: page.map((row) => row.slice(row.lastIndexOf("#") + 1)),
      ...(last !== undefined && rows.length > limit && { nextCursor: last }),
    };
  }

  /** The contact and all whom it is linked with: one read for one that is linked with nobody. */
  async #kin(id: string, accounts?: ReadonlySet<string>): Promise<Kin> {
    const kin = new Map<string, KeptContact>();
    const asked = new Set<string>();
    for (let next = [id]; next.length > 0; ) {
      for (const one of next) asked.add(one);
      const found = await Promise.all(next.map((one) => this.#kept(one)));
      for (const kept of found) if (kept) kin.set(kept.id, kept);
      const linked = found.flatMap((kept) => (kept ? linksOf(kept) : []));
      next = [...new Set(linked)].filter((one) => !asked.has(one));
    }
    return accounts ? kinOn(kin, accounts) : kin;
  }

  async #kept(id: string): Promise<KeptContact | undefined> {
    const item = await this.#items.get(logKey(id), "PROFILE");
    // Of one who was erased a key may be left, since nobody may delete it.
    return item && Object.keys(item).length > 2 ? toKept(id, item) : undefined;
  }

  /** @returns false when the condition did not hold */
  async #update(
    contact: string,
    { set, condition, names, values }: { set: string; condition?: string; names: Record<string, string>; values: Row },
  ): Promise<boolean> {
    const update: Omit<UpdateItemCommandInput, "TableName" | "Key"> = {
      UpdateExpression: set,
      ...(condition !== undefined && { ConditionExpression: condition }),
      ...(Object.keys(names).length > 0 && { ExpressionAttributeNames: names }),
      ExpressionAttributeValues: marshall(values),
    };
    return (await this.#items.update({ pk: logKey(contact), sk: "PROFILE" }, update)) !== undefined;
  }
}

/** The shard of a conversation or a contact. */
export function shardOf(id: string): number {
  const [first = 0] = createHash("sha256").update(id).digest();
  return first % SHARDS;
}

/** Flat, so that each can be written by itself. */
function attributesOf({ changed, name, attributes, taken, absorbed, partOf }: Written): Row {
  return {
    changed: changed === 0 ? undefined : changed,
    givenName: name,
    partOf,
    ...Object.fromEntries(Object.entries(attributes).map(([key, value]) => [ATTRIBUTE + key, JSON.stringify(value)])),
    ...Object.fromEntries(Object.entries(taken).map(([key, sequence]) => [TAKEN + key, sequence])),
    ...Object.fromEntries(Object.entries(absorbed).map(([id, sequence]) => [ABSORBED + id, sequence])),
  };
}

function toKept(id: string, item: Found): KeptContact {
  const { name, mergedInto, changed, givenName, partOf } = item;
  const under = (prefix: string) =>
    Object.entries(item).flatMap(([key, value]) => (key.startsWith(prefix) ? [[key.slice(prefix.length), value]] : []));
  const attributes = under(ATTRIBUTE).map(([key, json]) => [key, JSON.parse(json) as ContactAttribute]);
  const consents = under(CONSENT).map(([key, said]) => {
    const [channel, topic] = String(key).split("#");
    return { channel, topic, ...said } as Consent;
  });
  const conversations = Object.entries(item).flatMap(([conversation, place]) => {
    if (!conversation.startsWith("conv_")) return [];
    const { channel, account, address } = place as Omit<Whereabouts, "conversation">;
    return [{ conversation, channel, account, address }];
  });
  const own: Written = {
    changed,
    ...(givenName !== undefined && { name: givenName }),
    attributes: Object.fromEntries(attributes),
    taken: Object.fromEntries(under(TAKEN)),
    absorbed: Object.fromEntries(under(ABSORBED)),
    ...(partOf !== undefined && { partOf }),
  };
  return {
    id,
    ...(name !== undefined && { name }),
    ...(mergedInto !== undefined && { mergedInto }),
    conversations,
    ...(consents.length > 0 && { consents }),
    ...(changed !== undefined && { written: own }),
  };
}
