/** A stack with an account on every connector that there is. */
import { spawnSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import * as z from "zod";
import type { Connector } from "../../shared/channels/connector.ts";
import { connectors } from "../../shared/channels/registry.ts";
import { SAMPLE } from "../contracts/provider.ts";
import { all, configured, functionsOf, targetsOf, templateOf, written } from "./synthesized.ts";

const FALLBACK = { type: "template", name: "reply", language: "en", parameters: ["{text}"] };
const QUIET_HOURS = { from: "21:00", to: "08:00", timeZone: "America/Sao_Paulo" };
const accounts = Object.fromEntries(
  Object.entries(SAMPLE).map(([connector, { name, settings }]) => [
    name,
    { connector, ...(settings as object), fallbackTemplate: FALLBACK },
  ]),
);
const { template, outdir } = templateOf(configured({ accounts, policies: { quietHours: QUIET_HOURS } }));
const functions = functionsOf(template);

describe.each(Object.values<Connector>(connectors))("$name in the stack", ({ name, vendor, transport }) => {
  const own = functions.filter((deployed) => deployed.name.endsWith(`-${name}`));

  it("has a receiver and a sender, each with its own account", () => {
    expect(own.map((deployed) => deployed.name)).toEqual([`receive-webhook-${name}`, `send-message-${name}`]);
    for (const { Environment } of own) {
      const given = JSON.parse(written(Environment.Variables.ACCOUNTS)) as { name: string }[];
      expect(given.map((account) => account.name)).toEqual([SAMPLE[name as keyof typeof SAMPLE].name]);
    }
  });

  it("has a webhook of its own, below its name, or a topic of its own", () => {
    const outputs = Object.values(template.Outputs ?? {}).map(({ Value }) => written(Value));
    const urls = outputs.filter((url) => url.endsWith(`}webhooks/${name}`));
    const topics = all(template, "AWS::SNS::Topic").filter(({ properties }) =>
      `${properties.TopicName}`.endsWith(name),
    );
    const isByTopic = transport === "sns";
    expect(urls).toHaveLength(isByTopic ? 0 : 1);
    expect(topics.filter(({ id }) => outputs.includes(`{${id}}`))).toHaveLength(isByTopic ? 1 : 0);
  });

  it.each(own.map(({ folder, Code, Environment }) => ({ folder, Code, Environment })))(
    "starts its $folder, which knows no other vendor",
    ({ folder, Code, Environment }) => {
      const path = join(outdir, `asset.${Code.S3Key.replace(/\.zip$/, "")}`, "index.js");
      const variables = Object.entries(Environment.Variables).map(([key, value]) => [key, written(value)]);
      const env = { ...Object.fromEntries(variables), AWS_REGION: "us-east-1" };
      const script = `console.log(typeof require(${JSON.stringify(path)}).handler)`;
      const { stdout, stderr } = spawnSync(process.execPath, ["-e", script], { cwd: outdir, env, encoding: "utf8" });
      expect({ stdout, stderr }).toEqual({ stdout: "function\n", stderr: "" });
      const code = readFileSync(path, "utf8");
      if (folder === "receive-webhook") expect(code.length).toBeLessThanOrEqual(60 * 1024);
      const foreign = Object.values(connectors).filter((other) => other.vendor.origin !== vendor.origin);
      if (folder === "send-message") expect(code).toContain(vendor.origin);
      for (const other of foreign) expect(code).not.toContain(other.vendor.origin);
    },
  );
});

describe("the alarms of so many connectors", () => {
  const Alarm = z.object({
    AlarmName: z.string(),
    Metrics: z.array(z.looseObject({ MetricStat: z.unknown().optional() })),
  });
  const alarms = all(template, "AWS::CloudWatch::Alarm").map(({ properties }) => Alarm.parse(properties));
  const watchedBy = (name: RegExp) => JSON.stringify(alarms.filter(({ AlarmName }) => name.test(AlarmName)));

  it("are as many as CloudWatch's ten metrics in each make necessary, and miss no queue", () => {
    for (const { Metrics } of alarms)
      expect(Metrics.filter(({ MetricStat }) => MetricStat).length).toBeLessThanOrEqual(10);
    const queues = all(template, "AWS::SQS::Queue");
    const deadLetters = queues.filter(({ properties }) => !("RedrivePolicy" in properties));
    expect(deadLetters.length).toBeGreaterThan(10);
    for (const { id } of deadLetters) expect(watchedBy(/-dead-letters(-\d)?$/)).toContain(`["${id}","QueueName"]`);
  });

  it("tell of news that wait behind a topic", () => {
    const behind = all(template, "AWS::SQS::Queue").find(
      ({ properties }) => properties.QueueName === "recado-dev-receive-webhook-sms-aws",
    );
    expect(watchedBy(/-recording-late$/)).toContain(`["${behind?.id}","QueueName"]`);
  });
});

describe("a connector of AWS's own services", () => {
  const named = (name: string) => {
    const found = functions.find((deployed) => deployed.name === name);
    if (!found) throw new Error(`There is no function ${name}`);
    return found;
  };
  const [region, account] = ["us-east-1", "000000000000"];
  const number = "phone-number-id/0123456789abcdef0123456789abcdef";

  it("sends as its own accounts, and as nobody else", () => {
    expect(targetsOf(named("send-message-whatsapp-aws"), "social-messaging:SendWhatsAppMessage")).toEqual([
      `arn:{AWS::Partition}:social-messaging:${region}:${account}:${number}`,
    ]);
    expect(targetsOf(named("send-message-sms-aws"), "sms-voice:SendTextMessage")).toEqual([
      `arn:{AWS::Partition}:sms-voice:${region}:${account}:phone-number/phone-0123456789abcdef0123456789abcdef`,
    ]);
    const fetches = targetsOf(named("store-media"), "social-messaging:GetWhatsAppMessageMedia");
    expect(fetches).toEqual([`arn:{AWS::Partition}:social-messaging:${region}:${account}:${number}`]);
  });

  it("reads no secret but the deployment's, since it has none", () => {
    for (const folder of ["receive-webhook", "send-message"]) {
      const deployed = named(`${folder}-sms-aws`);
      const read = [...targetsOf(deployed, "ssm:GetParameter"), ...targetsOf(deployed, "ssm:GetParameters")];
      expect(read.map((arn) => arn.replace(/^.*\//, ""))).toEqual(["deployment"]);
    }
  });

  it.each([
    ["whatsapp-aws", "social-messaging"],
    ["sms-aws", "sms-voice"],
  ])("%s hears of its service alone, for this account, and keeps the time that SNS adds", (name, service) => {
    const [topic] = all(template, "AWS::SNS::Topic").filter(
      ({ properties }) => properties.TopicName === `recado-dev-${name}`,
    );
    const own = (type: string) =>
      all(template, type).filter(({ properties }) => JSON.stringify(properties).includes(`{"Ref":"${topic?.id}"}`));
    const [policy] = own("AWS::SNS::TopicPolicy");
    expect(policy?.properties.PolicyDocument).toMatchObject({
      Statement: [
        { Effect: "Deny", Principal: "*", Condition: { Bool: { "aws:SecureTransport": "false" } } },
        {
          Effect: "Allow",
          Principal: { Service: `${service}.amazonaws.com` },
          Action: "sns:Publish",
          Condition: {
            StringEquals: { "aws:SourceAccount": account },
            ArnLike: { "aws:SourceArn": expect.anything() },
          },
        },
      ],
    });
    expect(JSON.stringify(policy?.properties)).toContain(`:${service}:${region}:${account}:*`);
    const [subscription] = own("AWS::SNS::Subscription");
    expect(subscription?.properties).toMatchObject({ Protocol: "sqs" });
    expect(subscription?.properties).not.toHaveProperty("RawMessageDelivery");
    const [door] = own("AWS::SQS::QueuePolicy");
    expect(door?.properties.PolicyDocument).toMatchObject({
      Statement: [
        { Effect: "Deny" },
        {
          Effect: "Allow",
          Principal: { Service: "sns.amazonaws.com" },
          Action: "sqs:SendMessage",
          Condition: { ArnEquals: { "aws:SourceArn": { Ref: topic?.id } } },
        },
      ],
    });
    expect(
      all(template, "AWS::Lambda::Url").map(({ properties }) => written(properties.TargetFunctionArn)),
    ).not.toContain(`{${named(`receive-webhook-${name}`).id}.Arn}`);
  });

  it.each([
    ["+15550000006", undefined, "phone-number/*"],
    ["12345", undefined, "phone-number/*"],
    ["RECADO", undefined, "sender-id/RECADO/*"],
    ["+15550000006", "pool-0123456789abcdef0123456789abcdef", "pool/pool-0123456789abcdef0123456789abcdef"],
  ])("narrows who sends to what %s and %s tell", (from, originationIdentity, resource) => {
    const sms = { connector: "sms-aws", from, ...(originationIdentity && { originationIdentity }) };
    const sender = functionsOf(templateOf(configured({ accounts: { sms } })).template).find(
      (deployed) => deployed.name === "send-message-sms-aws",
    );
    expect(sender && targetsOf(sender, "sms-voice:SendTextMessage")).toEqual([
      `arn:{AWS::Partition}:sms-voice:${region}:${account}:${resource}`,
    ]);
  });
});

describe("what the owner decides about messages", () => {
  const planning = functions.filter(({ folder }) => folder === "api" || folder === "send-message");

  it.each(planning)("is known to $name, which plans them", ({ Environment: { Variables } }) => {
    expect(JSON.parse(written(Variables.QUIET_HOURS))).toEqual(QUIET_HOURS);
    const given: Record<string, { fallbackTemplate: unknown }> = JSON.parse(written(Variables.ACCOUNTS));
    expect(Object.values(given).map(({ fallbackTemplate }) => fallbackTemplate)).toEqual(
      Object.keys(given).map(() => FALLBACK),
    );
  });
});
