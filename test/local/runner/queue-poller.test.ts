import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { DynamoDBClient } from "@aws-sdk/client-dynamodb";
import { S3Client } from "@aws-sdk/client-s3";
import { GetQueueAttributesCommand, SendMessageCommand, SQSClient } from "@aws-sdk/client-sqs";
import { describe, expect, it, onTestFinished } from "vitest";
import { startQueuePoller } from "../../../local/event-sources/queue-poller.ts";
import { startGateway } from "../../../local/gateway/gateway.ts";
import { ACCOUNT_ID, functionResources, load, newFolder, REGION, type Resources, startLambda } from "./tiny-stack.ts";

/** Notes down every batch when it begins and when it ends, waits for another to begin, and fails what its body tells it to. */
const WORKER = `
const { appendFileSync, readFileSync } = require("node:fs");
const hasBegun = (name) => readFileSync(process.env.NOTES, "utf8").includes('"at":"begin","name":"' + name + '"');
const note = (what) => appendFileSync(process.env.NOTES, JSON.stringify(what) + "\\n");
exports.handler = async (event) => {
  const bodies = event.Records.map(({ body }) => JSON.parse(body));
  for (const body of bodies) note({ at: "begin", ...body });
  note({ at: "event", event });
  for (const { waitsFor } of bodies)
    while (waitsFor && !hasBegun(waitsFor)) await new Promise((go) => setTimeout(go, 10));
  for (const body of bodies) note({ at: "end", ...body });
  const isFirst = (record) => record.attributes.ApproximateReceiveCount === "1";
  const told = (what) => event.Records.filter((record) => isFirst(record) && JSON.parse(record.body)[what]);
  if (told("throwsFirst").length > 0) throw new Error("told to");
  return { batchItemFailures: told("failsFirst").map(({ messageId }) => ({ itemIdentifier: messageId })) };
};`;

interface Note {
  at: "begin" | "end" | "event";
  name: string;
  group: string;
  event: { Records: Record<string, unknown>[] };
}

const workOff = (actions: readonly string[]) => [
  {
    PolicyName: "work",
    PolicyDocument: {
      Version: "2012-10-17",
      Statement: [
        {
          Effect: "Allow",
          Action: actions.map((action) => `sqs:${action}`),
          Resource: { "Fn::GetAtt": ["Queue", "Arn"] },
        },
      ],
    },
  },
];

async function start(
  changes: { queue?: Record<string, unknown>; worker?: Record<string, unknown>; actions?: string[] } = {},
) {
  const { queue = {}, actions = ["ReceiveMessage", "DeleteMessage", "GetQueueAttributes"] } = changes;
  const notes = join(newFolder(), "notes");
  const gateway = await startGateway({ dataDir: newFolder(), region: REGION, accountId: ACCOUNT_ID });
  onTestFinished(() => gateway.close());
  const administrator = {
    name: "administrator",
    roleArn: `arn:aws:iam::${ACCOUNT_ID}:role/administrator`,
    accessKeyId: "ADMIN",
    secretAccessKey: "secret",
    policies: "administrator" as const,
  };
  gateway.addPrincipal(administrator);
  const access = gateway.clients(administrator);
  const admin = new SQSClient(access);
  const worker = functionResources("Worker", {
    Timeout: 1,
    Environment: { Variables: { NOTES: notes } },
    ...changes.worker,
  });
  const Resources: Resources = {
    ...worker,
    WorkerRole: {
      Type: "AWS::IAM::Role",
      Properties: { ...worker.WorkerRole?.Properties, Policies: workOff(actions) },
    },
    Queue: { Type: "AWS::SQS::Queue", Properties: { VisibilityTimeout: 1, ...queue } },
    Source: {
      Type: "AWS::Lambda::EventSourceMapping",
      Properties: {
        EventSourceArn: { "Fn::GetAtt": ["Queue", "Arn"] },
        FunctionName: { Ref: "Worker" },
        BatchSize: 10,
        FunctionResponseTypes: ["ReportBatchItemFailures"],
      },
    },
  };
  const { stack } = await load(
    { Resources },
    {
      bundles: { Worker: WORKER },
      administrator: { dynamodb: new DynamoDBClient(access), sqs: admin, s3: new S3Client(access) },
    },
  );
  await gateway.prepareForTraffic();
  const [definition] = stack.functions;
  const [mapping] = stack.eventSourceMappings;
  if (!definition || !mapping) throw new Error("the template has a function and a mapping");
  const principal = {
    name: definition.name,
    roleArn: definition.role.arn,
    accessKeyId: "WORKER",
    secretAccessKey: "secret",
    policies: definition.role.policies,
  };
  gateway.addPrincipal(principal);
  const queueUrl = stack.queueUrls[mapping.queueArn] ?? "";
  const log: string[] = [];
  const lambda = startLambda(stack);
  const startPoller = async () => {
    const poller = await startQueuePoller({
      mapping,
      queueUrl,
      region: REGION,
      sqs: new SQSClient(gateway.clients(principal)),
      function: lambda.function(mapping.functionArn),
      log: (line) => log.push(line),
    });
    onTestFinished(() => poller.stop());
  };
  let sent = 0;
  return {
    log,
    startPoller,
    send: (body: { name: string; group?: string } & Record<string, unknown>) =>
      admin.send(
        new SendMessageCommand({
          QueueUrl: queueUrl,
          MessageBody: JSON.stringify(body),
          ...(body.group !== undefined && { MessageGroupId: body.group, MessageDeduplicationId: `d${++sent}` }),
        }),
      ),
    notes: (): Note[] =>
      existsSync(notes)
        ? readFileSync(notes, "utf8")
            .trim()
            .split("\n")
            .map((line) => JSON.parse(line))
        : [],
    left: async () => {
      const AttributeNames = ["ApproximateNumberOfMessages", "ApproximateNumberOfMessagesNotVisible"] as const;
      const { Attributes = {} } = await admin.send(
        new GetQueueAttributesCommand({ QueueUrl: queueUrl, AttributeNames: [...AttributeNames] }),
      );
      return AttributeNames.reduce((sum, name) => sum + Number(Attributes[name]), 0);
    },
  };
}

