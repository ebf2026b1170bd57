import {
  BatchGetItemCommand,
  BatchWriteItemCommand,
  DeleteItemCommand,
  GetItemCommand,
  PutItemCommand,
  QueryCommand,
  UpdateItemCommand,
} from "@aws-sdk/client-dynamodb";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { itemSize } from "../../../local/gateway/dynamodb/item-size.ts";
import { LOG_TABLE, startWorld, type World } from "./world.ts";

const TableName = LOG_TABLE.TableName ?? "";

let world: World;
beforeAll(async () => {
  world = await startWorld();
  await world.createTable();
});
afterAll(() => world.close());
beforeEach(() => {
  world.calls.length = 0;
});

const table = { send: (command: object) => world.admin.dynamodb.send(command as PutItemCommand) };

/** What the calls since the start of the test consumed. */
function consumed() {
  const sum = (units: "readUnits" | "writeUnits") => world.calls.reduce((all, call) => all + call[units], 0);
  return { read: sum("readUnits"), write: sum("writeUnits") };
}

type Item = Record<string, { S: string }>;

let logs = 0;
function newLog(): string {
  logs += 1;
  return `CONV#${logs}`;
}

/** An item of exactly this many bytes. */
function item(pk: string, sk: string, more: Item, bytes = 0): Item {
  const made: Item = { pk: { S: pk }, sk: { S: sk }, ...more };
  const missing = bytes - itemSize(made) - "text".length;
  return missing > 0 ? { ...made, text: { S: "x".repeat(missing) } } : made;
}
const entry = (pk: string, sk: string, bytes?: number) =>
  item(pk, sk, { key: { S: `k${sk}` }, token: { S: "t" } }, bytes);
const put = (Item: Item, more: object = {}) => table.send(new PutItemCommand({ TableName, Item, ...more }));

describe("item sizes", () => {
  it.each([
    ["text in UTF-8 with its name", { né: { S: "Olá 😀" } }, 3 + 9],
    ["a zero", { n: { N: "0" } }, 1 + 1],
    ["one digit", { n: { N: "7" } }, 1 + 2],
    ["two digits", { n: { N: "42" } }, 1 + 2],
    ["three digits", { n: { N: "123" } }, 1 + 3],
    ["zeros at the end", { n: { N: "170000000000" } }, 1 + 2],
    ["pairs from the point on", { n: { N: "1700000000000" } }, 1 + 3],
    ["a time in ms", { n: { N: "1763790000123" } }, 1 + 8],
    ["digits on both sides of the point", { n: { N: "1.5" } }, 1 + 3],
    ["a small fraction", { n: { N: "0.0012" } }, 1 + 2],
    ["below zero", { n: { N: "-42" } }, 1 + 3],
    ["an exponent", { n: { N: "12E10" } }, 1 + 2],
    ["bytes, not their base64", { b: { B: "AAECAw==" } }, 1 + 4],
    ["true and null", { a: { BOOL: true }, b: { NULL: true } }, 4],
    ["a set", { s: { SS: ["ab", "c"] } }, 1 + 3],
    ["numbers in a set", { s: { NS: ["1", "123"] } }, 1 + 5],
    ["a list", { l: { L: [{ S: "ab" }, { N: "1" }] } }, 1 + 3 + (1 + 2) + (1 + 2)],
    ["a map", { m: { M: { k: { S: "ab" } } } }, 1 + 3 + (1 + 1 + 2)],
    ["an empty map", { m: { M: {} } }, 1 + 3],
  ])("count %s", (_, one, bytes) => {
    expect(itemSize(one)).toBe(bytes);
  });
});

