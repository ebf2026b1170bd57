import { existsSync, globSync } from "node:fs";
import { basename, dirname, join } from "node:path";
import { describe, expect, it } from "vitest";
import * as z from "zod";
import { queuesIn } from "../../shared/aws/queues.ts";
import { connectors } from "../../shared/channels/registry.ts";
import {
  all,
  configured,
  type Deployed,
  functionsOf,
  keysFor,
  LEADING_KEYS,
  STAGE,
  sample,
  targetsOf,
  templateOf,
  written,
} from "./synthesized.ts";

const { template, outdir } = templateOf(sample);
const functions = functionsOf(template);
const named = (name: string): Deployed => {
  const found = functions.find((deployed) => deployed.name === name);
  if (!found) throw new Error(`There is no function ${name}`);
  return found;
};

/** The local run has a counterpart for these and refuses a template with any other. */
const KNOWN_TYPES = [
  "AWS::DynamoDB::Table",
  "AWS::SQS::Queue",
  "AWS::SQS::QueuePolicy",
  "AWS::S3::Bucket",
  "AWS::S3::BucketPolicy",
  "AWS::Lambda::Function",
  "AWS::Lambda::EventSourceMapping",
  "AWS::Lambda::Url",
  "AWS::Lambda::Permission",
  "AWS::IAM::Role",
  "AWS::Logs::LogGroup",
  "AWS::ApiGatewayV2::Api",
  "AWS::ApiGatewayV2::Stage",
  "AWS::ApiGatewayV2::Route",
  "AWS::ApiGatewayV2::Integration",
  "AWS::Events::EventBus",
  "AWS::Events::Rule",
  "AWS::CloudWatch::Alarm",
  "AWS::SNS::Topic",
  "AWS::SNS::TopicPolicy",
];

it("uses only resources that also run locally", () => {
  const used = new Set(Object.values(template.Resources).map(({ Type }) => Type));
  expect([...used].filter((type) => !KNOWN_TYPES.includes(type))).toEqual([]);
});

describe("what is kept", () => {
  it("survives the stack", () => {
    for (const type of ["AWS::DynamoDB::Table", "AWS::S3::Bucket"]) {
      const kept = Object.values(template.Resources).filter(({ Type }) => Type === type);
      expect(kept).toHaveLength(1);
      expect(kept[0]).toMatchObject({ DeletionPolicy: "Retain", UpdateReplacePolicy: "Retain" });
    }
    expect(all(template, "AWS::DynamoDB::Table")[0]?.properties).toMatchObject({
      DeletionProtectionEnabled: true,
      PointInTimeRecoverySpecification: { PointInTimeRecoveryEnabled: true },
    });
  });

  it("never expires as an entry, only as a passing body", () => {
    const [bucket] = all(template, "AWS::S3::Bucket");
    expect(bucket?.properties.LifecycleConfiguration).toEqual({
      Rules: [
        { Id: "mailbox", Prefix: "mailbox/", ExpirationInDays: 30, Status: "Enabled" },
        { Id: "incoming", Prefix: "incoming/", ExpirationInDays: 3, Status: "Enabled" },
        { Id: "batches", Prefix: "batches/", ExpirationInDays: 30, Status: "Enabled" },
      ],
    });
  });

  it("finds an entry by its key without reading the entry", () => {
    expect(all(template, "AWS::DynamoDB::Table")[0]?.properties.LocalSecondaryIndexes).toMatchObject([
      { IndexName: "byKey", Projection: { ProjectionType: "INCLUDE", NonKeyAttributes: ["token"] } },
    ]);
  });
});

