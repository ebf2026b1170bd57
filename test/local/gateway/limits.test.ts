import { BatchWriteItemCommand, PutItemCommand, UpdateItemCommand } from "@aws-sdk/client-dynamodb";
import { PutEventsCommand } from "@aws-sdk/client-eventbridge";
import { CreateBucketCommand, PutObjectCommand } from "@aws-sdk/client-s3";
import { CreateTopicCommand, PublishBatchCommand, PublishCommand, SNSClient } from "@aws-sdk/client-sns";
import { SendMessageBatchCommand, SendMessageCommand } from "@aws-sdk/client-sqs";
import { GetParameterCommand, GetParametersCommand } from "@aws-sdk/client-ssm";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { administrator, arn, LOG_TABLE, startWorld, type World } from "./world.ts";

const TableName = LOG_TABLE.TableName ?? "";

let world: World;
beforeAll(async () => {
  world = await startWorld();
  await world.createTable();
});
afterAll(() => world.close());

describe("queues", () => {
  let QueueUrl: string;
  beforeAll(async () => {
    QueueUrl = await world.createQueue("limits.fifo", { FifoQueue: "true" });
  });
  const send = (group: string, deduplication: string, body = "x") =>
    world.admin.sqs.send(
      new SendMessageCommand({
        QueueUrl,
        MessageBody: body,
        MessageGroupId: group,
        MessageDeduplicationId: deduplication,
      }),
    );
  const batch = (entries: { id?: string; body?: string; group?: string }[]) =>
    world.admin.sqs.send(
      new SendMessageBatchCommand({
        QueueUrl,
        Entries: entries.map(({ id, body = "x", group = "g" }, index) => ({
          Id: id ?? `id-${index}`,
          MessageBody: body,
          MessageGroupId: group,
          MessageDeduplicationId: `batch-${id}-${index}-${body.length}`,
        })),
      }),
    );

  it("take ids of 128 characters and punctuation, and nothing longer, with a blank or beyond ASCII", async () => {
    await send("g".repeat(128), `!"#$%&'()*+,-./:;<=>?@[]^_{|}~`);
    for (const wrong of ["g".repeat(129), "a blank", "ação"]) {
      await expect(send(wrong, "d")).rejects.toThrow("parameter MessageGroupId is invalid");
      await expect(send("g", wrong)).rejects.toThrow("parameter MessageDeduplicationId is invalid");
      await expect(batch([{ group: wrong }])).rejects.toThrow("parameter MessageGroupId is invalid");
    }
  });

  it("take messages of 262,144 bytes with their attributes, and batches of as much in all", async () => {
    await send("g", "largest", "x".repeat(262_144));
    await expect(send("g", "larger", "x".repeat(262_145))).rejects.toThrow("shorter than 262144 bytes");
    const attributed = new SendMessageCommand({
      QueueUrl,
      MessageBody: "x".repeat(262_144 - 10),
      MessageGroupId: "g",
      MessageDeduplicationId: "attributed",
      MessageAttributes: { name: { DataType: "String", StringValue: "x" } },
    });
    await expect(world.admin.sqs.send(attributed)).rejects.toThrow("shorter than 262144 bytes");
    const half = "x".repeat(131_072);
    await expect(batch([{ body: half }, { body: half }])).resolves.toHaveProperty("Successful.length", 2);
    await expect(batch([{ body: half }, { body: `${half}x` }])).rejects.toMatchObject({ name: "BatchRequestTooLong" });
  });

  it("take batches of ten with distinct ids", async () => {
    await expect(batch(Array(10).fill({}))).resolves.toHaveProperty("Successful.length", 10);
    await expect(batch(Array(11).fill({}))).rejects.toMatchObject({ name: "TooManyEntriesInBatchRequest" });
    await expect(batch([])).rejects.toMatchObject({ name: "EmptyBatchRequest" });
    await expect(batch([{ id: "a" }, { id: "a" }])).rejects.toMatchObject({ name: "BatchEntryIdsNotDistinct" });
    await expect(batch([{ id: "a b" }])).rejects.toMatchObject({ name: "InvalidBatchEntryId" });
    await expect(batch([{ id: "a".repeat(81) }])).rejects.toMatchObject({ name: "InvalidBatchEntryId" });
  });
});

