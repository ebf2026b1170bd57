/**
 * The one table. Every port of it is here, or in what it extends, because they share its key design (docs/table.md) and
 * one client; a function's role decides which of them it may really use.
 */

import { randomUUID } from "node:crypto";
import { BatchGetItemCommand, type DynamoDBClient, QueryCommand } from "@aws-sdk/client-dynamodb";
import { marshall, unmarshall } from "@aws-sdk/util-dynamodb";
import { activityKey } from "../domain/activity.ts";
import type { Entry } from "../domain/conversation-log.ts";
import type {
  ActivityIndex,
  AskedEvent,
  AskedEvents,
  Cancellations,
  Claim,
  Claims,
  ContactList,
  Contacts,
  Conversations,
  Cursors,
  Head,
  Idempotency,
  KnownKeys,
  LogWriter,
  MessagePlace,
  MessagePlaces,
  Objects,
  Pauses,
  Projections,
  ProviderMessages,
  Reconciliations,
  Summary,
} from "../ports.ts";
import { ContactTable, SHARDS, shardOf } from "./contact-table.ts";
import { entryKey, fromItem, logKey, toItem } from "./entry-item.ts";
import { worldly } from "./faults.ts";
import { type Item, Items, inDays, type Row } from "./items.ts";

/** Data above this many bytes of JSON lies in the bucket: an item holds 400 KB, attribute names and state included. */
const LARGEST_DATA = 300_000;
const CLAIM_DAYS = 60;
const ANSWER_DAYS = 7;
const ASKED_DAYS = 1;
/** Conversations, and contacts whose own logs say something. */
const ACTIVITY_SHARDS = ["ACTIVITY", "CHANGES"].flatMap((kind) =>
  Array.from({ length: SHARDS }, (_, shard) => `${kind}#${shard}`),
);
/** How long a caller may ask for a message by its id. */
const PLACE_DAYS = 90;

type Ours = { conversation: string; message: string; part: number };

