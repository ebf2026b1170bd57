/**
 * Nothing stands in the template that nobody needs. One at a time every permission, condition, variable and event
 * source is taken away, and something must break: permissions and variables are judged by what the functions asked for
 * and read during the journeys, event sources are really taken away.
 */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it, onTestFinished, vi } from "vitest";
import { mayInvoke } from "../../local/lambda/permissions.ts";
import { loadTemplate } from "../../local/template/load.ts";
import { emptyStack, type FunctionDefinition } from "../../local/template/stack.ts";
import type { CloudFormationTemplate } from "../../local/template/template.ts";
import { ApiConversation } from "../../shared/domain/api-shapes.ts";
import { ShownBatch } from "../../shared/domain/batch-shapes.ts";
import { ErasureAnswer } from "../../shared/domain/erasure-shapes.ts";
import { CreatedSubscription } from "../../shared/domain/subscription-shapes.ts";
import { startEndpoint } from "./endpoint.ts";
import { channels, opened, writes } from "./removals/channels.ts";
import { journeys, resending } from "./removals/journeys.ts";
import { type Cell, cellsOf, elementsOf, isGranted, read } from "./removals/policies.ts";
import { type Asked, type Run, SOON, startRun } from "./removals/run.ts";
import { PAGE_ID, PUBLIC_URL } from "./stack.ts";

const ACCOUNT_ID = "000000000000";

let run: Run;
beforeAll(async () => {
  run = await startRun({ policies: { uncertainAfterSeconds: 1, batchPerSecond: 80 }, recordsEnvironmentReads: true });
  await run.take(journeys);
});
afterAll(() => run.stop());

/** The first step of every start, with what exists already: loads the template after a change. */
async function load(change: (template: CloudFormationTemplate) => void): Promise<unknown> {
  const template = structuredClone(run.local.template);
  change(template);
  return loadTemplate(template, {
    region: "eu-west-1",
    accountId: ACCOUNT_ID,
    stackName: "recado-local",
    publicUrl: PUBLIC_URL,
    assets: run.assets,
    administrator: run.administrator,
    setResourcePolicy: () => {},
    createTopic: async () => {},
    subscribe: async () => {},
    stack: emptyStack(),
  });
}

function ofType(template: CloudFormationTemplate, type: string) {
  return Object.values(template.Resources).filter(({ Type }) => Type === type);
}

function idsOf(...types: string[]): string[] {
  return Object.entries(run.local.template.Resources).flatMap(([id, { Type }]) => (types.includes(Type) ? [id] : []));
}

/** What a function's role asks of IAM; each question once, with the first journey that raised it. */
function requestsOf({ name, role }: FunctionDefinition, asked: readonly Asked[]) {
  const own = asked.filter(({ principal, allowed }) => principal === name && allowed);
  const distinct = new Map(
    own.toReversed().map((one) => [JSON.stringify([one.action, one.resource, one.conditionKeys]), one]),
  );
  return [...distinct.values()].map((one) => ({ ...one, principalArn: role.arn }));
}

/** Cells of a role with the journeys that break without them. */
function judged(definition: FunctionDefinition, asked: readonly Asked[]): { cell: Cell; breaks: Set<string> }[] {
  const cells = definition.role.policies.flatMap((document) => cellsOf(document, "identity"));
  const breaks = new Map(cells.map((cell) => [cell, new Set<string>()]));
  for (const request of requestsOf(definition, asked)) {
    const granting = cells.filter(({ statement }) => isGranted(request, [statement]));
    const [only, ...others] = granting;
    if (only && others.length === 0) breaks.get(only)?.add(request.journey);
  }
  return [...breaks].map(([cell, those]) => ({ cell, breaks: those }));
}