describe("queues", () => {
  const Queue = z.object({
    QueueName: z.string(),
    FifoQueue: z.boolean().default(false),
    MessageRetentionPeriod: z.number(),
    SqsManagedSseEnabled: z.literal(true),
    VisibilityTimeout: z.number().optional(),
    DelaySeconds: z.number().optional(),
    DeduplicationScope: z.string().optional(),
    FifoThroughputLimit: z.string().optional(),
    RedrivePolicy: z
      .object({
        deadLetterTargetArn: z.object({ "Fn::GetAtt": z.tuple([z.string(), z.literal("Arn")]) }),
        maxReceiveCount: z.number(),
      })
      .optional(),
  });
  const queues = new Map(all(template, "AWS::SQS::Queue").map(({ id, properties }) => [id, Queue.parse(properties)]));
  const working = [...queues].filter(([, { RedrivePolicy }]) => RedrivePolicy);
  const deadLetterIds = working.map(
    ([, { RedrivePolicy }]) => RedrivePolicy?.deadLetterTargetArn["Fn::GetAtt"][0] ?? "",
  );

  it("each has a dead-letter queue of its own and of its kind, or is one", () => {
    expect(new Set(deadLetterIds).size).toBe(working.length);
    expect(queues.size).toBe(2 * working.length);
    working.forEach(([, queue], index) => {
      expect(queues.get(deadLetterIds[index] ?? "")?.FifoQueue).toBe(queue.FifoQueue);
    });
  });

  it("keep what they hold for as long as SQS can, and give up late", () => {
    for (const [, queue] of queues) expect(queue.MessageRetentionPeriod).toBe(14 * 86_400);
    for (const [, { RedrivePolicy }] of working) {
      expect(RedrivePolicy?.maxReceiveCount).toBe(1_000);
    }
  });

  it("order a group without holding up the others", () => {
    for (const [, queue] of queues) {
      expect(queue.QueueName.endsWith(".fifo")).toBe(queue.FifoQueue);
      if (queue.FifoQueue) {
        expect(queue).toMatchObject({ DeduplicationScope: "messageGroup", FifoThroughputLimit: "perMessageGroupId" });
      }
    }
  });

  it("refuse plain HTTP", () => {
    const policies = all(template, "AWS::SQS::QueuePolicy").map(({ properties }) => JSON.stringify(properties));
    for (const id of queues.keys()) {
      const own = policies.filter((policy) => policy.includes(`"Queues":[{"Ref":"${id}"}]`));
      expect(own).toHaveLength(1);
      expect(own[0]).toContain('"Condition":{"Bool":{"aws:SecureTransport":"false"}},"Effect":"Deny"');
    }
  });

  it("hide a message for six times as long as its function may take", () => {
    const sources = all(template, "AWS::Lambda::EventSourceMapping");
    expect(sources).toHaveLength(working.length);
    for (const { properties } of sources) {
      const queue = queues.get(written(properties.EventSourceArn).slice(1, -".Arn}".length));
      const worker = functions.find(({ id }) => written(properties.FunctionName) === `{${id}}`);
      expect(queue?.VisibilityTimeout).toBe(6 * (worker?.Timeout ?? 0));
      // A request to a provider takes up to 20 seconds; what came of it is still to be told.
      if (worker?.folder === "send-message") expect(worker.Timeout).toBeGreaterThanOrEqual(45);
      expect(properties.FunctionResponseTypes).toEqual(["ReportBatchItemFailures"]);
      // What waits for a provider holds up nobody else.
      const isAlone = [
        "send-message",
        "send-batch",
        "erase-contact",
        "store-media",
        "post-to-helpdesk",
        "take-reply",
        "deliver-webhook",
      ].includes(worker?.folder ?? "");
      expect(properties.BatchSize).toBe(isAlone ? 1 : 10);
    }
  });

  it("look at an uncertain send when the configuration says so", () => {
    const patient = templateOf(configured({ policies: { uncertainAfterSeconds: 45 } })).template;
    const delays = all(patient, "AWS::SQS::Queue").map(({ properties }) => Queue.parse(properties));
    expect(delays.filter(({ DelaySeconds }) => DelaySeconds === 45).map(({ QueueName }) => QueueName)).toEqual([
      "recado-dev-settle-send",
    ]);
  });
});

