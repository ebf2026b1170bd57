import {
  BatchGetItemCommand,
  GetItemCommand,
  PutItemCommand,
  QueryCommand,
  TransactWriteItemsCommand,
  UpdateItemCommand,
} from "@aws-sdk/client-dynamodb";
import { PutEventsCommand } from "@aws-sdk/client-eventbridge";
import { CreateBucketCommand, GetObjectCommand, HeadObjectCommand, PutObjectCommand } from "@aws-sdk/client-s3";
import { ReceiveMessageCommand, SendMessageBatchCommand, SendMessageCommand } from "@aws-sdk/client-sqs";
import { GetParameterCommand, GetParametersCommand } from "@aws-sdk/client-ssm";
import aws4 from "aws4";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { administrator, arn, type Clients, LOG_TABLE, REGION, startWorld, type World } from "./world.ts";

const TableName = LOG_TABLE.TableName ?? "";
const TABLE = arn("dynamodb", `table/${TableName}`);

let world: World;
beforeAll(async () => {
  world = await startWorld();
  await world.createTable();
});
afterAll(() => world.close());

describe("a missing permission", () => {
  it("is named in the refusal of a queue, and recorded", async () => {
    const QueueUrl = await world.createQueue("named");
    const receiver = world.role("receiver", [
      { Effect: "Allow", Action: "sqs:ReceiveMessage", Resource: arn("sqs", "named") },
    ]);
    await receiver.sqs.send(new ReceiveMessageCommand({ QueueUrl }));
    world.takeCalls();
    const resource = arn("sqs", "named");
    await expect(receiver.sqs.send(new SendMessageCommand({ QueueUrl, MessageBody: "x" }))).rejects.toMatchObject({
      name: "AccessDenied",
      message: `User: arn:aws:sts::123456789012:assumed-role/receiver/local is not authorized to perform: sqs:SendMessage on resource: ${resource} because no identity-based policy allows the sqs:SendMessage action`,
    });
    expect(world.takeCalls()).toMatchObject([
      { principal: "receiver", service: "sqs", action: "sqs:SendMessage", resource, allowed: false },
    ]);
  });

  it("is that of the single message for a batch", async () => {
    const QueueUrl = await world.createQueue("batched");
    const Entries = [{ Id: "a", MessageBody: "x" }];
    const sender = world.role("sender", [
      { Effect: "Allow", Action: "sqs:SendMessage", Resource: arn("sqs", "batched") },
    ]);
    expect((await sender.sqs.send(new SendMessageBatchCommand({ QueueUrl, Entries }))).Successful).toHaveLength(1);
    const other = world.role("other", []);
    await expect(other.sqs.send(new SendMessageBatchCommand({ QueueUrl, Entries }))).rejects.toThrow(
      "not authorized to perform: sqs:SendMessage on",
    );
  });

  it("is named by the table, the parameter store, the bus and the bucket, each in its own form", async () => {
    const nobody = world.role("nobody", []);
    const Key = { pk: { S: "a" }, sk: { S: "b" } };
    await expect(nobody.dynamodb.send(new GetItemCommand({ TableName, Key }))).rejects.toMatchObject({
      name: "AccessDeniedException",
      message: expect.stringContaining(`dynamodb:GetItem on resource: ${TABLE} because`),
    });
    await expect(nobody.ssm.send(new GetParameterCommand({ Name: "/recado/local/desk" }))).rejects.toThrow(
      `ssm:GetParameter on resource: ${arn("ssm", "parameter/recado/local/desk")} because`,
    );
    const Entries = [{ EventBusName: "recado", Source: "recado", DetailType: "t", Detail: "{}" }];
    await expect(nobody.events.send(new PutEventsCommand({ Entries }))).rejects.toThrow(
      `events:PutEvents on resource: ${arn("events", "event-bus/recado")} because`,
    );
    await expect(
      nobody.s3.send(new PutObjectCommand({ Bucket: "media", Key: "a/b", Body: "x" })),
    ).rejects.toMatchObject({
      name: "AccessDenied",
      message: expect.stringContaining("s3:PutObject on resource: arn:aws:s3:::media/a/b because"),
    });
  });

  it("on one of several parameters refuses them all", async () => {
    world.gateway.setParameter("/recado/local/a", "1");
    world.gateway.setParameter("/recado/local/b", "2");
    const reader = world.role("reader", [
      { Effect: "Allow", Action: "ssm:GetParameters", Resource: arn("ssm", "parameter/recado/local/a") },
    ]);
    const get = (...Names: string[]) => reader.ssm.send(new GetParametersCommand({ Names, WithDecryption: true }));
    expect((await get("/recado/local/a")).Parameters).toMatchObject([{ Value: "1" }]);
    await expect(get("/recado/local/a", "/recado/local/b")).rejects.toThrow("parameter/recado/local/b");
  });

  it("to list a bucket turns an object that is not there into a denied one", async () => {
    await world.admin.s3.send(new CreateBucketCommand({ Bucket: "hidden" }));
    const get = { Effect: "Allow", Action: "s3:GetObject", Resource: "arn:aws:s3:::hidden/*" };
    const list = { Effect: "Allow", Action: "s3:ListBucket", Resource: "arn:aws:s3:::hidden" };
    const missing = { Bucket: "hidden", Key: "not-there" };
    const blind = world.role("blind", [get]);
    await expect(blind.s3.send(new GetObjectCommand(missing))).rejects.toMatchObject({
      name: "AccessDenied",
      message: expect.stringContaining("s3:ListBucket on resource: arn:aws:s3:::hidden because"),
    });
    await expect(blind.s3.send(new HeadObjectCommand(missing))).rejects.toMatchObject({
      $metadata: { httpStatusCode: 403 },
    });
    const seeing = world.role("seeing", [get, list]);
    await expect(seeing.s3.send(new GetObjectCommand(missing))).rejects.toMatchObject({ name: "NoSuchKey" });
  });
});