describe("writes", () => {
  it("cost one unit for each KB begun, and one for each index that gets an entry", async () => {
    await put(item(newLog(), "S", {}, 1024));
    expect(consumed().write).toBe(1);
    await put(item(newLog(), "S", {}, 1025));
    expect(consumed().write).toBe(1 + 2);
    await put(entry(newLog(), "E#1", 1024));
    expect(consumed().write).toBe(3 + 2);
    await put(item(newLog(), "E#1", { key: { S: "k" }, shard: { S: "1" }, at: { S: "2" } }, 900));
    expect(consumed().write).toBe(5 + 3);
  });

  it("count UTF-8, in which an emoji has four bytes", async () => {
    await put({ pk: { S: newLog() }, sk: { S: "S" }, text: { S: "😀".repeat(600) } });
    expect(consumed().write).toBe(3);
  });

  it("count a large attribute in an index only where the index carries it", async () => {
    await put({ ...entry(newLog(), "E#1", 5000) });
    expect(consumed().write).toBe(5 + 1);
    await put({ ...entry(newLog(), "E#1"), token: { S: "x".repeat(2000) } });
    expect(consumed().write).toBe(6 + 2 + 2);
  });

  it("cost by the larger of the old and the new item, and nothing in an index that stays as it is", async () => {
    const log = newLog();
    await put(entry(log, "E#1", 3000));
    world.calls.length = 0;
    await put(entry(log, "E#1", 100));
    expect(consumed().write).toBe(3);
    await put(entry(log, "E#1", 100));
    expect(consumed().write).toBe(3 + 1);
  });

  it.each([
    ["an attribute that no index carries", "SET note = :v", 1],
    ["one that an index carries", "SET #t = :v", 1 + 1],
    ["the key of an index: out and in", "SET #k = :v", 1 + 2],
    ["the key of both indexes", "SET #k = :v, #a = :v", 1 + 2 + 2],
    ["the key of one away", "REMOVE #k", 1 + 1],
  ])("of an update with %s", async (_, UpdateExpression, units) => {
    const log = newLog();
    await put(item(log, "E#1", { key: { S: "k" }, token: { S: "t" }, shard: { S: "1" }, at: { S: "1" } }));
    world.calls.length = 0;
    const names = { "#t": "token", "#k": "key", "#a": "at" };
    const used = Object.entries(names).filter(([name]) => UpdateExpression.includes(name));
    await table.send(
      new UpdateItemCommand({
        TableName,
        Key: { pk: { S: log }, sk: { S: "E#1" } },
        UpdateExpression,
        ...(used.length > 0 && { ExpressionAttributeNames: Object.fromEntries(used) }),
        ...(UpdateExpression.includes(":v") && { ExpressionAttributeValues: { ":v": { S: "new" } } }),
      }),
    );
    expect(consumed()).toEqual({ read: 0, write: units });
  });

  it("cost for a delete what was there, in the indexes too", async () => {
    const log = newLog();
    await put(entry(log, "E#1", 2000));
    world.calls.length = 0;
    const Key = { pk: { S: log }, sk: { S: "E#1" } };
    await table.send(new DeleteItemCommand({ TableName, Key }));
    expect(consumed().write).toBe(2 + 1);
    await table.send(new DeleteItemCommand({ TableName, Key }));
    expect(consumed().write).toBe(3 + 1);
  });

  it("cost when their condition fails, and nothing when they are refused otherwise", async () => {
    const log = newLog();
    await put(entry(log, "E#1", 3000));
    world.calls.length = 0;
    const taken = put(entry(log, "E#1", 100), { ConditionExpression: "attribute_not_exists(pk)" });
    await expect(taken).rejects.toMatchObject({ name: "ConditionalCheckFailedException" });
    expect(consumed().write).toBe(3);
    await expect(put({ pk: { S: log } })).rejects.toMatchObject({ name: "ValidationException" });
    expect(consumed().write).toBe(3);
  });

  it("of a batch cost as each alone", async () => {
    const log = newLog();
    await put(entry(log, "E#1", 2000));
    world.calls.length = 0;
    const Key = { pk: { S: log }, sk: { S: "E#1" } };
    const requests = [{ PutRequest: { Item: entry(log, "E#2", 1500) } }, { DeleteRequest: { Key } }];
    await table.send(new BatchWriteItemCommand({ RequestItems: { [TableName]: requests } }));
    expect(consumed()).toEqual({ read: 0, write: 2 + 1 + (2 + 1) });
  });

  it("answer as they were asked, with our own figures", async () => {
    const log = newLog();
    const first = await put(entry(log, "E#1", 1500), { ReturnConsumedCapacity: "INDEXES" });
    expect(first).toMatchObject({ ConsumedCapacity: { CapacityUnits: 3, Table: { CapacityUnits: 2 } } });
    const silent = await put(entry(log, "E#1", 100));
    expect(silent).not.toHaveProperty("Attributes");
    const asking = await put(entry(log, "E#1", 200), { ReturnValues: "ALL_OLD" });
    expect(asking).toHaveProperty("Attributes", entry(log, "E#1", 100));
  });
});