describe("the table", () => {
  const put = (Item: Record<string, { S: string }>) =>
    world.admin.dynamodb.send(new PutItemCommand({ TableName, Item }));
  const keys = { pk: { S: "p" }, sk: { S: "s" } };
  const overhead = "p".length + "pk".length + "s".length + "sk".length + "text".length;

  it("takes items of 400 KB by UTF-8", async () => {
    await put({ ...keys, text: { S: "é".repeat((409_600 - overhead) / 2) } });
    const tooLarge = { ...keys, text: { S: `${"é".repeat((409_600 - overhead) / 2)}x` } };
    await expect(put(tooLarge)).rejects.toMatchObject({
      name: "ValidationException",
      message: "Item size has exceeded the maximum allowed size",
    });
    const RequestItems = { [TableName]: [{ PutRequest: { Item: tooLarge } }] };
    await expect(world.admin.dynamodb.send(new BatchWriteItemCommand({ RequestItems }))).rejects.toThrow("Item size");
  });

  it("takes partition keys of 2,048 and sort keys of 1,024 bytes, in the indexes too", async () => {
    const [partition, sort] = ["é".repeat(1024), "é".repeat(512)];
    await put({ pk: { S: partition }, sk: { S: sort }, key: { S: sort } });
    await expect(put({ ...keys, pk: { S: `${partition}x` } })).rejects.toThrow("maximum size limit of2048 bytes");
    await expect(put({ ...keys, sk: { S: `${sort}x` } })).rejects.toThrow("size limit of 1024 bytes");
    await expect(put({ ...keys, key: { S: `${sort}x` } })).rejects.toThrow("size limit of 1024 bytes");
    const Key = { ...keys, sk: { S: `${sort}x` } };
    await expect(world.admin.dynamodb.send(new UpdateItemCommand({ TableName, Key }))).rejects.toThrow("1024 bytes");
  });
});

describe("parameters", () => {
  it("are read ten at a time, whole only with decryption, and hold 4 KB", async () => {
    for (let number = 0; number <= 10; number += 1) world.gateway.setParameter(`/p/${number}`, `value ${number}`);
    const Names = Array.from({ length: 10 }, (_, number) => `/p/${number}`);
    const get = (names: string[], WithDecryption = true) =>
      world.admin.ssm.send(new GetParametersCommand({ Names: names, WithDecryption }));
    const found = await get([...Names.slice(1), "/p/none"]);
    expect(found.Parameters?.map(({ Value }) => Value)).toEqual(
      Names.slice(1).map((name) => name.replace("/p/", "value ")),
    );
    expect(found.InvalidParameters).toEqual(["/p/none"]);
    await expect(get([...Names, "/p/10"])).rejects.toMatchObject({ name: "ValidationException" });
    expect((await get(["/p/1"], false)).Parameters?.[0]?.Value).not.toContain("value");

    const one = (Name: string) => world.admin.ssm.send(new GetParameterCommand({ Name, WithDecryption: true }));
    world.gateway.setParameter("/p/1", "changed");
    expect((await one("/p/1")).Parameter).toMatchObject({ Type: "SecureString", Value: "changed", Version: 2 });
    await expect(one("/p/none")).rejects.toMatchObject({ name: "ParameterNotFound" });
    expect(() => world.gateway.setParameter("/p/large", "x".repeat(4097))).toThrow("4096 bytes");
  });
});

