import { type ChildProcess, fork } from "node:child_process";
import { once } from "node:events";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import {
  CreateTableCommand,
  DynamoDBClient,
  PutItemCommand,
  QueryCommand,
  ScanCommand,
} from "@aws-sdk/client-dynamodb";
import { CreateBucketCommand, GetObjectCommand, PutObjectCommand } from "@aws-sdk/client-s3";
import {
  CreateQueueCommand,
  DeleteMessageCommand,
  ReceiveMessageCommand,
  SendMessageCommand,
  SQSClient,
} from "@aws-sdk/client-sqs";
import { create } from "dynalite/db/index.js";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { administrator, emptyDirectory, LOG_TABLE, REGION, startWorld, type World } from "./world.ts";

const TableName = LOG_TABLE.TableName ?? "";
const fifo = { FifoQueue: "true", VisibilityTimeout: "600" };

let directory: { path: string; remove(): Promise<void> };
beforeEach(async () => {
  directory = await emptyDirectory();
});
afterEach(() => directory.remove());

const start = () => startWorld({ dataDir: directory.path });

async function receive(world: World, QueueUrl: string) {
  const command = new ReceiveMessageCommand({ QueueUrl, MaxNumberOfMessages: 10 });
  return ((await world.admin.sqs.send(command)).Messages ?? []).map(({ Body }) => Body);
}

function message(QueueUrl: string, body: string, group = "g") {
  const ids = { MessageGroupId: group, MessageDeduplicationId: `${group}-${body}` };
  return new SendMessageCommand({ QueueUrl, MessageBody: body, ...ids });
}

const queryIndex = (world: World, pk: string) =>
  world.admin.dynamodb.send(
    new QueryCommand({
      TableName,
      IndexName: "byKey",
      KeyConditionExpression: "pk = :p",
      ExpressionAttributeValues: { ":p": { S: pk } },
    }),
  );

describe("after a clean stop", () => {
  it("items, objects and messages are there, and what was in flight can be received at once and in order", async () => {
    const first = await start();
    await first.createTable();
    const Item = { pk: { S: "CONV#1" }, sk: { S: "E#1" }, key: { S: "k" }, token: { S: "t" } };
    await first.admin.dynamodb.send(new PutItemCommand({ TableName, Item }));
    await first.admin.s3.send(new CreateBucketCommand({ Bucket: "kept" }));
    await first.admin.s3.send(new PutObjectCommand({ Bucket: "kept", Key: "a/b", Body: "bytes" }));
    const before = await first.createQueue("kept.fifo", fifo);
    await first.admin.sqs.send(message(before, "1"));
    await first.admin.sqs.send(message(before, "2"));
    expect(await receive(first, before)).toEqual(["1"]);
    await first.close();

    const second = await start();
    await second.gateway.prepareForTraffic();
    const { Items } = await second.admin.dynamodb.send(new ScanCommand({ TableName, ConsistentRead: true }));
    expect(Items).toEqual([Item]);
    const { Body } = await second.admin.s3.send(new GetObjectCommand({ Bucket: "kept", Key: "a/b" }));
    expect(await Body?.transformToString()).toBe("bytes");
    const after = await second.createQueue("kept.fifo", fifo);
    expect(await receive(second, after)).toEqual(["1"]);
    await second.close();
  });

  it("a message that was sent before is not taken twice, though it is long gone", async () => {
    const first = await start();
    const QueueUrl = await first.createQueue("once.fifo", fifo);
    const { MessageId } = await first.admin.sqs.send(message(QueueUrl, "x"));
    const { Messages } = await first.admin.sqs.send(new ReceiveMessageCommand({ QueueUrl }));
    const ReceiptHandle = Messages?.[0]?.ReceiptHandle;
    await first.admin.sqs.send(new DeleteMessageCommand({ QueueUrl, ReceiptHandle }));
    await first.close();
    const second = await start();
    const again = await second.createQueue("once.fifo", fifo);
    expect(await second.admin.sqs.send(message(again, "x"))).toMatchObject({ MessageId });
    expect(await receive(second, again)).toEqual([]);
    await second.close();
  });

  it("resources that are made again keep what they hold", async () => {
    const first = await start();
    await first.createTable();
    await first.close();
    const second = await start();
    await expect(second.createTable()).rejects.toMatchObject({ name: "ResourceInUseException" });
    await second.close();
  });
});

