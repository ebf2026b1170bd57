/** Rules and schedules of the template: timers that invoke functions. */
import { randomUUID } from "node:crypto";
import { isAllowed } from "../gateway/permissions.ts";
import type { Lambda } from "../lambda/lambda.ts";
import type { Schedule } from "../template/stack.ts";

export interface ScheduleOptions {
  schedules: readonly Schedule[];
  lambda: Lambda;
  region: string;
  accountId: string;
  log: (line: string) => void;
}

export interface Schedules {
  /** Their names. */
  names: readonly string[];
  /** Has a schedule invoke its functions now, beside its time; gives what they answered, or why they did not. */
  runNow(name: string): Promise<{ ok: boolean; answers: unknown[] }>;
  stop(): void;
}

/** The first time is one period after the start, as AWS counts from the creation of the rule. */
export function startSchedules({ schedules, ...options }: ScheduleOptions): Schedules {
  const timers = schedules.map((schedule) => setInterval(() => run(schedule, options), schedule.periodSeconds * 1000));
  return {
    names: [...new Set(schedules.map(({ name }) => name))],
    async runNow(name) {
      const those = schedules.filter((schedule) => schedule.name === name);
      const runs = await Promise.all(those.map((schedule) => run(schedule, options)));
      return { ok: runs.every(({ ok }) => ok), answers: runs.map(({ answer }) => answer) };
    },
    stop: () => timers.forEach(clearInterval),
  };
}

async function run(
  schedule: Schedule,
  options: Omit<ScheduleOptions, "schedules">,
): Promise<{ ok: boolean; answer: unknown }> {
  const { lambda, log } = options;
  const event = schedule.input === undefined ? scheduledEvent(schedule, options) : JSON.parse(schedule.input);
  const result = schedule.role
    ? await asRole(schedule, event, lambda)
    : await lambda.invoke(schedule.functionArn, event, { service: schedule.service, sourceArn: schedule.arn });
  if (typeof result === "object" && result.ok) return { ok: true, answer: JSON.parse(result.payload || "null") };
  const error = typeof result === "object" ? result.error.errorType : result;
  log(JSON.stringify({ level: "warn", code: "schedule_failed", schedule: schedule.name, error }));
  return { ok: false, answer: error };
}

/** EventBridge Scheduler invokes with a role of the owner; the function's own policy is not asked. */
async function asRole({ role, functionArn }: Schedule, event: unknown, lambda: Lambda) {
  const request = {
    action: "lambda:InvokeFunction",
    resource: functionArn,
    conditionKeys: {},
    principalArn: role?.arn ?? "",
  };
  const { allowed } = isAllowed(request, role?.policies ?? []);
  return allowed ? lambda.function(functionArn).invoke(event) : "forbidden";
}

/** EventBridge user guide, "Scheduled events". */
function scheduledEvent({ arn }: Schedule, { region, accountId }: Omit<ScheduleOptions, "schedules">): unknown {
  return {
    version: "0",
    id: randomUUID(),
    "detail-type": "Scheduled Event",
    source: "aws.events",
    account: accountId,
    time: `${new Date().toISOString().slice(0, 19)}Z`,
    region,
    resources: [arn],
    detail: {},
  };
}
