import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it, onTestFinished, vi } from "vitest";
import { startSchedules } from "../../../local/event-sources/schedules.ts";
import { ACCOUNT_ID, functionResources, load, newFolder, REGION, type Resources, startLambda } from "./tiny-stack.ts";

const NOTE = `exports.handler = async (event) => {
  require("node:fs").writeFileSync(process.env.NOTES, JSON.stringify(event));
};`;

const rule: Resources = {
  Rule: {
    Type: "AWS::Events::Rule",
    Properties: {
      ScheduleExpression: "rate(1 minute)",
      Targets: [{ Id: "Target", Arn: { "Fn::GetAtt": ["Worker", "Arn"] } }],
    },
  },
  MayInvoke: {
    Type: "AWS::Lambda::Permission",
    Properties: {
      Action: "lambda:InvokeFunction",
      FunctionName: { "Fn::GetAtt": ["Worker", "Arn"] },
      Principal: "events.amazonaws.com",
      SourceArn: { "Fn::GetAtt": ["Rule", "Arn"] },
    },
  },
};

const schedule = (Action: string): Resources => ({
  Invoker: {
    Type: "AWS::IAM::Role",
    Properties: {
      AssumeRolePolicyDocument: {
        Statement: [{ Action: "sts:AssumeRole", Effect: "Allow", Principal: { Service: "scheduler.amazonaws.com" } }],
      },
      Policies: [
        {
          PolicyName: "invoke",
          PolicyDocument: {
            Version: "2012-10-17",
            Statement: [{ Effect: "Allow", Action, Resource: { "Fn::GetAtt": ["Worker", "Arn"] } }],
          },
        },
      ],
    },
  },
  Schedule: {
    Type: "AWS::Scheduler::Schedule",
    Properties: {
      ScheduleExpression: "rate(1 minute)",
      FlexibleTimeWindow: { Mode: "OFF" },
      Target: {
        Arn: { "Fn::GetAtt": ["Worker", "Arn"] },
        RoleArn: { "Fn::GetAtt": ["Invoker", "Arn"] },
        Input: '{"sweep":true}',
      },
    },
  },
});

/** A minute passes at the end. */
async function run(resources: Resources) {
  const notes = join(newFolder(), "notes");
  const worker = functionResources("Worker", { Environment: { Variables: { NOTES: notes } } });
  const { stack } = await load({ Resources: { ...worker, ...resources } }, { bundles: { Worker: NOTE } });
  const log: string[] = [];
  vi.useFakeTimers({ toFake: ["setInterval", "clearInterval"] });
  onTestFinished(() => void vi.useRealTimers());
  const { stop } = startSchedules({
    schedules: stack.schedules,
    lambda: startLambda(stack),
    region: REGION,
    accountId: ACCOUNT_ID,
    log: (line) => log.push(line),
  });
  onTestFinished(stop);
  vi.advanceTimersByTime(59_999);
  expect(existsSync(notes)).toBe(false);
  vi.advanceTimersByTime(1);
  vi.useRealTimers();
  return { log, notes: () => (existsSync(notes) ? readFileSync(notes, "utf8") : "") };
}

const soon = { timeout: 10_000 };

describe("a schedule", () => {
  it("invokes its target every minute with EventBridge's event", async () => {
    const { notes } = await run(rule);
    await expect.poll(notes, soon).not.toBe("");
    expect(JSON.parse(notes())).toEqual({
      version: "0",
      id: expect.any(String),
      "detail-type": "Scheduled Event",
      source: "aws.events",
      account: ACCOUNT_ID,
      time: expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/),
      region: REGION,
      resources: [`arn:aws:events:${REGION}:${ACCOUNT_ID}:rule/recado-local-Rule`],
      detail: {},
    });
  });

  it("invokes nothing where the function does not permit it, and says so", async () => {
    const { Rule } = rule;
    const { log, notes } = await run(Rule ? { Rule } : {});
    await expect
      .poll(() => log, soon)
      .toEqual(['{"level":"warn","code":"schedule_failed","schedule":"recado-local-Rule","error":"forbidden"}']);
    expect(notes()).toBe("");
  });

  it("of the scheduler invokes with the role that it names, and with its own input", async () => {
    const { notes } = await run(schedule("lambda:InvokeFunction"));
    await expect.poll(notes, soon).toBe('{"sweep":true}');
  });

  it("of the scheduler invokes nothing where that role may not", async () => {
    const { log } = await run(schedule("lambda:GetFunction"));
    await expect.poll(() => log.join(), soon).toContain("forbidden");
  });

  it("is also run when somebody asks, as its rule would, and gives what the function answers", async () => {
    const worker = functionResources("Worker");
    const { Rule, MayInvoke } = rule;
    const named = (Name: string): Resources => ({
      [Name]: { Type: "AWS::Events::Rule", Properties: { ...Rule?.Properties, Name } },
    });
    const resources = { ...worker, ...(Rule && { Rule }), ...(MayInvoke && { MayInvoke }), ...named("other") };
    const bundles = { Worker: "exports.handler = async ({ source }) => ({ from: source });" };
    const { stack } = await load({ Resources: resources }, { bundles });
    const lambda = startLambda(stack);
    const own = { schedules: stack.schedules, lambda, region: REGION, accountId: ACCOUNT_ID, log: () => {} };
    const { names, runNow, stop } = startSchedules(own);
    onTestFinished(stop);
    expect(names).toEqual(["recado-local-Rule", "other"]);
    expect(await runNow("recado-local-Rule")).toEqual({ ok: true, answers: [{ from: "aws.events" }] });
    // The function lets in the one rule alone.
    expect(await runNow("other")).toEqual({ ok: false, answers: ["forbidden"] });
  });
});