describe("a role", () => {
  it("allows nothing that no journey needs", () => {
    const { functions } = run.local.stack;
    const idle = functions.flatMap((definition) =>
      judged(definition, run.asked)
        .filter(({ breaks }) => breaks.size === 0)
        .map(({ cell }) => `${definition.name} does not need ${cell.text}`),
    );
    expect(idle).toEqual([]);
  });

  it("is refused nothing that a journey asks for", () => {
    const refused = run.asked.filter(
      ({ allowed, journey }) => !allowed && journey !== "a customer writes while bus and topic are closed",
    );
    expect(refused).toEqual([]);
  });

  it("is held to every condition of its statements: without it, something foreign gets through", () => {
    const { functions } = run.local.stack;
    const conditions = functions.flatMap((definition) => {
      const elements = definition.role.policies.flatMap(elementsOf);
      const whole = elements.map((element) => read(element, "identity"));
      const requests = requestsOf(definition, run.asked);
      return elements.flatMap((element) =>
        Object.values(element.Condition).flatMap((keys) =>
          Object.keys(keys).map((key) => {
            const own = read(element, "identity");
            const usual = requests.find((request) => isGranted(request, [own]));
            const text = `${definition.name}: ${key} of ${element.Action.join()} on ${element.Resource.join()}`;
            if (!usual) return { text, isHeld: false };
            const foreign = { ...usual, conditionKeys: { ...usual.conditionKeys, [key]: ["FOREIGN#1"] } };
            const isHeld = !isGranted(foreign, whole) && isGranted(foreign, [read(element, "identity", key)]);
            return { text, isHeld };
          }),
        ),
      );
    });
    expect(conditions.length).toBeGreaterThan(0);
    expect(conditions.filter(({ isHeld }) => !isHeld).map(({ text }) => text)).toEqual([]);
  });

  it("allows no more where the owner chose to send again than that needs", async () => {
    const again = await startRun({ policies: { holdSeconds: 0, uncertainAfterSeconds: 1, uncertain: "resend" } });
    onTestFinished(() => again.stop());
    await again.take(resending);
    const usual = new Map(
      run.local.stack.functions.map(({ name, role }) => [
        name,
        role.policies.flatMap((one) => cellsOf(one, "identity")),
      ]),
    );
    const idle = again.local.stack.functions.flatMap((definition) =>
      judged(definition, again.asked)
        .filter(({ cell }) => !usual.get(definition.name)?.some(({ text }) => text === cell.text))
        .map(({ cell, breaks }) => ({ text: `${definition.name}: ${cell.text}`, isNeeded: breaks.size > 0 })),
    );
    expect(idle.length).toBeGreaterThan(0);
    expect(idle.filter(({ isNeeded }) => !isNeeded)).toEqual([]);
  });

  it("that may not write a log leaves none", async () => {
    const { stop, url, dataDir, lines } = await startRun({
      changeTemplate: (template) => {
        for (const role of ofType(template, "AWS::IAM::Role")) {
          const text = JSON.stringify(role.Properties).replaceAll("logs:PutLogEvents", "logs:GetLogEvents");
          role.Properties = JSON.parse(text);
        }
      },
    });
    onTestFinished(() => stop());
    await fetch(`${url}/v1/conversations`);
    expect(readFileSync(join(dataDir, "logs", "recado-local-api.log"), "utf8")).toBe("");
    expect(lines.join("\n")).toContain("output_dropped");
  });

  it("cannot be taken on by Lambda without its trust", async () => {
    for (const id of idsOf("AWS::IAM::Role")) {
      const loading = load((template) => {
        const trust = template.Resources[id]?.Properties?.AssumeRolePolicyDocument as { Statement: unknown[] };
        trust.Statement = [];
      });
      await expect(loading, id).rejects.toThrow(
        /takes on the role \S+, which does not let lambda.amazonaws.com assume it/,
      );
    }
  });
});