export class Table
  extends ContactTable
  implements
    LogWriter,
    Projections,
    ProviderMessages,
    Cursors,
    Claims,
    Cancellations,
    MessagePlaces,
    AskedEvents,
    Pauses,
    Conversations,
    ActivityIndex,
    Contacts,
    ContactList,
    Idempotency,
    KnownKeys,
    Reconciliations
{
  readonly #items: Items;
  readonly #objects: Objects;

  /** @param objects where data lies that is too large for an item */
  constructor({ objects, ...table }: { tableName: string; objects: Objects; client?: DynamoDBClient }) {
    super(table);
    this.#items = new Items(table);
    this.#objects = objects;
  }

  // The log.

  async newest(log: string): Promise<Head | undefined> {
    const { items } = await this.#query(log, { ScanIndexForward: false, Limit: 1 });
    return items[0] && fromItem(items[0]).entry;
  }

  async entry(log: string, sequence: number): Promise<Entry | undefined> {
    const item = await this.#items.getItem(logKey(log), entryKey(sequence));
    return item && this.#read(item);
  }

  async entries(log: string, after: number, limit: number): Promise<Entry[]> {
    const found: Entry[] = [];
    for (let isMore = true; isMore && found.length < limit; ) {
      const from = found.at(-1)?.sequence ?? after;
      const page = await this.#query(log, { Limit: limit - found.length }, from);
      found.push(...(await Promise.all(page.items.map((item) => this.#read(item)))));
      isMore = page.isMore;
    }
    return found;
  }

  async find(log: string, key: string): Promise<Entry | undefined> {
    const hit = await this.#byKey(log, key, { ConsistentRead: true });
    return hit === undefined ? undefined : this.entry(log, Number(hit.slice(2)));
  }

  async holds(log: string, key: string): Promise<boolean> {
    return (await this.#byKey(log, key, { ConsistentRead: false })) !== undefined;
  }

  async put(log: string, entry: Entry): Promise<"written" | "taken"> {
    const data = JSON.stringify(entry.data);
    let reference: string | undefined;
    if (Buffer.byteLength(data) > LARGEST_DATA) {
      reference = `entries/${log}/${entry.key}`;
      await this.#objects.put(reference, data, "application/json");
    }
    const isWritten = await this.#items.putItemIf("attribute_not_exists(pk)", toItem(log, entry, reference));
    return isWritten ? "written" : "taken";
  }

  // Projections.

  async putSummary(summary: Summary): Promise<void> {
    const { conversation: log, lastActivityAt: at } = summary;
    const item = {
      pk: logKey(summary.conversation),
      sk: "SUMMARY",
      ...summary,
      shard: `ACTIVITY#${shardOf(summary.conversation)}`,
      active: activityKey({ at, log }),
    };
    // A late redelivery must not put an older state over a newer one.
    await this.#items.putIf("attribute_not_exists(pk) OR #sequence <= :sequence", item, {
      names: { "#sequence": "sequence" },
      values: { ":sequence": summary.sequence },
    });
  }

  async aliasOf(account: string, address: string): Promise<string | undefined> {
    const item = await this.#items.getItem(`ADDRESS#${account}#${address}`, "ADDRESS");
    return item?.conversation?.S;
  }

  async putAlias(account: string, address: string, conversation: string, was?: string): Promise<void> {
    await this.#items.put({ pk: `ADDRESS#${account}#${address}`, sk: "ADDRESS", conversation, was });
  }

  // Provider messages.

  async lookUp(account: string, providerMessageId: string): Promise<Ours | undefined> {
    const item = await this.#items.getItem(`PROVIDER#${account}#${providerMessageId}`, "MESSAGE");
    if (!item) return undefined;
    const { conversation, message, part } = unmarshall(item) as Ours;
    return { conversation, message, part };
  }

  async remember(account: string, providerMessageId: string, ours: Ours): Promise<void> {
    await this.#items.put({ pk: `PROVIDER#${account}#${providerMessageId}`, sk: "MESSAGE", ...ours });
  }

  // Cursors.

  async cursor(consumer: string, log: string): Promise<number> {
    const item = await this.#items.getItem(`CURSOR#${consumer}#${log}`, "CURSOR");
    return Number(item?.position?.N ?? 0);
  }

  async moveCursor(consumer: string, log: string, from: number, to: number): Promise<boolean> {
    const row = { pk: `CURSOR#${consumer}#${log}`, sk: "CURSOR", position: to };
    if (from === 0) return this.#items.putIf("attribute_not_exists(pk)", row);
    return this.#items.putIf("#position = :from", row, {
      names: { "#position": "position" },
      values: { ":from": from },
    });
  }

  // Reconciling.

  async reconciledUntil(account: string): Promise<number | undefined> {
    const item = await this.#items.getItem(`RECONCILED#${account}`, "RECONCILED");
    return item?.until?.N === undefined ? undefined : Number(item.until.N);
  }

  async reconciled(account: string, until: number): Promise<void> {
    const row = { pk: `RECONCILED#${account}`, sk: "RECONCILED", until };
    // Two may be at it at once.
    await this.#items.putIf("attribute_not_exists(pk) OR #until < :until", row, {
      names: { "#until": "until" },
      values: { ":until": until },
    });
  }

  // Claims.

  async claim(message: string, part: number): Promise<Claim | undefined> {
    const item = await this.#items.getItem(`SEND#${message}#${part}`, "CLAIM");
    if (!item) return undefined;
    const { state, at, outcome, providerMessageId, failure, via } = unmarshall(item);
    const by = via && { via };
    return state === "done"
      ? {
          state,
          at,
          outcome,
          ...by,
          ...(providerMessageId && { providerMessageId }),
          ...(failure && { failure: JSON.parse(failure) }),
        }
      : { state, at, ...by };
  }

  async takeClaim(message: string, part: number, now: number, via?: string): Promise<"taken" | Claim> {
    const by = randomUUID();
    const row = claimRow(message, part, now, { state: "claimed", by, via });
    const isTaken = await this.#items.putIf("attribute_not_exists(pk) OR #state = :released", row, {
      names: { "#state": "state" },
      values: { ":released": "released" },
    });
    if (isTaken) return "taken";
    // The client repeats a put whose answer was lost; then the claim in the way is our own.
    const held = await this.#items.getItem(`SEND#${message}#${part}`, "CLAIM");
    if (held?.by?.S === by) return "taken";
    return (await this.claim(message, part)) ?? this.takeClaim(message, part, now, via);
  }

  async releaseClaim(message: string, part: number, now: number): Promise<void> {
    const row = claimRow(message, part, now, { state: "released" });
    await this.#items.putIf("#state <> :done", row, { names: { "#state": "state" }, values: { ":done": "done" } });
  }

  async finishClaim(message: string, part: number, done: Extract<Claim, { state: "done" }>): Promise<void> {
    const { at, failure, ...rest } = done;
    const written = failure === undefined ? rest : { ...rest, failure: JSON.stringify(failure) };
    await this.#items.put(claimRow(message, part, at, written));
  }

  async cancelClaim(
    message: string,
    part: number,
    { at, until, failure }: { at: number; until: number; failure: unknown },
  ): Promise<"cancelled" | Claim> {
    const done = { state: "done", outcome: "rejected", failure: JSON.stringify(failure) };
    const row = claimRow(message, part, at, { ...done, expires: inDays(Math.max(at, until), CLAIM_DAYS) });
    const isTaken = await this.#items.putIf("attribute_not_exists(pk) OR #state = :released", row, {
      names: { "#state": "state" },
      values: { ":released": "released" },
    });
    if (isTaken) return "cancelled";
    return (await this.claim(message, part)) ?? this.cancelClaim(message, part, { at, until, failure });
  }

  // Where messages stand.

  async noteMessage(message: string, { conversation, account }: MessagePlace, until: number): Promise<void> {
    const key = { pk: `MESSAGE#${message}`, sk: "MESSAGE" };
    await this.#items.put({ ...key, conversation, account, expires: inDays(until, PLACE_DAYS) });
  }

  async messagePlace(message: string): Promise<MessagePlace | undefined> {
    const found = await this.#items.get(`MESSAGE#${message}`, "MESSAGE");
    return found && { conversation: found.conversation, account: found.account };
  }

  // What callers asked of contacts.

  async noteAsked(contact: string, { key, what, at }: AskedEvent): Promise<void> {
    await this.#items.put({
      pk: `ASKED#${contact}`,
      sk: "ASKED",
      event: key,
      what,
      at,
      expires: inDays(at, ASKED_DAYS),
    });
  }

  async lastAsked(contact: string): Promise<AskedEvent | undefined> {
    const found = await this.#items.get(`ASKED#${contact}`, "ASKED");
    return found && { key: found.event, what: found.what, at: found.at };
  }

  // Pauses.

  async pausedUntil(account: string): Promise<number | undefined> {
    const item = await this.#items.getItem(`PAUSE#${account}`, "PAUSE");
    return item?.until?.N === undefined ? undefined : Number(item.until.N);
  }

  async pause(account: string, until: number): Promise<void> {
    await this.#items.put({ pk: `PAUSE#${account}`, sk: "PAUSE", until });
  }

  // What the API reads.

  async summary(conversation: string): Promise<Summary | undefined> {
    const item = await this.#items.getItem(logKey(conversation), "SUMMARY");
    // Emptied when the customer was erased.
    return item?.conversation && toSummary(item);
  }

  async conversations({
    limit,
    cursor,
  }: {
    limit: number;
    cursor?: string;
  }): Promise<{ summaries: Summary[]; nextCursor?: string }> {
    const shards = Array.from({ length: SHARDS }, (_, shard) => this.#activity(`ACTIVITY#${shard}`, limit + 1, cursor));
    const newestFirst = (await Promise.all(shards)).flat().sort((a, b) => (a.active < b.active ? 1 : -1));
    const page = newestFirst.slice(0, limit);
    const summaries = await this.#summaries(page.map(({ pk }) => pk));
    const last = page.at(-1);
    return { summaries, ...(last && newestFirst.length > limit && { nextCursor: last.active }) };
  }

  readonly activityShards = ACTIVITY_SHARDS.length;

  async activity(
    shard: number,
    { after, limit }: { after: string; limit: number },
  ): Promise<{ keys: string[]; upTo?: string }> {
    const command = new QueryCommand({
      TableName: this.#items.tableName,
      IndexName: "byActivity",
      KeyConditionExpression: "#shard = :shard AND active > :after",
      ExpressionAttributeNames: { "#shard": "shard" },
      ExpressionAttributeValues: marshall({ ":shard": ACTIVITY_SHARDS[shard], ":after": after }),
      Limit: limit,
    });
    const { Items = [] } = await worldly(() => this.#items.client.send(command));
    const keys = Items.map(({ active }) => active?.S ?? "");
    const upTo = keys[limit - 1];
    return { keys, ...(upTo !== undefined && { upTo }) };
  }

  async answered(key: string): Promise<{ bodyHash: string; answer: string } | undefined> {
    const item = await this.#items.getItem(`IDEMPOTENCY#${key}`, "ANSWER");
    if (!item) return undefined;
    const { bodyHash, answer } = unmarshall(item) as { bodyHash: string; answer: string };
    return { bodyHash, answer };
  }

  async answerOnce(
    key: string,
    first: { bodyHash: string; answer: string },
  ): Promise<"new" | { bodyHash: string; answer: string }> {
    const pk = `IDEMPOTENCY#${key}`;
    const row = { pk, sk: "ANSWER", ...first, expires: inDays(Date.now(), ANSWER_DAYS) };
    if (await this.#items.putIf("attribute_not_exists(pk)", row)) return "new";
    return (await this.answered(key)) ?? this.answerOnce(key, first);
  }

  // One way to each kind of call.

  /** `isMore`: a page ends after 1 MB too. Asking for what is known to be the end would cost a read of its own. */
  async #query(
    log: string,
    page: { ScanIndexForward?: boolean; Limit: number },
    after = 0,
  ): Promise<{ items: Item[]; isMore: boolean }> {
    const command = new QueryCommand({
      TableName: this.#items.tableName,
      // From one number to the end of numbers: SUMMARY and the like sort behind.
      KeyConditionExpression: "pk = :pk AND sk BETWEEN :from AND :to",
      ExpressionAttributeValues: marshall({
        ":pk": logKey(log),
        ":from": entryKey(after + 1),
        ":to": "E#999999999999",
      }),
      ConsistentRead: true,
      ...page,
    });
    const { Items = [], LastEvaluatedKey } = await worldly(() => this.#items.client.send(command));
    return { items: Items, isMore: LastEvaluatedKey !== undefined };
  }

  /** The sort key of the entry with this key. */
  async #byKey(log: string, key: string, page: { ConsistentRead: boolean }): Promise<string | undefined> {
    const command = new QueryCommand({
      TableName: this.#items.tableName,
      IndexName: "byKey",
      KeyConditionExpression: "pk = :pk AND #key = :key",
      ExpressionAttributeNames: { "#key": "key" },
      ExpressionAttributeValues: marshall({ ":pk": logKey(log), ":key": key }),
      Limit: 1,
      ...page,
    });
    const { Items } = await worldly(() => this.#items.client.send(command));
    return Items?.[0]?.sk?.S;
  }

  async #read(item: Item): Promise<Entry> {
    const { entry, reference } = fromItem(item);
    if (reference === undefined) return entry;
    const data = await this.#objects.get(reference);
    if (data === undefined) throw new Error(`The object of entry ${entry.sequence} is missing: ${reference}`);
    return { ...entry, data: JSON.parse(data) };
  }

  async #activity(shard: string, limit: number, before: string | undefined): Promise<{ pk: string; active: string }[]> {
    const command = new QueryCommand({
      TableName: this.#items.tableName,
      IndexName: "byActivity",
      KeyConditionExpression: before ? "#shard = :shard AND active < :before" : "#shard = :shard",
      ExpressionAttributeNames: { "#shard": "shard" },
      ExpressionAttributeValues: marshall({ ":shard": shard, ...(before && { ":before": before }) }),
      ScanIndexForward: false,
      Limit: limit,
    });
    const { Items = [] } = await worldly(() => this.#items.client.send(command));
    return Items.map((item) => unmarshall(item) as { pk: string; active: string });
  }

  async #summaries(partitionKeys: readonly string[]): Promise<Summary[]> {
    const found = new Map<string, Summary>();
    let keys = partitionKeys.map((pk) => marshall({ pk, sk: "SUMMARY" }));
    while (keys.length > 0) {
      const command = new BatchGetItemCommand({ RequestItems: { [this.#items.tableName]: { Keys: keys } } });
      const { Responses, UnprocessedKeys } = await worldly(() => this.#items.client.send(command));
      const listed = (Responses?.[this.#items.tableName] ?? []).filter(({ conversation }) => conversation);
      for (const item of listed) found.set(item.pk?.S ?? "", toSummary(item));
      keys = (UnprocessedKeys?.[this.#items.tableName]?.Keys ?? []) as typeof keys;
    }
    return partitionKeys.flatMap((pk) => found.get(pk) ?? []);
  }
}

function claimRow(message: string, part: number, at: number, claim: Row): Row {
  return { pk: `SEND#${message}#${part}`, sk: "CLAIM", at, expires: inDays(at, CLAIM_DAYS), ...claim };
}

function toSummary(item: Item): Summary {
  const { conversation, account, channel, address, contact, status, lastActivityAt, sequence } = unmarshall(
    item,
  ) as Summary;
  return { conversation, account, channel, address, contact, status, lastActivityAt, sequence };
}
