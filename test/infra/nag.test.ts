import { mkdtempSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Queue } from "aws-cdk-lib/aws-sqs";
import { App } from "aws-cdk-lib/core";
import { AwsSolutionsChecks } from "cdk-nag";
import { expect, it } from "vitest";
import { RecadoStack } from "../../infra/stack.ts";
import { configured, STAGE, sample } from "./synthesized.ts";

const byAws = {
  linked: {
    connector: "whatsapp-aws",
    phoneNumberId: "100000000000006",
    originationPhoneNumberId: `phone-number-id-${"a".repeat(32)}`,
  },
  number: { connector: "sms-aws", from: "+15550000006" },
  name: { connector: "sms-aws", from: "RECADO" },
};

const app = new App({ outdir: mkdtempSync(join(tmpdir(), "recado-nag-")) });
const ofSample = Object.entries(sample.accounts).map(([name, { connector, settings }]) => [
  name,
  { connector, ...settings },
]);
const config = configured({ accounts: { ...Object.fromEntries(ofSample), ...byAws }, streams: { topic: true } });
const stack = new RecadoStack(app, "recado", { config, stage: STAGE });
const findings = () => new AwsSolutionsChecks(app).validateScope(app).violations.map(({ ruleName }) => ruleName);

it("finds nothing against AWS's own rules for a solution", () => {
  expect(findings()).toEqual([]);
});

it("would find a queue that takes plain HTTP", () => {
  new Queue(stack, "Careless");
  expect(findings()).toContain("AwsSolutions-SQS4");
});