describe("the policy of a resource", () => {
  const anyone = { principalArn: `arn:aws:iam::${ACCOUNT_ID}:role/anyone` };
  const everything = read(
    { Effect: "Allow", Principal: undefined, Action: ["*"], Resource: ["*"], Condition: {} },
    "identity",
  );
  /** Something that the pattern of an action and of a resource covers. */
  const covered = ({ Action: [action = ""], Resource: [resource = ""] }: Cell["element"]) => {
    const isObject = resource.endsWith("/*");
    const verb = { sqs: "SendMessage", s3: isObject ? "GetObject" : "ListBucket" }[action.split(":")[0] ?? ""] ?? "";
    return { action: action.replace("*", verb), resource: resource.replace("*", "mailbox/1") };
  };

  it("keeps out plain HTTP, and nothing else, with every statement that denies", () => {
    const policies = Object.entries(run.local.stack.resourcePolicies);
    expect(policies.map(([arn]) => arn)).toEqual(expect.arrayContaining(Object.keys(run.local.stack.queueUrls)));
    const idle: string[] = [];
    for (const [arn, document] of policies) {
      const cells = cellsOf(document, "resource");
      for (const cell of cells.filter(({ element }) => element.Effect === "Deny")) {
        const request = { ...anyone, ...covered(cell.element) };
        const over = (isSecure: boolean) => ({
          ...request,
          conditionKeys: { "aws:SecureTransport": [String(isSecure)] },
        });
        const statements = cells.map(({ statement }) => statement);
        const others = statements.filter((statement) => statement !== cell.statement);
        const anyway = [...others, read(cell.element, "resource", "aws:SecureTransport")];
        const isNeeded =
          !isGranted(over(false), [everything], statements) && isGranted(over(false), [everything], others);
        const isHeld = isGranted(over(true), [everything], statements) && !isGranted(over(true), [everything], anyway);
        if (!isNeeded || !isHeld) idle.push(`${arn}: ${cell.text}`);
      }
    }
    expect(idle).toEqual([]);
  });

  it("lets alarms of this account be told, and of no other", () => {
    const granting = Object.values(run.local.stack.resourcePolicies).flatMap((document) =>
      cellsOf(document, "resource").filter(({ element }) => element.Effect === "Allow"),
    );
    expect(granting).toHaveLength(1);
    expect(ofType(run.local.template, "AWS::CloudWatch::Alarm")).not.toEqual([]);
    for (const { element, statement } of granting) {
      const alarm = (account: string) => ({
        ...covered(element),
        principalArn: "cloudwatch.amazonaws.com",
        conditionKeys: { "aws:SecureTransport": ["true"], "aws:SourceAccount": [account] },
      });
      expect(isGranted(alarm(ACCOUNT_ID), [], [statement])).toBe(true);
      expect(isGranted(alarm(ACCOUNT_ID), [], [])).toBe(false);
      expect(isGranted(alarm("111111111111"), [], [statement])).toBe(false);
      expect(isGranted(alarm("111111111111"), [], [read(element, "resource", "aws:SourceAccount")])).toBe(true);
    }
  });
});

describe("the permission to invoke a function", () => {
  it("is needed by its function URL, its API or its schedule, with each of its conditions", () => {
    const { permissions, functionUrls, httpApis, schedules } = run.local.stack;
    const [api] = httpApis;
    const stage = `arn:aws:execute-api:eu-west-1:${ACCOUNT_ID}:${api?.id}/$default`;
    const callers = (api?.routes ?? []).map(({ key }) => {
      const [method = "", path = ""] = key.replace("ANY", "GET").split(" ");
      return { service: "apigateway.amazonaws.com", sourceArn: `${stage}/${method}${path}` };
    });
    const ways = [
      ...functionUrls.map(({ functionArn }) => ({ functionArn, caller: { service: "function-url" as const } })),
      ...callers.flatMap((caller) => (api?.integrations ?? []).map(({ functionArn }) => ({ functionArn, caller }))),
      ...schedules.map(({ functionArn, service, arn }) => ({ functionArn, caller: { service, sourceArn: arn } })),
    ];
    expect(ways.filter(({ functionArn, caller }) => !mayInvoke(permissions, functionArn, caller))).toEqual([]);
    const strangers: Record<string, string> = {
      "apigateway.amazonaws.com": stage.replace(api?.id ?? "", "Strange"),
      "events.amazonaws.com": `arn:aws:events:eu-west-1:${ACCOUNT_ID}:rule/strange`,
    };
    for (const permission of permissions) {
      const others = permissions.filter((one) => one !== permission);
      expect(
        ways.filter(({ functionArn, caller }) => !mayInvoke(others, functionArn, caller)),
        permission.functionArn,
      ).not.toEqual([]);
      if (permission.action !== "lambda:InvokeFunction") continue;
      const open = [...others, { ...permission, sourceArn: undefined, viaFunctionUrl: false }];
      const stranger = { service: permission.principal, sourceArn: strangers[permission.principal] ?? "" };
      expect(mayInvoke(permissions, permission.functionArn, stranger)).toBe(false);
      expect(mayInvoke(open, permission.functionArn, stranger)).toBe(true);
    }
  });
});

