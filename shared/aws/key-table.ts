/**
 * API keys, in the one table (docs/table.md). `KEY#<hash>` is what a request finds; what its owner sees of all keys
 * stands together under one key, so that nobody has to go through the table to list them. A function may write there when
 * a key was used, and never make or change a key.
 */
import type { DynamoDBClient } from "@aws-sdk/client-dynamodb";
import { marshall } from "@aws-sdk/util-dynamodb";
import type { ApiKey, ApiKeys, KeyRing, ListedKey } from "../ports.ts";
import { type Found, Items } from "./items.ts";

const LIST = "KEYS#all";
const HOUR_MS = 3_600_000;
/** How long a span's count is kept after its end. */
const KEPT_SECONDS = 60;

export class KeyTable implements ApiKeys, KeyRing {
  readonly #items: Items;

  constructor(table: { tableName: string; client?: DynamoDBClient }) {
    this.#items = new Items(table);
  }

  async apiKey(sha256: string): Promise<ApiKey | undefined> {
    const row = await this.#items.get(`KEY#${sha256}`, "KEY");
    return row && toKey(row);
  }

  async noteUse(key: string, now: number): Promise<void> {
    await this.#items.update(
      { pk: LIST, sk: key },
      {
        UpdateExpression: "SET #used = :now",
        // Many instances of a function see the same key.
        ConditionExpression: "attribute_exists(pk) AND (attribute_not_exists(#used) OR #used <= :before)",
        ExpressionAttributeNames: { "#used": "used" },
        ExpressionAttributeValues: marshall({ ":now": now, ":before": now - HOUR_MS }),
      },
    );
  }

  async countRequests(key: string, span: { number: number; endsAt: number }, requests: number): Promise<number> {
    const counted = await this.#items.update(
      { pk: `LIMIT#${key}`, sk: String(span.number).padStart(12, "0") },
      {
        UpdateExpression: "SET #expires = :expires ADD #requests :more",
        ExpressionAttributeNames: { "#requests": "requests", "#expires": "expires" },
        ExpressionAttributeValues: marshall({
          ":more": requests,
          ":expires": Math.floor(span.endsAt / 1000) + KEPT_SECONDS,
        }),
        ReturnValues: "UPDATED_NEW",
      },
    );
    return Number(counted?.requests ?? requests);
  }

  async listKeys(): Promise<ListedKey[]> {
    return (await this.#items.query({ pk: LIST, isConsistent: true })).map(toListed);
  }

  /** It is listed before it works: no key is ever good that its owner does not see. */
  async addKey(sha256: string, key: ListedKey): Promise<void> {
    const { id, scopes, accounts, limit } = key;
    await this.#items.put({ pk: LIST, sk: id, ...key, sha256 });
    await this.#items.put({ pk: `KEY#${sha256}`, sk: "KEY", id, scopes, accounts, limit });
  }

  async revokeKey(id: string, now: number): Promise<ListedKey | undefined> {
    const row = await this.#items.get(LIST, id);
    if (!row) return undefined;
    await this.#items.remove(`KEY#${row.sha256}`, "KEY");
    const revoked = Number(row.revoked ?? now);
    await this.#items.update(
      { pk: LIST, sk: id },
      {
        UpdateExpression: "SET #revoked = :revoked",
        ExpressionAttributeNames: { "#revoked": "revoked" },
        ExpressionAttributeValues: marshall({ ":revoked": revoked }),
      },
    );
    return toListed({ ...row, revoked });
  }
}

function toKey({ id, scopes, accounts, limit }: Found): ApiKey {
  return { id, scopes, ...(accounts && { accounts }), ...(limit && { limit }) };
}

function toListed({ name, created, used, revoked, ...row }: Found): ListedKey {
  return {
    ...toKey(row),
    ...{ name, created },
    ...(used !== undefined && { used }),
    ...(revoked !== undefined && { revoked }),
  };
}