describe("leading keys", () => {
  let writer: Clients;
  beforeAll(() => {
    const own = { "ForAllValues:StringLike": { "dynamodb:LeadingKeys": ["CONV#*"] } };
    const Action = ["PutItem", "UpdateItem", "BatchGetItem", "Query"].map((action) => `dynamodb:${action}`);
    writer = world.role("writer", [
      { Effect: "Allow", Action, Resource: [TABLE, `${TABLE}/index/byKey`], Condition: own },
    ]);
  });
  const item = (pk: string) => ({ pk: { S: pk }, sk: { S: "E#1" } });
  const denied = { name: "AccessDeniedException", message: expect.stringContaining("dynamodb:LeadingKeys") };

  it.each([
    ["PutItem", (pk: string) => new PutItemCommand({ TableName, Item: item(pk) })],
    [
      "UpdateItem",
      (pk: string) =>
        new UpdateItemCommand({
          TableName,
          Key: item(pk),
          UpdateExpression: "SET #n = :n",
          ExpressionAttributeNames: { "#n": "note" },
          ExpressionAttributeValues: { ":n": { S: "x" } },
        }),
    ],
    [
      "Query by an expression with names",
      (pk: string) =>
        new QueryCommand({
          TableName,
          KeyConditionExpression: "#p = :p AND begins_with(sk, :s)",
          ExpressionAttributeNames: { "#p": "pk" },
          ExpressionAttributeValues: { ":p": { S: pk }, ":s": { S: "E#" } },
        }),
    ],
    [
      "Query of an index",
      (pk: string) =>
        new QueryCommand({
          TableName,
          IndexName: "byKey",
          KeyConditionExpression: "pk=:p",
          ExpressionAttributeValues: { ":p": { S: pk } },
        }),
    ],
    [
      "BatchGetItem, where one key is enough",
      (pk: string) => new BatchGetItemCommand({ RequestItems: { [TableName]: { Keys: [item("CONV#1"), item(pk)] } } }),
    ],
  ])("are enforced on %s", async (_, command) => {
    const send = (pk: string) => writer.dynamodb.send(command(pk) as PutItemCommand);
    await expect(send("CONV#2")).resolves.toBeDefined();
    await expect(send("LINK#2")).rejects.toMatchObject(denied);
  });

  it("are enforced on every part of a transaction, by the part's own permission", async () => {
    const Put = { TableName, Item: item("LINK#2") };
    const transaction = (part: object) => new TransactWriteItemsCommand({ TransactItems: [part] });
    await expect(writer.dynamodb.send(transaction({ Put }))).rejects.toMatchObject(denied);
    const Delete = { TableName, Key: item("CONV#2") };
    await expect(writer.dynamodb.send(transaction({ Delete }))).rejects.toThrow("dynamodb:DeleteItem on resource");
  });

  it("do not reach past the index that a statement names", async () => {
    const query = new QueryCommand({
      TableName,
      IndexName: "byActivity",
      KeyConditionExpression: "shard = :s",
      ExpressionAttributeValues: { ":s": { S: "CONV#" } },
    });
    await expect(writer.dynamodb.send(query)).rejects.toThrow(`${TABLE}/index/byActivity because`);
  });

  it("are recorded with the attributes that were named", async () => {
    world.takeCalls();
    await writer.dynamodb
      .send(
        new PutItemCommand({
          TableName,
          Item: item("CONV#9"),
          ConditionExpression: "attribute_not_exists(sk) AND note = :n",
          ExpressionAttributeValues: { ":n": { S: "x" } },
        }),
      )
      .catch(() => undefined);
    expect(world.takeCalls()).toMatchObject([
      {
        action: "dynamodb:PutItem",
        resource: TABLE,
        allowed: true,
        conditionKeys: {
          "dynamodb:LeadingKeys": ["CONV#9"],
          "dynamodb:Attributes": ["pk", "sk", "note"],
          "aws:SecureTransport": ["true"],
        },
      },
    ]);
  });
});