describe("functions", () => {
  it("are those of the folders, and one receiver and one sender per connector in use", () => {
    const folders = globSync("functions/*/env.ts").map((path) => basename(dirname(path)));
    expect(new Set(functions.map(({ folder }) => folder))).toEqual(new Set(folders));
    const connectors = [...new Set(Object.values(sample.accounts).map(({ connector }) => connector))];
    for (const folder of ["receive-webhook", "send-message"]) {
      const names = functions.filter((deployed) => deployed.folder === folder).map(({ name }) => name);
      expect(names).toEqual(connectors.map((connector) => `${folder}-${connector}`));
    }
  });

  it("run on Node 24 and arm64, log JSON of warnings and worse, and say what they are for", () => {
    for (const { Runtime, Architectures, LoggingConfig, Description } of functions) {
      expect({ Runtime, Architectures }).toEqual({ Runtime: "nodejs24.x", Architectures: ["arm64"] });
      expect(LoggingConfig).toMatchObject({ LogFormat: "JSON", ApplicationLogLevel: "WARN", SystemLogLevel: "WARN" });
      expect(Description.length).toBeGreaterThan(20);
      expect(Description.length).toBeLessThanOrEqual(256);
    }
    for (const { properties } of all(template, "AWS::Logs::LogGroup")) expect(properties.RetentionInDays).toBe(30);
  });

  it("are given exactly the variables that their schema asks for", async () => {
    for (const { folder, Environment } of functions) {
      const { Env }: { Env: z.ZodObject } = await import(`../../functions/${folder}/env.ts`);
      const variables = Object.fromEntries(
        Object.entries(Environment.Variables).map(([name, value]) => [name, written(value)]),
      );
      expect(() => z.strictObject(Env.shape).parse(variables)).not.toThrow();
      expect(Object.values(variables)).not.toContain("");
    }
  });

  it("find their bundle below the output folder", () => {
    for (const { Code } of functions) {
      const hash = Code.S3Key.replace(/\.zip$/, "");
      expect(existsSync(join(outdir, `asset.${hash}`, "index.js"))).toBe(true);
    }
  });

  it("are told as JSON where the queues of consumers and accounts are", () => {
    const { CONSUMERS, SENDERS } = named("record-event").Environment.Variables;
    expect(Object.keys(queuesIn(written(CONSUMERS)))).toEqual([
      "publish-event",
      "deliver-webhook",
      "post-to-helpdesk-desk",
    ]);
    expect(Object.keys(queuesIn(written(SENDERS)))).toEqual(Object.keys(sample.accounts));
    const own = named("send-message-messenger").Environment.Variables.QUEUE_URL;
    expect(queuesIn(written(SENDERS)).messenger).toBe(written(own));
  });

  it("have providers post receipts to the door of the same connector", () => {
    const { CALLBACK_URL } = named("send-message-sms-twilio").Environment.Variables;
    expect(template.Outputs?.WebhookUrlSmsTwilio?.Value).toEqual(CALLBACK_URL);
    expect(written(CALLBACK_URL)).toMatch(/^\{ReceiveWebhookSmsTwilio\w+\.FunctionUrl\}webhooks\/sms-twilio$/);
  });
});

