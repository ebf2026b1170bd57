/** A stack with many helpdesks: who may touch what, and what each function is given. */
import { spawnSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import * as z from "zod";
import { Input } from "../../functions/tend-helpdesk/env.ts";
import { physicalName } from "../../infra/parts/names.ts";
import {
  all,
  configured,
  type Deployed,
  functionsOf,
  keysFor,
  LEADING_KEYS,
  STAGE,
  targetsOf,
  templateOf,
  written,
} from "./synthesized.ts";

/** The first's name is the beginning of the second's. */
const DESKS = {
  agents: {
    ...{ helpdesk: "chatwoot", baseUrl: "https://chatwoot.example.com", accountId: 1 },
    inbox: { id: 7, identifier: "inbox-identifier" },
    accounts: ["whatsapp", "sms"],
  },
  "agents-two": { helpdesk: "front", appId: "0a1b2c3d4e5f60718293", channels: "cha_55c8c149" },
  crm: { helpdesk: "generic", url: "https://crm.example.com/recado" },
};

const { template, outdir } = templateOf(configured({ helpdesks: DESKS }));
const functions = functionsOf(template);
const named = (name: string): Deployed => {
  const found = functions.find((deployed) => deployed.name === name);
  if (!found) throw new Error(`There is no function ${name}`);
  return found;
};
const documentsOf = (deployed: Deployed) =>
  ["ssm:GetParameter", "ssm:GetParameters"]
    .flatMap((action) => targetsOf(deployed, action))
    .map((arn) => arn.split(`:parameter/recado/${STAGE}/`)[1]);
const bundleOf = ({ Code }: Deployed) => join(outdir, `asset.${Code.S3Key.replace(/\.zip$/, "")}`, "index.js");

describe("a desk's follower", () => {
  it.each(["agents", "agents-two", "crm"])("of %s touches the items of its own desk and no other's", (desk) => {
    const own = [
      `CURSOR#post-to-helpdesk-${desk}#*`,
      `CLOSING#${desk}#*`,
      `DESK#${desk}#*`,
      `DESKS#${desk}`,
      `LINK#${desk}#*`,
      `PAUSE#helpdesk:${desk}`,
    ];
    const deployed = named(`post-to-helpdesk-${desk}`);
    const written = keysFor(deployed, "PutItem");
    expect(written.filter((key) => !own.includes(key))).toEqual([]);
    const read = [...keysFor(deployed, "GetItem"), ...keysFor(deployed, "Query")];
    expect(read.filter((key) => !own.includes(key) && key !== "CONV#*")).toEqual([]);
    // What another desk's name begins with, too, is not its own.
    expect(written).toContain(`CURSOR#post-to-helpdesk-${desk}#*`);
  });

  it("reads its own desk's secrets and the deployment's", () => {
    for (const desk of Object.keys(DESKS))
      expect(documentsOf(named(`post-to-helpdesk-${desk}`))).toEqual([desk, "deployment"]);
  });

  it("reads customers' files only where the desk has tickets to attach them to", () => {
    const files = (desk: string) =>
      targetsOf(named(`post-to-helpdesk-${desk}`), "s3:GetObject").map((target) => target.split("}/")[1]);
    expect(files("agents")).toEqual(["media/*", "entries/*"]);
    expect(files("crm")).toEqual(["entries/*"]);
  });
});

it("lets nobody but what works for desks write what is kept of them", () => {
  const writers = functions.filter((deployed) =>
    ["PutItem", "UpdateItem"].flatMap((action) => keysFor(deployed, action)).some((key) => /^(DESKS?|LINK)#/.test(key)),
  );
  expect(new Set(writers.map(({ folder }) => folder))).toEqual(
    new Set(["post-to-helpdesk", "take-reply", "tend-helpdesk"]),
  );
});

describe("take-reply", () => {
  it("writes messages' way, how far it has listened, and nothing else of the table", () => {
    expect(keysFor(named("take-reply"), "PutItem")).toEqual(["DESK#*"]);
    expect(targetsOf(named("take-reply"), "sqs:SendMessage")).toHaveLength(1);
  });

  it("reads the secrets of the desks that can be asked, to ask them", () => {
    expect(documentsOf(named("take-reply"))).toEqual(expect.arrayContaining(["agents", "agents-two", "deployment"]));
    expect(
      documentsOf(named("take-reply")).filter((name) => name !== "deployment" && !(name && name in DESKS)),
    ).toEqual([]);
  });
});

describe("tend-helpdesk", () => {
  const tender = named("tend-helpdesk");
  const Rule = z.object({
    Name: z.string(),
    ScheduleExpression: z.string(),
    Targets: z.array(z.looseObject({ Arn: z.unknown(), Input: z.string().optional() })),
  });
  const rules = all(template, "AWS::Events::Rule")
    .map(({ properties }) => Rule.parse(properties))
    .filter(({ Targets: [target] }) => written(target?.Arn) === `{${tender.id}.Arn}`);

  it("is started for each desk by a schedule of its own, with all that it has to know", () => {
    expect(rules.map(({ Name, ScheduleExpression }) => [Name, ScheduleExpression])).toEqual(
      Object.keys(DESKS).map((desk) => [physicalName(STAGE, `tend-${desk}`), "rate(5 minutes)"]),
    );
    const inputs = rules.map(({ Targets: [target] }) => Input.parse(JSON.parse(target?.Input ?? "")));
    expect(inputs).toMatchObject([
      { desk: "agents", helpdesk: "chatwoot", settings: { accountId: 1 }, accounts: ["whatsapp", "sms"] },
      { desk: "agents-two", helpdesk: "front", settings: { channels: "cha_55c8c149" } },
      { desk: "crm", helpdesk: "generic" },
    ]);
    expect(inputs[0]?.origins).toEqual(["https://chatwoot.example.com"]);
    // One that is not told whose conversations it gets has those of all.
    expect(inputs[1]?.accounts).toEqual(Object.keys(configured({}).accounts));
  });

  it("may be started by these schedules alone", () => {
    const permissions = all(template, "AWS::Lambda::Permission").filter(
      ({ properties }) => written(properties.FunctionName) === `{${tender.id}.Arn}`,
    );
    expect(permissions).toHaveLength(Object.keys(DESKS).length);
    for (const { properties } of permissions) {
      expect(properties).toMatchObject({ Action: "lambda:InvokeFunction", Principal: "events.amazonaws.com" });
      expect(properties.SourceArn).toBeDefined();
    }
  });

  it("keeps how far desks were tended, and reads lists, tickets and links", () => {
    expect(keysFor(tender, "PutItem")).toEqual(["DESKS#*"]);
    expect(new Set(keysFor(tender, "GetItem"))).toEqual(new Set(["DESK#*", "LINK#*", "DESKS#*"]));
    expect(keysFor(tender, "BatchGetItem")).toEqual(["CONV#*"]);
    expect(keysFor(tender, "Query")).toEqual(["CLOSING#*", "ACTIVITY#*"]);
    expect(targetsOf(tender, "s3:GetObject")).toEqual([]);
  });

  it("rings the desks' followers and take-reply, and nobody else", () => {
    const queues = targetsOf(tender, "sqs:SendMessage");
    expect(queues).toHaveLength(Object.keys(DESKS).length + 1);
    for (const queue of queues) expect(queue).toMatch(/^\{(DeskQueue|ReplyQueue)\w*\.Arn\}$/);
  });

  it("reads the secrets of the desks that can be asked, and none of an account", () => {
    expect(documentsOf(tender)).toEqual(expect.arrayContaining(["agents", "agents-two"]));
    expect(documentsOf(tender).filter((name) => !(name && name in DESKS))).toEqual([]);
  });
});

it("names a partition key in every permission on the table, its end alone being open", () => {
  for (const { statements } of functions)
    for (const { Action, Condition } of statements.filter(({ Action }) =>
      Action.some((one) => one.startsWith("dynamodb:")),
    ))
      for (const key of Condition?.["ForAllValues:StringLike"]?.[LEADING_KEYS] ?? [`anything for ${Action}`])
        expect(key).toMatch(/^[A-Z]+#([a-z:-]+#)?(\*|[a-z:-]+)$/);
});

describe("the functions that serve all desks", () => {
  it.each(["take-reply", "tend-helpdesk", "receive-reply"])(
    "%s holds the helpdesks in use alone, and starts",
    (name) => {
      const deployed = named(name);
      const path = bundleOf(deployed);
      const variables = Object.entries(deployed.Environment.Variables).map(([key, value]) => [key, written(value)]);
      const env = { ...Object.fromEntries(variables), AWS_REGION: "us-east-1" };
      const script = `console.log(typeof require(${JSON.stringify(path)}).handler)`;
      const { stdout, stderr } = spawnSync(process.execPath, ["-e", script], { cwd: outdir, env, encoding: "utf8" });
      expect({ stdout, stderr }).toEqual({ stdout: "function\n", stderr: "" });
      const code = readFileSync(path, "utf8");
      if (name !== "receive-reply") expect(code).toContain("api2.frontapp.com");
      for (const foreign of ["intercom", "hubapi", "zendesk"]) expect(code).not.toContain(foreign);
    },
  );
});

describe("a desk that cannot be asked, without tickets", () => {
  it("gives nobody permission to what only tickets need", () => {
    const alone = functionsOf(templateOf(configured({ helpdesks: { crm: DESKS.crm } })).template);
    for (const deployed of alone) {
      const keys = ["GetItem", "PutItem"].flatMap((action) => keysFor(deployed, action));
      expect(keys.filter((key) => key.startsWith("LINK#"))).toEqual([]);
    }
  });
});

describe("ten desks", () => {
  const ten = Object.fromEntries(
    Array.from({ length: 10 }, (_, index) => [
      `helpdesk-of-team-${index}`,
      {
        ...{
          helpdesk: "zendesk-tickets",
          subdomain: `company-team-${index}`,
          email: `recado-${index}@company.example`,
        },
        ...{ integrationUserId: 360_000_000_000 + index, groupId: 360_000_000_100 + index },
        ...{ ticketFormId: 360_000_000_200 + index, accounts: ["whatsapp"] },
      },
    ]),
  );

  it("fit into the environment of the functions that serve them all", () => {
    const { template: large } = templateOf(configured({ helpdesks: ten }));
    const deployed = functionsOf(large).filter(({ name }) => /^(take|receive)-reply$|^tend-helpdesk$/.test(name));
    expect(deployed).toHaveLength(3);
    for (const { Environment } of deployed) {
      const variables = Object.entries(Environment.Variables);
      // A queue's URL and a table's name are longer than what stands for them here.
      const bytes = variables.reduce((sum, [name, value]) => sum + name.length + written(value).length, 0);
      expect(bytes).toBeLessThan(4096);
    }
    expect(
      all(large, "AWS::Events::Rule").filter(({ properties }) => `${properties.Name}`.includes("-tend-helpdesk")),
    ).toHaveLength(10);
  });

  it("have alarms that miss none of their queues", () => {
    const { template: large } = templateOf(configured({ helpdesks: ten }));
    const alarms = JSON.stringify(all(large, "AWS::CloudWatch::Alarm").map(({ properties }) => properties));
    const queues = all(large, "AWS::SQS::Queue").filter(({ properties }) =>
      `${properties.QueueName}`.includes("post-to-helpdesk"),
    );
    expect(queues).toHaveLength(20);
    for (const { id } of queues) expect(alarms).toContain(`["${id}","QueueName"]`);
  });
});

it("keeps a rule's name within what EventBridge takes, whatever the desk is called", () => {
  const longest = "a".repeat(20);
  expect(() => configured({ helpdesks: { [`${longest}a`]: DESKS.crm } })).toThrow(/helpdesks\.a{21}/);
  expect(() => configured({ helpdesks: { [longest]: DESKS.crm } })).not.toThrow();
  expect(physicalName("s".repeat(16), `tend-${longest}`).length).toBeLessThanOrEqual(64);
});
