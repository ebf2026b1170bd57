/**
 * API keys, in the one table (docs/table.md). `KEY#<hash>` is what a request finds; what its owner sees of all keys
 * stands together under one key, so that nobody has to go through the table to list them. A function may write there when
 * a key was used, and never make or change a key.
 */
import {
  DeleteItemCommand,
  DynamoDBClient,
  GetItemCommand,
  PutItemCommand,
  QueryCommand,
  UpdateItemCommand,
} from "@aws-sdk/client-dynamodb";
import { marshall, unmarshall } from "@aws-sdk/util-dynamodb";
import type { ApiKey, ApiKeys, KeyRing, ListedKey } from "../ports.ts";
import { worldly } from "./faults.ts";
import { PATIENCE } from "./patience.ts";

const LIST = "KEYS#all";
const HOUR_MS = 3_600_000;
/** How long a span's count is kept after its end. */
const KEPT_SECONDS = 60;
const REFUSED = "ConditionalCheckFailedException";

export class KeyTable implements ApiKeys, KeyRing {
  readonly #client: DynamoDBClient;
  readonly #name: string;

  constructor({ tableName, client = new DynamoDBClient(PATIENCE) }: { tableName: string; client?: DynamoDBClient }) {
    this.#name = tableName;
    this.#client = client;
  }

  async apiKey(sha256: string): Promise<ApiKey | undefined> {
    const Key = marshall({ pk: `KEY#${sha256}`, sk: "KEY" });
    const command = new GetItemCommand({ TableName: this.#name, Key, ConsistentRead: true });
    const { Item } = await worldly(() => this.#client.send(command));
    return Item && toKey(unmarshall(Item));
  }

  async noteUse(key: string, now: number): Promise<void> {
    const command = new UpdateItemCommand({
      TableName: this.#name,
      Key: marshall({ pk: LIST, sk: key }),
      UpdateExpression: "SET #used = :now",
      // Many instances of a function see the same key.
      ConditionExpression: "attribute_exists(pk) AND (attribute_not_exists(#used) OR #used <= :before)",
      ExpressionAttributeNames: { "#used": "used" },
      ExpressionAttributeValues: marshall({ ":now": now, ":before": now - HOUR_MS }),
    });
    try {
      await worldly(() => this.#client.send(command), [REFUSED]);
    } catch (cause) {
      if (!(cause instanceof Error && cause.name === REFUSED)) throw cause;
    }
  }

  async countRequests(key: string, span: { number: number; endsAt: number }, requests: number): Promise<number> {
    const command = new UpdateItemCommand({
      TableName: this.#name,
      Key: marshall({ pk: `LIMIT#${key}`, sk: String(span.number).padStart(12, "0") }),
      UpdateExpression: "SET #expires = :expires ADD #requests :more",
      ExpressionAttributeNames: { "#requests": "requests", "#expires": "expires" },
      ExpressionAttributeValues: marshall({
        ":more": requests,
        ":expires": Math.floor(span.endsAt / 1000) + KEPT_SECONDS,
      }),
      ReturnValues: "UPDATED_NEW",
    });
    const { Attributes } = await worldly(() => this.#client.send(command));
    return Number(Attributes?.requests?.N ?? requests);
  }

  async listKeys(): Promise<ListedKey[]> {
    const keys: ListedKey[] = [];
    let from: Record<string, unknown> | undefined;
    do {
      const command = new QueryCommand({
        TableName: this.#name,
        KeyConditionExpression: "pk = :pk",
        ExpressionAttributeValues: marshall({ ":pk": LIST }),
        ConsistentRead: true,
        ...(from && { ExclusiveStartKey: marshall(from) }),
      });
      const { Items = [], LastEvaluatedKey } = await worldly(() => this.#client.send(command));
      keys.push(...Items.map((item) => toListed(unmarshall(item))));
      from = LastEvaluatedKey && unmarshall(LastEvaluatedKey);
    } while (from);
    return keys;
  }

  /** It is listed before it works: no key is ever good that its owner does not see. */
  async addKey(sha256: string, key: ListedKey): Promise<void> {
    const { id, scopes, accounts, limit } = key;
    await this.#put({ pk: LIST, sk: id, ...key, sha256 });
    await this.#put({ pk: `KEY#${sha256}`, sk: "KEY", id, scopes, accounts, limit });
  }

  async revokeKey(id: string, now: number): Promise<ListedKey | undefined> {
    const Key = marshall({ pk: LIST, sk: id });
    const asked = new GetItemCommand({ TableName: this.#name, Key, ConsistentRead: true });
    const { Item } = await worldly(() => this.#client.send(asked));
    if (!Item) return undefined;
    const { sha256, ...item } = unmarshall(Item);
    const gone = new DeleteItemCommand({ TableName: this.#name, Key: marshall({ pk: `KEY#${sha256}`, sk: "KEY" }) });
    await worldly(() => this.#client.send(gone));
    const revoked = Number(item.revoked ?? now);
    const noted = new UpdateItemCommand({
      TableName: this.#name,
      Key,
      UpdateExpression: "SET #revoked = :revoked",
      ExpressionAttributeNames: { "#revoked": "revoked" },
      ExpressionAttributeValues: marshall({ ":revoked": revoked }),
    });
    await worldly(() => this.#client.send(noted));
    return toListed({ ...item, revoked });
  }

  async #put(item: Record<string, unknown>): Promise<void> {
    const Item = marshall(item, { removeUndefinedValues: true });
    await worldly(() => this.#client.send(new PutItemCommand({ TableName: this.#name, Item })));
  }
}

type Unmarshalled = ReturnType<typeof unmarshall>;

function toKey({ id, scopes, accounts, limit }: Unmarshalled): ApiKey {
  return { id, scopes, ...(accounts && { accounts }), ...(limit && { limit }) };
}

function toListed({ name, created, used, revoked, ...item }: Unmarshalled): ListedKey {
  return {
    ...toKey(item),
    ...{ name, created },
    ...(used !== undefined && { used }),
    ...(revoked !== undefined && { revoked }),
  };
}
