/** The items of the one table that belong to batches; docs/table.md has them all. */
import type { DynamoDBClient } from "@aws-sdk/client-dynamodb";
import { marshall } from "@aws-sdk/util-dynamodb";
import type { Batch, BatchResult } from "../domain/batch.ts";
import type { Batches } from "../ports.ts";
import { type Found, Items, inDays } from "./items.ts";

/** In the index: batches are few, so that one partition takes them all. */
const SHARD = "BATCHES#0";
const BY_ACTIVITY = "byActivity";
const HEAD = "BATCH";
const KEPT_DAYS = 90;

export class BatchTable implements Batches {
  readonly #items: Items;

  constructor(table: { tableName: string; client?: DynamoDBClient }) {
    this.#items = new Items(table);
  }

  async batch(id: string): Promise<Batch | undefined> {
    const row = await this.#items.get(keyOf(id), HEAD);
    return row && toBatch(row);
  }

  async beginBatch(batch: Batch): Promise<void> {
    await this.#items.putIf("attribute_not_exists(pk)", {
      ...{ pk: keyOf(batch.id), sk: HEAD, ...batch },
      ...{ shard: SHARD, active: `${String(batch.createdAt).padStart(13, "0")}#${batch.id}` },
      expires: inDays(batch.createdAt, KEPT_DAYS),
    });
  }

  async cancelBatch(id: string, now: number): Promise<void> {
    await this.#items.update(
      { pk: keyOf(id), sk: HEAD },
      {
        UpdateExpression: "SET #cancelledAt = :now",
        ConditionExpression: "attribute_exists(pk) AND attribute_not_exists(#cancelledAt)",
        ExpressionAttributeNames: { "#cancelledAt": "cancelledAt" },
        ExpressionAttributeValues: marshall({ ":now": now }),
      },
    );
  }

  async putBatchResults({ id, createdAt }: Batch, from: number, results: readonly BatchResult[]): Promise<void> {
    const expires = inDays(createdAt, KEPT_DAYS);
    await Promise.all(
      results.map((result, at) =>
        this.#items.put({ pk: keyOf(id), sk: resultKey(from + at), index: from + at, result, expires }),
      ),
    );
  }

  async moveBatch(
    id: string,
    from: number,
    { accepted, refused }: { accepted: number; refused: number },
  ): Promise<void> {
    await this.#items.update(
      { pk: keyOf(id), sk: HEAD },
      {
        UpdateExpression: "SET #position = :to ADD #accepted :accepted, #refused :refused",
        ConditionExpression: "#position = :from",
        ExpressionAttributeNames: { "#position": "position", "#accepted": "accepted", "#refused": "refused" },
        ExpressionAttributeValues: marshall({
          ":from": from,
          ":to": from + accepted + refused,
          ":accepted": accepted,
          ":refused": refused,
        }),
      },
    );
  }

  async stopBatch(id: string, from: number, to: number): Promise<void> {
    await this.#items.update(
      { pk: keyOf(id), sk: HEAD },
      {
        UpdateExpression: "SET #stopped = :to",
        ConditionExpression: from === 0 ? "attribute_not_exists(#stopped)" : "#stopped = :from",
        ExpressionAttributeNames: { "#stopped": "stopped" },
        ExpressionAttributeValues: marshall({ ":to": to, ...(from > 0 && { ":from": from }) }),
      },
    );
  }

  async batchResults(id: string, from: number, limit: number): Promise<ReadonlyMap<number, BatchResult>> {
    const rows = await this.#items.query({
      pk: keyOf(id),
      between: [resultKey(from), resultKey(from + limit - 1)],
      isConsistent: true,
    });
    return new Map(rows.map(({ index, result }) => [Number(index), result as BatchResult]));
  }

  async batches({ limit, cursor }: { limit: number; cursor?: string }) {
    const rows = await this.#items.query({
      index: { name: BY_ACTIVITY, pk: "shard", sk: "active" },
      pk: SHARD,
      ...(cursor !== undefined && { before: cursor }),
      limit,
      isBackward: true,
    });
    const heads = await Promise.all(rows.map(({ pk }) => this.#items.get(pk as string, HEAD)));
    const batches = heads.flatMap((row) => (row ? [toBatch(row)] : []));
    const last = rows.at(-1);
    return { batches, ...(last && rows.length === limit && { nextCursor: last.active as string }) };
  }
}

function keyOf(id: string): string {
  return `BATCH#${id}`;
}

function resultKey(index: number): string {
  return `R#${String(index).padStart(4, "0")}`;
}

function toBatch({ id, key, total, createdAt, sendAt, position, accepted, refused, ...rest }: Found): Batch {
  const { cancelledAt, stopped } = rest;
  return {
    ...{ id, key, total, createdAt, position, accepted, refused },
    ...(sendAt !== undefined && { sendAt }),
    ...(cancelledAt !== undefined && { cancelledAt }),
    ...(stopped !== undefined && { stopped }),
  };
}