describe("permissions", () => {
  it("are written by hand: no managed policy, no wildcard but the end of an object's key", () => {
    for (const { statements, hasManagedPolicies, folder } of functions) {
      // Who erases looks through what all have set aside.
      const shared = folder === "erase-contact" ? "|quarantine|incoming" : "";
      const ends = new RegExp(`/(mailbox|entries|media|batches|quarantine/[a-z-]+${shared})/\\*$`);
      expect(hasManagedPolicies).toBe(false);
      for (const { Effect, Action, Resource } of statements) {
        expect(Effect).toBe("Allow");
        expect(Action.filter((action) => action.includes("*"))).toEqual([]);
        for (const resource of Resource.filter((one) => one.includes("*"))) {
          expect(resource).toMatch(/^\{Bucket\w*\.Arn\}\//);
          expect(resource).toMatch(ends);
        }
      }
    }
  });

  it("name the partition keys of every read and write of the table", () => {
    for (const { statements } of functions) {
      for (const { Action, Condition } of statements) {
        if (!Action.some((action) => action.startsWith("dynamodb:"))) continue;
        for (const key of Condition?.["ForAllValues:StringLike"]?.[LEADING_KEYS] ?? ["anything"]) {
          // Beyond that, a desk's own alone.
          expect(key).toMatch(/^[A-Z]+#(([a-z-]+#)?\*|(helpdesk:)?desk)$/);
        }
      }
    }
  });

  it("let record-event alone write logs, contacts and aliases", () => {
    for (const deployed of functions.filter(({ name }) => name !== "erase-contact")) {
      const writable = ["PutItem", "UpdateItem", "DeleteItem", "BatchWriteItem"].flatMap((action) =>
        keysFor(deployed, action),
      );
      const open =
        /^(SEND|PROVIDER|RECONCILED|PAUSE|CURSOR|IDEMPOTENCY|KEYS|LIMIT|DESKS?|LINK|SUBSCRIPTION|DELIVERY|ATTEMPT|BATCH|MESSAGE|SCHEDULED|ERASURE|ASKED)#/;
      const reserved = writable.filter((key) => !open.test(key));
      const isRecorder = deployed.name === "record-event";
      expect(new Set(reserved)).toEqual(new Set(isRecorder ? ["CONV#*", "ACCOUNT#*", "CONTACT#*", "ADDRESS#*"] : []));
    }
  });

  it("let erase-contact change what is there of logs, contacts and aliases, and add no entry", () => {
    const eraser = named("erase-contact");
    const reserved = (action: string) =>
      keysFor(eraser, action).filter((key) => /^(CONV|ACCOUNT|CONTACT|ADDRESS)#/.test(key));
    expect(reserved("UpdateItem")).toEqual(["CONV#*", "ACCOUNT#*", "CONTACT#*"]);
    // An alias that a message brought back while its customer was being erased.
    expect(reserved("PutItem")).toEqual(["ADDRESS#*"]);
    expect(reserved("DeleteItem")).toEqual(["ADDRESS#*"]);
  });

  it("let nobody delete from the history", () => {
    for (const { statements } of functions.filter(({ name }) => name !== "erase-contact")) {
      const deleting = statements
        // What was to go out later is taken off once it is on its way.
        .filter(({ Condition }) => Condition?.["ForAllValues:StringLike"]?.[LEADING_KEYS]?.join() !== "SCHEDULED#*")
        .flatMap(({ Action }) => Action)
        .filter((action) => /dynamodb:.*(Delete|Write|Scan)/.test(action));
      expect(deleting).toEqual([]);
    }
  });

  /** Accounts that schedules name. */
  const scheduled = () =>
    Object.values(template.Resources).flatMap(({ Type, Properties }) => {
      const { Targets = [] } = (Type === "AWS::Events::Rule" ? Properties : {}) as { Targets?: { Input?: string }[] };
      return Targets.map(({ Input = "{}" }): string => JSON.parse(Input).account);
    });

  /** Of one connector where the function is deployed for each, else those that it is told of. */
  const accountsOf = ({ name: called, folder, Environment }: Deployed) => {
    const told: unknown = JSON.parse(written(Environment.Variables.ACCOUNTS ?? "[]"));
    const listed = Array.isArray(told) ? told.map((account: { name: string }) => account.name) : [];
    const own = Object.entries(sample.accounts).map(([name, { connector }]) => ({ name, connector }));
    const withFiles = own.flatMap(({ name, connector }) => (connectors[connector].media ? [name] : []));
    const names = { reconcile: scheduled(), "store-media": withFiles }[folder] ?? listed;
    const isOwn = ({ name, connector }: { name: string; connector: string }) =>
      called === folder ? names.includes(name) : called === `${folder}-${connector}`;
    return own.filter(isOwn).map(({ name }) => name);
  };

  /** Of one desk where the function is deployed for each; else of those that post, or are asked, which the sample's is. */
  const desksOf = ({ name, folder }: Deployed) => {
    const isForAll = ["receive-reply", "take-reply", "tend-helpdesk"].includes(folder);
    return Object.keys(sample.helpdesks).filter((desk) => isForAll || name === `post-to-helpdesk-${desk}`);
  };

  it("let a receiver and a sender read the secrets of their own accounts and helpdesks and no others", () => {
    for (const deployed of functions) {
      const read = ["ssm:GetParameter", "ssm:GetParameters"].flatMap((action) => targetsOf(deployed, action));
      const documents = read.map((arn) => arn.split(`:parameter/recado/${STAGE}/`)[1]);
      const own = [...accountsOf(deployed), ...desksOf(deployed)];
      for (const name of own) expect(documents).toContain(name);
      for (const name of documents) expect([...own, "deployment"]).toContain(name);
    }
  });

  it("keep a receiver's quarantine apart from the others'", () => {
    const puts = targetsOf(named("receive-webhook-messenger"), "s3:PutObject").map((target) => target.split("}/")[1]);
    expect(puts).toEqual(["mailbox/*", "quarantine/messenger/*"]);
  });

  it("open the senders to settle-send only where the owner chose to resend", () => {
    const settler = (uncertain: string) => {
      const found = functionsOf(templateOf(configured({ policies: { uncertain } })).template);
      return found
        .filter(({ name }) => name === "settle-send")
        .flatMap((deployed) => targetsOf(deployed, "sqs:SendMessage"));
    };
    const senders = (targets: string[]) => targets.filter((target) => target.includes("SendQueue"));
    expect(senders(settler("fail"))).toHaveLength(0);
    expect(senders(settler("resend"))).toHaveLength(
      new Set(Object.values(sample.accounts).map(({ connector }) => connector)).size,
    );
  });

  it("open a door to everyone through its URL and no other way", () => {
    const permissions = all(template, "AWS::Lambda::Permission").map(({ properties }) => properties);
    const doors = functions.filter(({ folder }) => folder === "receive-webhook");
    expect(all(template, "AWS::Lambda::Url")).toHaveLength(doors.length);
    for (const { id } of doors) {
      const own = permissions.filter(({ FunctionName }) => written(FunctionName) === `{${id}.Arn}`);
      expect(own).toEqual([
        expect.objectContaining({ Action: "lambda:InvokeFunctionUrl", FunctionUrlAuthType: "NONE", Principal: "*" }),
        expect.objectContaining({ Action: "lambda:InvokeFunction", InvokedViaFunctionUrl: true, Principal: "*" }),
      ]);
    }
  });
});

describe("API", () => {
  it("has no route but /v1, the health check, the two documents and the helpdesks' door, which is there for desks alone", () => {
    const open = ["ANY /v1/{proxy+}", "GET /healthz", "GET /openapi.json", "GET /asyncapi.json"];
    const routesOf = (given: typeof template) =>
      all(given, "AWS::ApiGatewayV2::Route").map(({ properties }) => properties.RouteKey);
    expect(routesOf(template)).toEqual([...open, "POST /helpdesks/{proxy+}"]);
    const without = templateOf(configured({ helpdesks: {} })).template;
    expect(routesOf(without)).toEqual(open);
    const names = functionsOf(without).map(({ folder }) => folder);
    expect(names.filter((name) => /reply|helpdesk/.test(name))).toEqual([]);
  });

  it("is throttled and logs neither paths nor addresses", () => {
    const [stage] = all(template, "AWS::ApiGatewayV2::Stage");
    expect(stage?.properties).toMatchObject({
      StageName: "$default",
      DefaultRouteSettings: { ThrottlingRateLimit: 200, ThrottlingBurstLimit: 400 },
      RouteSettings: { "POST /helpdesks/{proxy+}": { ThrottlingRateLimit: 100, ThrottlingBurstLimit: 200 } },
    });
    const { Format } = z.object({ Format: z.string() }).parse(stage?.properties.AccessLogSettings);
    expect(Format).toContain("$context.status");
    expect(Format).not.toMatch(/sourceIp|\$context\.path|userAgent/);
  });
});