describe("an environment variable", () => {
  it("is read by its function", () => {
    expect(run.local.stack.functions.length).toBeGreaterThan(0);
    const reads = run.local.environmentReads();
    const idle = run.local.stack.functions.flatMap(({ name, environment }) =>
      Object.keys(environment).flatMap((variable) =>
        reads.get(name)?.has(variable) ? [] : [`${name} never reads ${variable}`],
      ),
    );
    expect(idle).toEqual([]);
  });
});

describe("an event source", () => {
  /** By function: what does not happen when its queue is not worked off. */
  const journeyOf = (name: string): ((stack: Run) => Promise<{ isBroken: () => Promise<boolean> }>) | undefined => {
    const connector = name.replace("recado-local-send-message-", "");
    const [whatsapp] = channels;
    const channel = channels.find((one) => one.connector === connector) ?? whatsapp;
    if (!channel) return undefined;
    const id = "3000001";
    const customer = channel.customer(id);
    switch (name) {
      case "recado-local-record-event":
        return async (stack) => {
          await writes(stack, channel, customer, "Olá");
          return { isBroken: async () => (await stack.conversations()).length === 0 };
        };
      case "recado-local-publish-event":
        return async (stack) => {
          await opened(stack, channel, id);
          return { isBroken: async () => stack.local.gateway.recentEvents("recado-local").length === 0 };
        };
      case "recado-local-publish-event-topic":
        return async (stack) => {
          await opened(stack, channel, id);
          return { isBroken: async () => !stack.asked.some(({ action }) => action === "sns:Publish") };
        };
      case "recado-local-post-to-helpdesk-desk":
        return async (stack) => {
          const { conversation } = await opened(stack, channel, id);
          return { isBroken: async () => (await stack.desk.events(conversation)).length === 0 };
        };
      case "recado-local-deliver-webhook":
        return async (stack) => {
          const { url, got, close } = await startEndpoint();
          onTestFinished(close);
          const created = await stack.post("/v1/subscriptions", { url });
          const { since } = CreatedSubscription.parse(created.json).subscription;
          await vi.waitFor(() => expect(Date.now()).toBeGreaterThan(Date.parse(since)), SOON);
          await opened(stack, channel, id);
          return { isBroken: async () => got.length === 0 };
        };
      case "recado-local-send-batch":
        return async (stack) => {
          const message = { content: { type: "text", text: "Boas festas!" }, topic: "marketing" };
          const recipients = [{ to: { account: "sms", address: "+351912345678" } }];
          const { batch } = ShownBatch.parse((await stack.post("/v1/batches", { message, recipients })).json);
          const shown = async () => ShownBatch.parse((await stack.get(`/v1/batches/${batch.id}`)).json).batch;
          return { isBroken: async () => (await shown()).accepted === 0 };
        };
      case "recado-local-erase-contact":
        return async (stack) => {
          const { conversation } = await opened(stack, channel, id);
          const { json } = await stack.get(`/v1/conversations/${conversation}`);
          const { contact } = ApiConversation.parse(json);
          const asked = await stack.delete(`/v1/contacts/${contact.id}`);
          const { erasure } = ErasureAnswer.parse(asked.json);
          const shown = async () => ErasureAnswer.parse((await stack.get(`/v1/erasures/${erasure.id}`)).json).erasure;
          return { isBroken: async () => (await shown()).status !== "done" };
        };
      case "recado-local-take-reply":
        return async (stack) => {
          const { customer, conversation } = await opened(stack, channel, id);
          await stack.desk.reply({ conversation, text: "Boa tarde" });
          return { isBroken: async () => (await stack[channel.vendor].phone(customer)).length === 0 };
        };
      case "recado-local-store-media":
        return async (stack) => {
          const { conversation } = await opened(stack, channel, id);
          await stack[channel.vendor].write({ ...channel.writing(customer, ""), kind: "image" });
          const isKept = ({ type }: { type: string }) => type === "media.stored";
          return { isBroken: async () => !(await stack.events(conversation)).some(isKept) };
        };
      case "recado-local-settle-send":
        return async (stack) => {
          const { conversation } = await opened(stack, channel, id);
          await stack[channel.vendor].order({ kind: "drop_webhook", customer, about: "receipt", times: 20 });
          await stack[channel.vendor].order({ kind: "reset_after_accepting", customer });
          const message = await stack.send(conversation, "Are you there?");
          return { isBroken: async () => (await stack.message(conversation, message)).status !== "failed" };
        };
      case "recado-local-fetch-profile":
        return async (stack) => {
          const person = "4003000001";
          await stack.graph.write({ pageId: PAGE_ID, from: person, text: "Oi", name: "Ana" });
          const conversation = await stack.conversationWith(person);
          const told = async () => (await stack.events(conversation)).map(({ type }) => type);
          return { isBroken: async () => !(await told()).includes("contact.updated") };
        };
      case `recado-local-send-message-${channel.connector}`:
        return async (stack) => {
          const { conversation } = await opened(stack, channel, id);
          await stack.send(conversation, "Boa tarde");
          return { isBroken: async () => (await stack[channel.vendor].phone(customer)).length === 0 };
        };
      default:
        return undefined;
    }
  };

  it("is needed: without it its queue fills and what it is for does not happen", async () => {
    const sources = run.local.stack.eventSourceMappings;
    for (const [index, { name: source, queueArn, functionArn }] of sources.entries()) {
      const journey = journeyOf(functionArn.slice(functionArn.lastIndexOf(":") + 1));
      if (!journey) throw new Error(`No journey needs the event source ${source}`);
      // Each is a run of its own: every eighth here, all of them in the long runs.
      if (index % 8 !== 0 && !process.env.RECADO_TEST_RUNS) continue;
      const without = await startRun({
        policies: { uncertainAfterSeconds: 1 },
        changeTemplate: ({ Resources }) => void delete Resources[source],
      });
      try {
        const { isBroken } = await journey(without);
        await without.lies(queueArn.slice(queueArn.lastIndexOf(":recado-local-") + ":recado-local-".length));
        const receiving = without.asked.filter(({ action }) => action === "sqs:ReceiveMessage");
        expect(
          receiving.filter(({ resource }) => resource === queueArn),
          source,
        ).toEqual([]);
        expect(await isBroken(), `the journey without the event source ${source} is broken`).toBe(true);
      } finally {
        await without.stop();
      }
    }
  });

  it("that is a route or the stage of the API answers what nobody else answers", async () => {
    const ids = idsOf("AWS::ApiGatewayV2::Route", "AWS::ApiGatewayV2::Stage");
    for (const [index, id] of ids.entries()) {
      // Each is a run of its own: every fourth here, all of them in the long runs.
      if (index % 4 !== 0 && !process.env.RECADO_TEST_RUNS) continue;
      const without = await startRun({ changeTemplate: ({ Resources }) => void delete Resources[id] });
      try {
        const paths = ["/healthz", "/v1/conversations", "/openapi.json", "/asyncapi.json"];
        const asked = paths.map((path) => without.get(path));
        const answers = await Promise.all([...asked, without.post("/helpdesks/desk", {})]);
        expect(
          answers.map(({ status }) => status),
          id,
        ).toContain(404);
      } finally {
        await without.stop();
      }
    }
  });

  it("that is a function URL cannot be left out: its address is given to the provider", async () => {
    for (const id of idsOf("AWS::Lambda::Url")) {
      const loading = load(({ Resources }) => void delete Resources[id]);
      await expect(loading).rejects.toThrow(`names ${id}, which is not in the template`);
    }
  });

  it("that is a schedule cannot be left out: its function lets in that one alone", async () => {
    const inputs = run.local.stack.schedules.map(({ input }) => JSON.parse(input ?? "{}"));
    const accounts = inputs.flatMap(({ account }) => account ?? []);
    expect(new Set(accounts)).toEqual(new Set(channels.map(({ account }) => account)));
    for (const id of idsOf("AWS::Events::Rule")) {
      const loading = load(({ Resources }) => void delete Resources[id]);
      await expect(loading).rejects.toThrow(`names ${id}, which is not in the template`);
    }
  });

  it("hands to the dead-letter queue what it has handed out too often, where the queue says so", async () => {
    const [whatsapp, messenger] = channels as [(typeof channels)[0], (typeof channels)[0]];
    const changed = await startRun({
      changeTemplate: (template) => {
        for (const { Properties = {} } of ofType(template, "AWS::SQS::Queue")) {
          const { QueueName, RedrivePolicy } = Properties;
          if (QueueName === "recado-local-send-message-messenger.fifo") delete Properties.RedrivePolicy;
          else if (RedrivePolicy) Properties.RedrivePolicy = { ...RedrivePolicy, maxReceiveCount: 1 };
        }
      },
    });
    onTestFinished(() => changed.stop());
    for (const channel of [whatsapp, messenger]) {
      const { customer, conversation } = await opened(changed, channel, "4000001");
      await changed[channel.vendor].order({ ...channel.throttle, customer, times: 2, retryAfterSeconds: 1 });
      await changed.send(conversation, "One moment");
    }
    await changed.lies("send-message-whatsapp-cloud-dead-letters.fifo");
    const customer = messenger.customer("4000001");
    await vi.waitFor(async () => expect(await changed.graph.phone(customer)).toHaveLength(1), SOON);
    expect(await changed.graph.phone(whatsapp.customer("4000001"))).toEqual([]);
  });
});