const began = (notes: readonly Note[]) => notes.filter(({ at }) => at === "begin").map(({ name }) => name);
const soon = { timeout: 20_000, interval: 50 };

describe("a queue as a function's event source", () => {
  it("gives records as Lambda does, and deletes what is done", async () => {
    const { startPoller, send, notes, left } = await start({ queue: { FifoQueue: true } });
    await startPoller();
    await send({ name: "one", group: "g" });
    await expect.poll(() => began(notes()), soon).toEqual(["one"]);
    await expect.poll(left, soon).toBe(0);
    expect(notes().find(({ at }) => at === "event")?.event).toEqual({
      Records: [
        {
          messageId: expect.any(String),
          receiptHandle: expect.any(String),
          body: '{"name":"one","group":"g"}',
          attributes: expect.objectContaining({
            ApproximateReceiveCount: "1",
            MessageGroupId: "g",
            MessageDeduplicationId: "d1",
            SequenceNumber: expect.any(String),
            SentTimestamp: expect.stringMatching(/^\d{13}$/),
          }),
          messageAttributes: {},
          md5OfBody: expect.stringMatching(/^[0-9a-f]{32}$/),
          eventSource: "aws:sqs",
          eventSourceARN: `arn:aws:sqs:${REGION}:${ACCOUNT_ID}:recado-local-Queue.fifo`,
          awsRegion: REGION,
        },
      ],
    });
  });

  it("keeps the order of a group, and works on other groups meanwhile", async () => {
    const { startPoller, send, notes, left } = await start({
      queue: { FifoQueue: true, VisibilityTimeout: 60 },
      worker: { Timeout: 60 },
    });
    await send({ name: "slow 1", group: "slow", waitsFor: "quick 1" });
    await startPoller();
    await expect.poll(() => began(notes()), soon).toEqual(["slow 1"]);
    for (const n of [2, 3]) await send({ name: `slow ${n}`, group: "slow" });
    for (const n of [1, 2, 3]) await send({ name: `quick ${n}`, group: "quick" });
    await expect.poll(left, soon).toBe(0);

    const steps = (group: string) =>
      notes()
        .filter((note) => note.group === group)
        .map(({ at, name }) => `${at} ${name}`);
    for (const group of ["slow", "quick"]) {
      expect(steps(group)).toEqual([1, 2, 3].flatMap((n) => [`begin ${group} ${n}`, `end ${group} ${n}`]));
    }
    const names = notes().map(({ at, name }) => `${at} ${name}`);
    expect(names.indexOf("begin quick 1")).toBeLessThan(names.indexOf("end slow 1"));
  });

  it("goes on beside batches that hang", async () => {
    const { startPoller, send, notes, left } = await start({
      queue: { FifoQueue: true, VisibilityTimeout: 60 },
      worker: { Timeout: 60 },
    });
    await startPoller();
    const hanging = ["one", "two", "three", "four"];
    for (const name of hanging) await send({ name, group: name, waitsFor: "five" });
    await expect.poll(() => began(notes()).sort(), soon).toEqual(hanging.toSorted());
    await send({ name: "five", group: "five" });
    await expect.poll(left, soon).toBe(0);
  });

  it("brings back the messages that the function reports, alone", async () => {
    const { startPoller, send, notes, left } = await start();
    for (const name of ["one", "two", "three"]) await send({ name, failsFirst: name === "two" });
    await startPoller();
    await expect.poll(left, soon).toBe(0);
    expect(began(notes())).toEqual(["one", "two", "three", "two"]);
  });

  it("brings back the whole batch of a function that throws", async () => {
    const { startPoller, send, notes, left } = await start();
    for (const name of ["one", "two"]) await send({ name, throwsFirst: name === "two" });
    await startPoller();
    await expect.poll(left, soon).toBe(0);
    expect(began(notes()).slice(0, 2)).toEqual(["one", "two"]);
    expect(began(notes()).slice(2).sort()).toEqual(["one", "two"]);
  });

  it("is polled with the function's own permissions: without ReceiveMessage nothing comes, and the log says why", async () => {
    const { startPoller, send, notes, log } = await start({ actions: ["DeleteMessage", "GetQueueAttributes"] });
    await send({ name: "one" });
    await startPoller();
    await expect.poll(() => log.join("\n"), soon).toContain("sqs:ReceiveMessage");
    expect(notes()).toEqual([]);
  });

  it("is not made where the role may not look at the queue", async () => {
    const { startPoller } = await start({ actions: ["ReceiveMessage", "DeleteMessage"] });
    await expect(startPoller()).rejects.toThrow(/sqs:GetQueueAttributes/);
  });

  it("is not made where a message would come again while the function may still work on it", async () => {
    const { startPoller } = await start({ worker: { Timeout: 2 } });
    await expect(startPoller()).rejects.toThrow(
      /visibility timeout, 1 seconds, is less than the function's timeout, 2 seconds/,
    );
  });
});