describe("reads", () => {
  const Key = (log: string) => ({ pk: { S: log }, sk: { S: "E#1" } });
  const get = (log: string, more: object = {}) => table.send(new GetItemCommand({ TableName, Key: Key(log), ...more }));

  it("cost one unit for each 4 KB begun, half when they need not be consistent, and one when nothing is there", async () => {
    const [small, large] = [newLog(), newLog()];
    await put(entry(small, "E#1", 4096));
    await put(entry(large, "E#1", 4097));
    world.calls.length = 0;
    await get(small, { ConsistentRead: true });
    expect(consumed().read).toBe(1);
    await get(large, { ConsistentRead: true });
    expect(consumed().read).toBe(1 + 2);
    await get(large);
    expect(consumed().read).toBe(3 + 1);
    await get(newLog(), { ConsistentRead: true });
    expect(consumed().read).toBe(4 + 1);
    await get(newLog());
    expect(consumed().read).toBe(5 + 0.5);
  });

  it("cost the whole item where only a part is shown", async () => {
    const log = newLog();
    await put(entry(log, "E#1", 9000));
    world.calls.length = 0;
    const names = { ExpressionAttributeNames: { "#t": "token" }, ProjectionExpression: "#t" };
    expect(await get(log, { ConsistentRead: true, ...names })).toMatchObject({ Item: { token: { S: "t" } } });
    expect(consumed().read).toBe(3);
  });

  describe("by query", () => {
    const log = "CONV#queried";
    beforeAll(async () => {
      for (let sequence = 1; sequence <= 5; sequence += 1) await put(entry(log, `E#00${sequence}`, 1000));
      await put(item(log, "SUMMARY", {}, 3000));
    });
    const query = (more: object) =>
      table.send(
        new QueryCommand({
          TableName,
          KeyConditionExpression: "pk = :p AND begins_with(sk, :e)",
          ConsistentRead: true,
          ...more,
          ExpressionAttributeValues: {
            ":p": { S: log },
            ":e": { S: "E#" },
            ...("ExpressionAttributeValues" in more ? (more.ExpressionAttributeValues as object) : {}),
          },
        }),
      );

    it("cost what was gone through, summed before it is rounded", async () => {
      await query({});
      expect(consumed().read).toBe(2);
      await query({ ConsistentRead: false });
      expect(consumed().read).toBe(2 + 1);
      await query({ Limit: 1, ScanIndexForward: false });
      expect(consumed().read).toBe(3 + 1);
    });

    it.each([
      ["filtered away", { FilterExpression: "note = :n", ExpressionAttributeValues: { ":n": { S: "x" } } }],
      ["only counted", { Select: "COUNT" }],
      ["shown in part", { ProjectionExpression: "sk" }],
    ])("cost the same when it is %s", async (_, more) => {
      await query(more);
      expect(consumed().read).toBe(2);
    });

    it("of a local index cost its small entries, and an item each for what it does not carry", async () => {
      const byKey = {
        TableName,
        IndexName: "byKey",
        KeyConditionExpression: "pk = :p",
        ExpressionAttributeValues: { ":p": { S: log } },
        ConsistentRead: true,
      };
      await table.send(new QueryCommand(byKey));
      expect(consumed().read).toBe(1);
      await table.send(new QueryCommand({ ...byKey, Select: "ALL_ATTRIBUTES" }));
      expect(consumed().read).toBe(1 + 1 + 5);
    });

    it("that finds nothing costs the least there is", async () => {
      await query({ ExpressionAttributeValues: { ":e": { S: "F#" } } });
      expect(consumed().read).toBe(1);
    });
  });

  it("of a batch round each item by itself", async () => {
    const [one, other] = [newLog(), newLog()];
    await put(entry(one, "E#1", 100));
    await put(entry(other, "E#1", 5000));
    world.calls.length = 0;
    const Keys = [Key(one), Key(other), Key(newLog())];
    await table.send(new BatchGetItemCommand({ RequestItems: { [TableName]: { Keys, ConsistentRead: true } } }));
    expect(consumed()).toEqual({ read: 1 + 2 + 1, write: 0 });
  });
});

describe("what the product asks of the table", () => {
  it("puts a number once, finds the newest entry and an entry by its key", async () => {
    const log = newLog();
    const append = (number: string) =>
      put(entry(log, `E#${number}`), { ConditionExpression: "attribute_not_exists(pk)" });
    await append("000000000001");
    await append("000000000002");
    await put(item(log, "SUMMARY", {}));
    await expect(append("000000000002")).rejects.toMatchObject({ name: "ConditionalCheckFailedException" });

    const newest = await world.admin.dynamodb.send(
      new QueryCommand({
        TableName,
        KeyConditionExpression: "pk = :p AND begins_with(sk, :e)",
        ExpressionAttributeValues: { ":p": { S: log }, ":e": { S: "E#" } },
        ConsistentRead: true,
        ScanIndexForward: false,
        Limit: 1,
      }),
    );
    expect(newest.Items).toEqual([entry(log, "E#000000000002")]);

    const byKey = await world.admin.dynamodb.send(
      new QueryCommand({
        TableName,
        IndexName: "byKey",
        KeyConditionExpression: "pk = :p AND #k = :k",
        ExpressionAttributeNames: { "#k": "key" },
        ExpressionAttributeValues: { ":p": { S: log }, ":k": { S: "kE#000000000001" } },
        ConsistentRead: true,
      }),
    );
    expect(byKey.Items).toEqual([
      { pk: { S: log }, sk: { S: "E#000000000001" }, key: { S: "kE#000000000001" }, token: { S: "t" } },
    ]);
  });

  it("pages through entries behind a number", async () => {
    const log = newLog();
    for (const number of ["1", "2", "3"]) await put(entry(log, `E#${number}`));
    const page = {
      TableName,
      KeyConditionExpression: "pk = :p AND sk > :s",
      ExpressionAttributeValues: { ":p": { S: log }, ":s": { S: "E#1" } },
      Limit: 1,
    };
    const first = await world.admin.dynamodb.send(new QueryCommand(page));
    const next = { ...page, ExclusiveStartKey: first.LastEvaluatedKey };
    const second = await world.admin.dynamodb.send(new QueryCommand(next));
    expect([first, second].flatMap(({ Items = [] }) => Items.map(({ sk }) => sk?.S))).toEqual(["E#2", "E#3"]);
  });
});
