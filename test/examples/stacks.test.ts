/** The CDK of the examples, synthesized as `cdk deploy` does it, and what docs/streams.md shows of it. */
import { execFile } from "node:child_process";
import { readFileSync } from "node:fs";
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { Template } from "aws-cdk-lib/assertions";
import { afterAll, beforeAll, describe, expect, it } from "vitest";

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "recado-examples-cdk-"));
});
afterAll(() => rm(folder, { recursive: true }));

/** Without the bundles of functions. */
async function synthesized(file: string, stack: string): Promise<Template> {
  const CDK_CONTEXT_JSON = JSON.stringify({ "aws:cdk:bundling-stacks": [] });
  const env = { ...process.env, CDK_OUTDIR: folder, CDK_CONTEXT_JSON, RECADO_URL: "https://api.example" };
  const compiled = { NODE_COMPILE_CACHE: join(folder, "compiled") };
  await promisify(execFile)(process.execPath, [file], { env: { ...env, ...compiled } });
  return Template.fromJSON(JSON.parse(await readFile(join(folder, `${stack}.template.json`), "utf8")));
}

describe("the consumer of the bus", () => {
  it("is invoked by a rule on type and channel, and keeps what it could not take", async () => {
    const template = await synthesized("examples/lambda/stack.ts", "prices");
    template.hasResourceProperties("AWS::Events::Rule", {
      EventBusName: "recado-prod",
      EventPattern: {
        source: ["recado"],
        "detail-type": ["message.received"],
        detail: { data: { channel: ["whatsapp", "sms"] } },
      },
    });
    template.resourceCountIs("AWS::SQS::Queue", 1);
  });
});

describe("the consumer of the topic", () => {
  it("is a FIFO queue with a filter, raw delivery and a dead-letter queue, which the topic may write into", async () => {
    const template = await synthesized("examples/topic/stack.ts", "prices-in-order");
    template.allResourcesProperties("AWS::SQS::Queue", { FifoQueue: true });
    template.hasResourceProperties("AWS::SNS::Subscription", {
      Protocol: "sqs",
      RawMessageDelivery: true,
      FilterPolicy: { type: ["message.received"], channel: ["whatsapp", "sms"] },
    });
    const [subscription] = Object.values(template.findResources("AWS::SNS::Subscription"));
    expect(JSON.stringify(subscription?.Properties.TopicArn)).toContain(":recado-prod.fifo");
    expect(subscription?.Properties.RedrivePolicy).toHaveProperty("deadLetterTargetArn");
    expect(JSON.stringify(template.findResources("AWS::SQS::QueuePolicy"))).toContain("sns.amazonaws.com");
    template.hasResourceProperties("AWS::Lambda::EventSourceMapping", {
      FunctionResponseTypes: ["ReportBatchItemFailures"],
    });
  });
});

it("docs/streams.md shows of them what is deployed", () => {
  const page = readFileSync("docs/streams.md", "utf8");
  const shown = [...page.matchAll(/<!-- (examples\/\S+) -->\n```ts\n([\s\S]*?)```/g)];
  expect(shown.map(([, file]) => file)).toEqual(["examples/lambda/stack.ts", "examples/topic/stack.ts"]);
  for (const [, file = "", code = ""] of shown) expect(readFileSync(file, "utf8"), file).toContain(code);
});
