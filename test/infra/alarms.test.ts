import { globSync, readFileSync } from "node:fs";
import { expect, it } from "vitest";
import * as z from "zod";
import { all, configured, sample, templateOf } from "./synthesized.ts";

const Alarm = z.object({
  AlarmName: z.string(),
  AlarmDescription: z.string().max(1024),
  AlarmActions: z.array(z.object({ Ref: z.string() })),
  TreatMissingData: z.enum(["notBreaching", "breaching"]),
  Metrics: z.array(
    z.looseObject({ MetricStat: z.object({ Metric: z.looseObject({ Dimensions: z.array(z.unknown()) }) }).optional() }),
  ),
});
const alarmsOf = (config: typeof sample) =>
  all(templateOf(config).template, "AWS::CloudWatch::Alarm").map(({ properties }) => Alarm.parse(properties));

const everyAlarm = alarmsOf(configured({ alarms: { silenceAfterHours: 12 } }));
const runbook = readFileSync("docs/runbook.md", "utf8");
const entriesUnder = (heading: string) => {
  const [, section = ""] = runbook.split(`\n## ${heading}\n`);
  return [...(section.split("\n## ")[0] ?? "").matchAll(/^### (.+)$/gm)].map(([, entry]) => entry);
};

/** Without the number of one that takes over where CloudWatch's ten metrics end. */
const ruleOf = (name: string) => name.replace("recado-dev-", "").replace(/-\d$/, "");

it("has ten kinds of alarms, and one for silence, each with an entry in the runbook, and no entry too many", () => {
  const names = [...new Set(everyAlarm.map(({ AlarmName }) => ruleOf(AlarmName)))];
  expect(names.filter((name) => name !== "webhooks-silent").length).toBeLessThanOrEqual(10);
  expect(names).toEqual(entriesUnder("Alarms"));
});

it("says in each alarm who notices what, and where to read on", () => {
  for (const { AlarmName, AlarmDescription } of everyAlarm) {
    const [impact = "", anchor] = AlarmDescription.split(" What to do: ");
    expect(impact).toMatch(/^[A-Z].{20,}\.$/);
    expect(anchor).toBe(`docs/runbook.md#${ruleOf(AlarmName)}`);
  }
});

it("sends all of them to the one topic", () => {
  const targets = everyAlarm.flatMap(({ AlarmActions }) => AlarmActions.map(({ Ref }) => Ref));
  expect(targets).toHaveLength(everyAlarm.length);
  expect(new Set(targets).size).toBe(1);
});

it("watches every dead-letter queue", () => {
  const { template } = templateOf(sample);
  const deadLetters = all(template, "AWS::SQS::Queue").filter(({ properties }) => !("RedrivePolicy" in properties));
  const watched = JSON.stringify(everyAlarm.filter(({ AlarmName }) => ruleOf(AlarmName) === "dead-letters"));
  for (const { id } of deadLetters) expect(watched).toContain(`["${id}","QueueName"]`);
});

it("stays within the ten metrics that CloudWatch takes into one alarm", () => {
  for (const { Metrics } of everyAlarm) {
    expect(Metrics.filter(({ MetricStat }) => MetricStat).length).toBeLessThanOrEqual(10);
  }
});

it("rings at silence only where the owner asked for it", () => {
  const silent = (alarms: typeof everyAlarm) =>
    alarms.filter(({ TreatMissingData }) => TreatMissingData === "breaching");
  expect(silent(everyAlarm).map(({ AlarmName }) => AlarmName)).toEqual(["recado-dev-webhooks-silent"]);
  expect(silent(alarmsOf(sample))).toEqual([]);
});

it("deploys before the first account is configured, with nothing to watch on channels", () => {
  const names = alarmsOf(configured({ accounts: {}, helpdesks: {}, alarms: { silenceAfterHours: 12 } })).map(
    ({ AlarmName }) => AlarmName,
  );
  expect(names).toContain("recado-dev-recording-late");
  expect(names.filter((name) => /sending|webhooks/.test(name))).toEqual([]);
});

it("tells in the runbook only of log codes that are really written", () => {
  const source = globSync("{functions,shared}/**/*.ts")
    .map((path) => readFileSync(path, "utf8"))
    .join();
  const codes = [...runbook.matchAll(/`([a-z]+(?:_[a-z]+)+)`/g)].map(([, code]) => code);
  expect(codes.length).toBeGreaterThan(5);
  expect(codes.filter((code) => !source.includes(`"${code}"`))).toEqual([]);
});