describe("FIFO topics", () => {
  const TopicArn = arn("sns", "limits.fifo");
  const message = { Message: "x", MessageGroupId: "account:sms", MessageDeduplicationId: "1.000000000001.evt_a-_" };
  let sns: SNSClient;
  beforeAll(async () => {
    sns = new SNSClient(world.gateway.clients(administrator));
    await sns.send(new CreateTopicCommand({ Name: "limits.fifo" }));
  });
  const publish = (more: object) => sns.send(new PublishCommand({ TopicArn, ...message, ...more }));

  it("take messages of 256 KB with their attributes, and a batch of no more in all", async () => {
    const MessageAttributes = { type: { DataType: "String", StringValue: "message.received" } };
    const room = 262_144 - "typeStringmessage.received".length;
    await expect(publish({ Message: "x".repeat(room), MessageAttributes })).resolves.toHaveProperty("MessageId");
    await expect(publish({ Message: "x".repeat(room + 1), MessageAttributes })).rejects.toThrow("too long");
    const batch = (bytes: number) => {
      const entries = ["a", "b"].map((Id) => ({ ...message, Id, Message: "x".repeat(bytes) }));
      return sns.send(new PublishBatchCommand({ TopicArn, PublishBatchRequestEntries: entries }));
    };
    expect((await batch(131_072)).Successful).toHaveLength(2);
    await expect(batch(131_073)).rejects.toMatchObject({ name: "BatchRequestTooLongException" });
  });

  it("take ids of 128 characters without blanks", async () => {
    await expect(publish({ MessageGroupId: "g".repeat(128) })).resolves.toHaveProperty("MessageId");
    await expect(publish({ MessageGroupId: "g".repeat(129) })).rejects.toThrow("MessageGroupId");
    await expect(publish({ MessageDeduplicationId: "an id" })).rejects.toThrow("MessageDeduplicationId");
    await expect(publish({ MessageGroupId: undefined })).rejects.toThrow("MessageGroupId");
  });
});

describe("event buses", () => {
  const entry = { EventBusName: "recado", Source: "recado", DetailType: "message.received", Detail: '{"a":1}' };
  const put = (...Entries: object[]) => world.admin.events.send(new PutEventsCommand({ Entries }));

  it("take ten entries of 256 KB in all", async () => {
    expect(await put(...Array(10).fill(entry))).toMatchObject({ FailedEntryCount: 0 });
    await expect(put(...Array(11).fill(entry))).rejects.toMatchObject({ name: "ValidationException" });
    const fixed = entry.Source.length + entry.DetailType.length + '{"a":""}'.length;
    const sized = (bytes: number) => ({ ...entry, Detail: JSON.stringify({ a: "x".repeat(bytes - fixed) }) });
    await expect(put(sized(262_144))).resolves.toMatchObject({ FailedEntryCount: 0 });
    await expect(put(sized(262_144 - 10), entry)).rejects.toThrow("over the limit");
  });

  it("refuse an entry by itself, tell listeners of the others, and keep them", async () => {
    const seen: unknown[] = [];
    world.gateway.onEvent((bus, event) => seen.push([bus, event]));
    const Time = new Date("2026-11-22T12:00:00Z");
    const bus = "arn:aws:events:eu-west-1:123456789012:event-bus/second";
    const answer = await put(
      { ...entry, Detail: "not json" },
      { ...entry, Source: undefined },
      { ...entry, EventBusName: bus, Time },
    );
    expect(answer.FailedEntryCount).toBe(2);
    expect(answer.Entries?.map(({ ErrorCode }) => ErrorCode)).toEqual([
      "MalformedDetail",
      "InvalidArgument",
      undefined,
    ]);
    const event = { Source: "recado", DetailType: "message.received", Detail: '{"a":1}', Time: Time.toISOString() };
    expect(seen).toEqual([["second", event]]);
    expect(world.gateway.recentEvents("second")).toEqual([event]);
    expect(world.gateway.recentEvents("third")).toEqual([]);
  });
});

describe("buckets", () => {
  it("take keys of 1,024 bytes", async () => {
    await world.admin.s3.send(new CreateBucketCommand({ Bucket: "limits" }));
    const put = (Key: string) => world.admin.s3.send(new PutObjectCommand({ Bucket: "limits", Key, Body: "x" }));
    await put("é".repeat(512));
    await expect(put(`${"é".repeat(512)}x`)).rejects.toMatchObject({ name: "KeyTooLongError" });
  });
});