describe("what the local run cannot judge fails the start by name:", () => {
  const roles = (change: (statement: Record<string, unknown>) => void) => (template: CloudFormationTemplate) => {
    for (const { Properties } of ofType(template, "AWS::IAM::Role")) {
      const { Policies = [] } = Properties as {
        Policies?: { PolicyDocument: { Statement: Record<string, unknown>[] } }[];
      };
      for (const { PolicyDocument } of Policies) PolicyDocument.Statement.forEach(change);
    }
  };
  it.each([
    [
      "a resource type",
      ({ Resources }: CloudFormationTemplate) => {
        Resources.Odd = { Type: "AWS::Kinesis::Stream" };
      },
      "does not know the resource type AWS::Kinesis::Stream (Odd)",
    ],
    [
      "an action",
      roles((statement) => {
        statement.Action = "kinesis:PutRecord";
      }),
      "does not know the action kinesis:PutRecord",
    ],
    [
      "a condition operator",
      roles((statement) => {
        statement.Condition = { DateLessThan: { "aws:CurrentTime": "2030-01-01T00:00:00Z" } };
      }),
      "does not know the condition operator DateLessThan",
    ],
    [
      "an element of a statement",
      roles((statement) => {
        statement.NotPrincipal = "*";
      }),
      'Unrecognized key: "NotPrincipal"',
    ],
  ])("%s", async (_, changeTemplate, sentence) => {
    await expect(startRun({ changeTemplate })).rejects.toThrow(sentence);
  });
});