describe("policies of resources", () => {
  it("of a queue deny and allow", async () => {
    const QueueUrl = await world.createQueue("guarded");
    const Resource = arn("sqs", "guarded");
    const allowed = world.role("guarded-allowed", []);
    const denied = world.role("guarded-denied", [{ Effect: "Allow", Action: "sqs:*", Resource }]);
    const roleArn = (name: string) => `arn:aws:iam::123456789012:role/${name}`;
    world.gateway.setResourcePolicy(Resource, {
      Statement: [
        { Effect: "Allow", Principal: { AWS: roleArn("guarded-allowed") }, Action: "sqs:SendMessage", Resource },
        { Effect: "Deny", Principal: { AWS: roleArn("guarded-denied") }, Action: "sqs:SendMessage", Resource },
      ],
    });
    const message = new SendMessageCommand({ QueueUrl, MessageBody: "x" });
    await expect(allowed.sqs.send(message)).resolves.toHaveProperty("MessageId");
    await expect(denied.sqs.send(message)).rejects.toThrow("with an explicit deny in a resource-based policy");
  });

  it("of a bucket speak for its objects", async () => {
    await world.admin.s3.send(new CreateBucketCommand({ Bucket: "sealed" }));
    const role = world.role("sealed", [{ Effect: "Allow", Action: "s3:*", Resource: "*" }]);
    const put = (Key: string) => role.s3.send(new PutObjectCommand({ Bucket: "sealed", Key, Body: "x" }));
    await put("free");
    world.gateway.setResourcePolicy("arn:aws:s3:::sealed", {
      Statement: { Effect: "Deny", Principal: "*", Action: "s3:PutObject", Resource: "arn:aws:s3:::sealed/sealed/*" },
    });
    await put("free");
    await expect(put("sealed/x")).rejects.toMatchObject({ name: "AccessDenied" });
  });

  it("of a queue decide whether a topic may deliver to it", async () => {
    const { host } = new URL(world.gateway.url);
    const sns = async (parameters: Record<string, string>) => {
      const body = new URLSearchParams({ ...parameters, Version: "2010-03-31" }).toString();
      const { headers = {} } = aws4.sign({ host, path: "/", service: "sns", region: REGION, body }, administrator);
      const response = await fetch(world.gateway.url, {
        method: "POST",
        body,
        headers: Object.entries(headers).flatMap(([name, value]) =>
          /host|length/i.test(name) ? [] : [[name, String(value)] as [string, string]],
        ),
      });
      return { status: response.status, text: await response.text() };
    };
    const created = await sns({ Action: "CreateTopic", Name: "inbound" });
    const TopicArn = arn("sns", "inbound");
    expect(created.text).toContain(TopicArn);
    const QueueUrl = await world.createQueue("from-topic");
    const Resource = arn("sqs", "from-topic");
    const raw = { "Attributes.entry.1.key": "RawMessageDelivery", "Attributes.entry.1.value": "true" };
    await sns({ Action: "Subscribe", TopicArn, Protocol: "sqs", Endpoint: Resource, ...raw });
    const publish = () => sns({ Action: "Publish", TopicArn, Message: "from the carrier" });
    const receive = () => world.admin.sqs.send(new ReceiveMessageCommand({ QueueUrl }));

    expect(await publish()).toMatchObject({
      status: 403,
      text: expect.stringContaining(`sqs:SendMessage on resource: ${Resource} because no resource-based policy`),
    });
    expect((await receive()).Messages).toBeUndefined();
    const Condition = { ArnEquals: { "aws:SourceArn": TopicArn } };
    const allow = {
      Effect: "Allow",
      Principal: { Service: "sns.amazonaws.com" },
      Action: "sqs:SendMessage",
      Resource,
      Condition,
    };
    world.gateway.setResourcePolicy(Resource, { Statement: [allow] });
    world.takeCalls();
    expect(await publish()).toMatchObject({ status: 200 });
    expect(world.takeCalls()).toMatchObject([
      { principal: "sns.amazonaws.com", action: "sqs:SendMessage", allowed: true },
    ]);
    expect((await receive()).Messages).toMatchObject([{ Body: "from the carrier" }]);
  });

  it("and of roles fail at once when they cannot be judged", () => {
    const unknown = {
      Effect: "Allow",
      Action: "sqs:*",
      Resource: "*",
      Condition: { DateLessThan: { "aws:SourceArn": "x" } },
    };
    expect(() => world.role("unknown", [unknown])).toThrow("does not know the condition operator DateLessThan");
    const Resource = arn("sqs", "guarded");
    const secret = { Effect: "Allow", Principal: { Federated: "x" }, Action: "sqs:*", Resource };
    expect(() => world.gateway.setResourcePolicy(Resource, { Statement: [secret] })).toThrow("Principal");
  });
});