describe("after kill -9", () => {
  it("no acknowledged write is lost, and what was in flight can be received", async () => {
    const child = fork(new URL("./gateway-process.ts", import.meta.url), [directory.path], {
      stdio: ["ignore", "pipe", "inherit", "ipc"],
    });
    const [endpoint] = await once(child.stdout ?? child, "data");
    const config = { region: REGION, endpoint: String(endpoint).trim(), credentials: administrator, maxAttempts: 1 };
    const [dynamodb, sqs] = [new DynamoDBClient(config), new SQSClient(config)];
    await dynamodb.send(new CreateTableCommand(LOG_TABLE));
    const { QueueUrl = "" } = await sqs.send(new CreateQueueCommand({ QueueName: "killed.fifo", Attributes: fifo }));
    const acknowledged: string[] = [];
    const write = async (number: number) => {
      const Item = { pk: { S: "CONV#1" }, sk: { S: `E#${number}` }, key: { S: `k${number}` } };
      await dynamodb.send(new PutItemCommand({ TableName, Item }));
      await sqs.send(message(QueueUrl, String(number), String(number)));
      acknowledged.push(String(number));
    };
    for (let number = 0; number < 20; number += 1) await write(number);
    await sqs.send(new ReceiveMessageCommand({ QueueUrl, MaxNumberOfMessages: 5 }));
    const unfinished = Array.from({ length: 20 }, (_, number) => write(20 + number).catch(() => undefined));
    await kill(child);
    await Promise.all(unfinished);

    const world = await start();
    const { Items = [] } = await world.admin.dynamodb.send(new ScanCommand({ TableName }));
    const numbers = Items.map(({ sk }) => sk?.S?.slice(2));
    expect(numbers).toEqual(expect.arrayContaining(acknowledged));
    const indexed = (await queryIndex(world, "CONV#1")).Items ?? [];
    expect(indexed.map(({ sk }) => sk?.S?.slice(2)).sort()).toEqual(numbers.sort());
    const url = await world.createQueue("killed.fifo", fifo);
    const received: (string | undefined)[] = [];
    for (let batch = await receive(world, url); batch.length > 0; batch = await receive(world, url))
      received.push(...batch);
    expect(received).toEqual(expect.arrayContaining(acknowledged));
    await world.close();
  });

  async function kill(child: ChildProcess) {
    const exited = once(child, "exit");
    child.kill("SIGKILL");
    await exited;
  }

  it("index rows without an item are gone, missing ones are back, and a table half made is whole", async () => {
    const first = await start();
    await first.createTable();
    const put = (pk: string) =>
      first.admin.dynamodb.send(
        new PutItemCommand({
          TableName,
          Item: { pk: { S: pk }, sk: { S: "E#1" }, key: { S: "k" }, token: { S: "t" } },
        }),
      );
    await put("CONV#kept");
    await put("CONV#lost");
    await first.close();
    await cutShort(join(directory.path, "dynamodb"));

    const second = await start();
    const rows = async (pk: string) => (await queryIndex(second, pk)).Items;
    expect(await rows("CONV#kept")).toEqual([
      { pk: { S: "CONV#kept" }, sk: { S: "E#1" }, key: { S: "k" }, token: { S: "t" } },
    ]);
    expect(await rows("CONV#lost")).toEqual([]);
    await second.close();
  });

  /** The state of a directory whose process died between an index and its item. */
  async function cutShort(dynamodbDirectory: string) {
    const { db } = create({ path: join(dynamodbDirectory, "tables") });
    await db.open();
    const everything: [string, unknown][] = [];
    for await (const row of db.iterator({ gte: "", lt: "\uffff" })) everything.push(row);
    for (const [key, value] of everything) {
      const text = JSON.stringify(value);
      const isItemOfLost = key.startsWith("item-") && text.includes("CONV#lost");
      const isRowOfKept = key.startsWith("index-") && text.includes("CONV#kept");
      if (isItemOfLost || isRowOfKept) await db.batch([{ type: "del", key }]);
      if (key.startsWith("table~")) {
        await db.batch([{ type: "put", key, value: { ...(value as object), TableStatus: "CREATING" } }]);
      }
    }
    await db.close();
    await writeFile(join(dynamodbDirectory, "open"), "");
  }
});

describe("one data directory", () => {
  it("serves one gateway at a time", async () => {
    const first = await start();
    await expect(start()).rejects.toThrow();
    await first.close();
  });

  it("is let go when the port is taken", async () => {
    const other = await startWorld();
    const port = Number(new URL(other.gateway.url).port);
    await expect(startWorld({ dataDir: directory.path, port })).rejects.toMatchObject({ code: "EADDRINUSE" });
    await (await start()).close();
    await other.close();
  });
});
