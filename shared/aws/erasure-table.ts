/**
 * The items of the one table that tell of erasures, and what an erasure takes out of the others; docs/table.md has them
 * all. Nothing here deletes an item of a log: a role that may only update them cannot.
 */
import type { DynamoDBClient } from "@aws-sdk/client-dynamodb";
import { marshall } from "@aws-sdk/util-dynamodb";
import { activityKey } from "../domain/activity.ts";
import type { Entry } from "../domain/conversation-log.ts";
import { type DeskState, formerAt } from "../domain/desk-state.ts";
import { erasedEntry } from "../domain/erased-entry.ts";
import { type Erasure, erasureOf } from "../domain/erasure.ts";
import type { ErasedPlaces, Erasures, Summary } from "../ports.ts";
import { entryKey, logKey } from "./entry-item.ts";
import { Items } from "./items.ts";

/** What stays of a PROFILE: ids of ours, and the place in the contact's own log. */
const STAYS = /^(pk|sk|changed|partOf|mergedInto|absorbed#.*)$/;
const CONSENT = "consent#";
/** Says until when somebody looks at dead letters. */
const LETTERS = { pk: "ERASURE#letters", sk: "LENT" };
/** What SUMMARY shows of a customer; every field of it, so that none is forgotten. */
const SHOWN: Record<Exclude<keyof Summary, "sequence">, true> = {
  ...{ conversation: true, account: true, channel: true, address: true },
  ...{ contact: true, status: true, lastActivityAt: true },
};

export class ErasureTable implements Erasures, ErasedPlaces {
  readonly #items: Items;

  constructor(table: { tableName: string; client?: DynamoDBClient }) {
    this.#items = new Items(table);
  }

  async erasure(id: string): Promise<Erasure | undefined> {
    const of = erasureOf(id);
    const row = of && (await this.#items.get(`ERASURE#${of.contact}`, ordinal(of.number)));
    return row?.erasure;
  }

  async newestErasure(contact: string): Promise<Erasure | undefined> {
    const page = { pk: `ERASURE#${contact}`, limit: 1, isBackward: true, isConsistent: true };
    return (await this.#items.query(page))[0]?.erasure;
  }

  async putErasure(erasure: Erasure): Promise<boolean> {
    const { contact, number } = erasureOf(erasure.id) ?? { contact: erasure.contact, number: 0 };
    const row = { pk: `ERASURE#${contact}`, sk: ordinal(number), erasure, version: erasure.version };
    if (erasure.version === 1) return this.#items.putIf("attribute_not_exists(pk)", row);
    return this.#items.putIf("#version = :before", row, {
      names: { "#version": "version" },
      values: { ":before": erasure.version - 1 },
    });
  }

  async takeLetters(now: number, until: number): Promise<number | undefined> {
    const isLent = await this.#items.putIf(
      "attribute_not_exists(pk) OR #until <= :now",
      { ...LETTERS, until },
      { names: { "#until": "until" }, values: { ":now": now } },
    );
    return isLent ? undefined : ((await this.#items.get(LETTERS.pk, LETTERS.sk))?.until ?? now);
  }

  async returnLetters(lent: number, freeAt: number): Promise<void> {
    await this.#items.putIf(
      "#until = :lent",
      { ...LETTERS, until: freeAt },
      { names: { "#until": "until" }, values: { ":lent": lent } },
    );
  }

  async emptyEntry(log: string, entry: Entry): Promise<void> {
    const { token, data, after } = erasedEntry(entry);
    await this.#items.update(
      { pk: logKey(log), sk: entryKey(entry.sequence) },
      {
        UpdateExpression:
          "SET #token = :token, #data = :data, #after = :after, #erased = :erased REMOVE #address, #profile, #once, #reference",
        // An entry that is not there must not come into being like this.
        ConditionExpression: "#key = :key",
        ExpressionAttributeNames: namesOf(
          ...["token", "data", "after", "erased", "address", "profile", "once", "reference", "key"],
        ),
        ExpressionAttributeValues: marshall({
          ":token": token,
          ":data": JSON.stringify(data),
          ":after": JSON.stringify(after),
          ":erased": true,
          ":key": entry.key,
        }),
      },
    );
  }

  async noteActivity(log: string, now: number): Promise<void> {
    await this.#items.update(summaryKey(log), {
      UpdateExpression: "SET #active = :active",
      ConditionExpression: "#active < :active",
      ExpressionAttributeNames: namesOf("active"),
      ExpressionAttributeValues: marshall({ ":active": activityKey({ at: now, log }) }),
    });
  }

  async emptySummary(conversation: string, sequence: number): Promise<void> {
    const gone = Object.keys(SHOWN);
    await this.#items.update(summaryKey(conversation), {
      UpdateExpression: `SET #sequence = :sequence REMOVE ${gone.map((name) => `#${name}`).join(", ")}`,
      // A message that came since has its own.
      ConditionExpression: "#sequence <= :sequence",
      ExpressionAttributeNames: namesOf("sequence", ...gone),
      ExpressionAttributeValues: marshall({ ":sequence": sequence }),
    });
  }

  async emptyProfile(contact: string): Promise<void> {
    const key = { pk: logKey(contact), sk: "PROFILE" };
    for (;;) {
      const row = (await this.#items.get(key.pk, key.sk)) ?? {};
      const isNo = (name: string) => name.startsWith(CONSENT) && row[name].state === "opted_out";
      const gone = Object.keys(row).filter((name) => !STAYS.test(name) && !isNo(name));
      if (gone.length === 0) return;
      const names = gone.map((name, index) => [`#${index}`, name] as const);
      // Whoever says meanwhile that they want no more is heard.
      const wanted = names.flatMap(([alias, name]) => (name.startsWith(CONSENT) ? [`${alias}.#state <> :no`] : []));
      const emptied = await this.#items.update(key, {
        UpdateExpression: `REMOVE ${names.map(([alias]) => alias).join(", ")}`,
        ExpressionAttributeNames: Object.fromEntries([...names, ...(wanted.length > 0 ? [["#state", "state"]] : [])]),
        ...(wanted.length > 0 && {
          ConditionExpression: wanted.join(" AND "),
          ExpressionAttributeValues: marshall({ ":no": "opted_out" }),
        }),
      });
      if (emptied) return;
    }
  }

  removeAlias(account: string, address: string): Promise<number> {
    return this.#removed(`ADDRESS#${account}#${address}`, "ADDRESS");
  }

  removeProviderMessage(account: string, providerMessageId: string): Promise<number> {
    return this.#removed(`PROVIDER#${account}#${providerMessageId}`, "MESSAGE");
  }

  removeClaim(message: string, part: number): Promise<number> {
    return this.#removed(`SEND#${message}#${part}`, "CLAIM");
  }

  removeAnswer(hash: string): Promise<number> {
    return this.#removed(`IDEMPOTENCY#${hash}`, "ANSWER");
  }

  removeMessagePlace(message: string): Promise<number> {
    return this.#removed(`MESSAGE#${message}`, "MESSAGE");
  }

  async removeDesk(desk: string, conversation: string, upTo: number): Promise<number> {
    const pk = `DESK#${desk}#${conversation}`;
    const rows = await this.#items.query({ pk, isConsistent: true });
    const state: Partial<DeskState> = rows.find(({ sk }) => sk === "TICKET")?.state ?? {};
    const { tickets, isFormer, isOver } = formerAt(state, upTo);
    for (const ticket of tickets) await this.removeLink(desk, ticket);
    // The state goes last: it knows the tickets.
    const isState = ({ sk }: (typeof rows)[number]) => sk === "TICKET";
    const items = rows.filter((row) => !isState(row) && isFormer(row.ticket));
    const gone = [...items, ...(isOver ? rows.filter(isState) : [])];
    for (const { sk } of gone) await this.#items.remove(pk, sk);
    return gone.length;
  }

  removeLink(desk: string, ticket: string): Promise<number> {
    return this.#removed(`LINK#${desk}#${ticket}`, "LINK");
  }

  async #removed(pk: string, sk: string): Promise<number> {
    return (await this.#items.removeKnown(pk, sk)) ? 1 : 0;
  }
}

function summaryKey(conversation: string): { pk: string; sk: string } {
  return { pk: logKey(conversation), sk: "SUMMARY" };
}

/** Sorts as the numbers do. */
function ordinal(number: number): string {
  return String(number).padStart(6, "0");
}

function namesOf(...names: readonly string[]): Record<string, string> {
  return Object.fromEntries(names.map((name) => [`#${name}`, name]));
}
