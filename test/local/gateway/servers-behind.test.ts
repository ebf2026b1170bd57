import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import {
  GetItemCommand,
  PutItemCommand,
  TransactGetItemsCommand,
  TransactWriteItemsCommand,
} from "@aws-sdk/client-dynamodb";
import { CreateBucketCommand, GetObjectCommand, PutObjectCommand } from "@aws-sdk/client-s3";
import { ReceiveMessageCommand, SendMessageCommand } from "@aws-sdk/client-sqs";
import { afterAll, beforeAll, describe, expect, it, vi } from "vitest";
import { arn, LOG_TABLE, startWorld, type World } from "./world.ts";

const TableName = LOG_TABLE.TableName ?? "";
const Item = { pk: { S: "CONV#1" }, sk: { S: "E#1" }, key: { S: "k" }, token: { S: "t" } };

describe("servers that run already", () => {
  let behind: World;
  let world: World;
  beforeAll(async () => {
    vi.stubEnv("AWS_ACCESS_KEY_ID", undefined);
    vi.stubEnv("AWS_SECRET_ACCESS_KEY", undefined);
    // Another gateway takes nothing but what is signed with credentials that it knows.
    behind = await startWorld();
    const { url } = behind.gateway;
    world = await startWorld({ endpoints: { dynamodb: url, sqs: url, s3: url } });
    await world.createTable();
  });
  afterAll(async () => {
    await world.close();
    await behind.close();
    vi.unstubAllEnvs();
  });

  it("hold the items, which the gateway still guards and counts", async () => {
    const Resource = arn("dynamodb", `table/${TableName}`);
    const role = world.role("writer", [{ Effect: "Allow", Action: "dynamodb:PutItem", Resource }]);
    await role.dynamodb.send(new PutItemCommand({ TableName, Item }));
    expect(world.takeCalls()).toMatchObject([{ action: "dynamodb:PutItem", writeUnits: 2 }]);
    const get = new GetItemCommand({ TableName, Key: { pk: Item.pk, sk: Item.sk } });
    await expect(role.dynamodb.send(get)).rejects.toThrow("not authorized to perform: dynamodb:GetItem");
    expect((await behind.admin.dynamodb.send(get)).Item).toEqual(Item);
  });

  it("hold the messages, under URLs of the gateway", async () => {
    const QueueUrl = await world.createQueue("mailbox");
    expect(QueueUrl).toBe(`${world.gateway.url}/123456789012/mailbox`);
    await world.admin.sqs.send(new SendMessageCommand({ QueueUrl, MessageBody: "x" }));
    const theirs = `${behind.gateway.url}/123456789012/mailbox`;
    const received = await behind.admin.sqs.send(new ReceiveMessageCommand({ QueueUrl: theirs }));
    expect(received.Messages).toMatchObject([{ Body: "x" }]);
  });

  it("hold the objects", async () => {
    const object = { Bucket: "media", Key: "a b/ü+1.txt" };
    await world.admin.s3.send(new CreateBucketCommand({ Bucket: "media" }));
    await world.admin.s3.send(new PutObjectCommand({ ...object, Body: "bytes" }));
    const { Body } = await behind.admin.s3.send(new GetObjectCommand(object));
    expect(await Body?.transformToString()).toBe("bytes");
  });
});

describe("transactions", () => {
  it("are what the embedded table lacks", async () => {
    const world = await startWorld();
    await world.createTable();
    const write = new TransactWriteItemsCommand({ TransactItems: [{ Put: { TableName, Item } }] });
    await expect(world.admin.dynamodb.send(write)).rejects.toMatchObject({ name: "UnknownOperationException" });
    await world.close();
  });

  it("count double on a server that has them", async () => {
    const behind = await startWorld();
    const server = await transactional(behind);
    const world = await startWorld({
      endpoints: { dynamodb: `http://127.0.0.1:${(server.address() as AddressInfo).port}` },
    });
    await world.createTable();
    world.calls.length = 0;
    const units = () =>
      world.calls.splice(0).map(({ action, readUnits, writeUnits }) => [action, readUnits, writeUnits]);
    const Key = { pk: Item.pk, sk: Item.sk };
    await world.admin.dynamodb.send(new TransactWriteItemsCommand({ TransactItems: [{ Put: { TableName, Item } }] }));
    expect(units()).toEqual([["dynamodb:PutItem", 0, 2 * (1 + 1)]]);
    await world.admin.dynamodb.send(new TransactGetItemsCommand({ TransactItems: [{ Get: { TableName, Key } }] }));
    expect(units()).toEqual([["dynamodb:GetItem", 2 * 1, 0]]);
    await world.close();
    server.close();
    await behind.close();
  });

  /** A table server that takes transactions of one part. */
  async function transactional(behind: World): Promise<Server> {
    const { dynamodb } = behind.admin;
    const server = createServer(async (request, response) => {
      const chunks: Buffer[] = [];
      for await (const chunk of request) chunks.push(chunk);
      const body = JSON.parse(Buffer.concat(chunks).toString());
      const [, operation = ""] = String(request.headers["x-amz-target"]).split(".");
      const answer = await perform(operation, body).catch((error) => ({ __type: error.name, message: error.message }));
      response.writeHead("__type" in answer ? 400 : 200, { "content-type": "application/x-amz-json-1.0" });
      response.end(JSON.stringify(answer));
    });
    const perform = async (operation: string, body: { TransactItems?: object[] }): Promise<object> => {
      const { Put, Get } = Object.assign({}, ...(body.TransactItems ?? []));
      if (Put) await dynamodb.send(new PutItemCommand(Put));
      if (Put) return {};
      if (Get) return { Responses: [{ Item: (await dynamodb.send(new GetItemCommand(Get))).Item }] };
      if (operation === "CreateTable") await behind.createTable();
      if (operation === "GetItem") return { Item: (await dynamodb.send(new GetItemCommand(body as never))).Item };
      return { Table: { ...LOG_TABLE, TableStatus: "ACTIVE" } };
    };
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    return server;
  }
});
