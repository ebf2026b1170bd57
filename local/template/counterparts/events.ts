/** @module AWS::Events::EventBus, EventBusPolicy and Rule, AWS::Scheduler::Schedule */
import * as z from "zod";
import { arn, counterpart, PolicyDocumentProperty, physicalName, unplayed } from "../counterpart.ts";

export const eventBus = counterpart({ Name: z.string(), Description: unplayed }, ({ Name }, { world }) => {
  const busArn = arn("events", `event-bus/${Name}`, world);
  return { reference: Name, attributes: { Arn: busArn, Name } };
});

export const eventBusPolicy = counterpart(
  { EventBusName: z.string(), StatementId: z.string(), Statement: z.unknown() },
  ({ EventBusName, Statement }, { logicalId, world }) => {
    const document = PolicyDocumentProperty.parse({ Version: "2012-10-17", Statement: [Statement] });
    world.setResourcePolicy(arn("events", `event-bus/${EventBusName}`, world), document);
    return { reference: logicalId };
  },
);

const SECONDS = { minute: 60, hour: 3600, day: 86_400 } as const;

/** `rate(5 minutes)`, the one form of a schedule that is played locally. Gives seconds. */
const Rate = z
  .string()
  .regex(/^rate\([1-9]\d* (minute|hour|day)s?\)$/, "the local run plays rate(…) alone")
  .transform((expression) => {
    const [, count, unit] = /(\d+) (minute|hour|day)/.exec(expression) ?? [];
    return Number(count) * SECONDS[unit as keyof typeof SECONDS];
  });

export const rule = counterpart(
  {
    Name: z.string().optional(),
    Description: unplayed,
    ScheduleExpression: Rate,
    State: z.literal("ENABLED").optional(),
    Targets: z.array(
      z.strictObject({ Id: z.string(), Arn: z.string(), Input: z.string().optional(), RetryPolicy: unplayed }),
    ),
  },
  ({ Name, ScheduleExpression, Targets }, { logicalId, world }) => {
    const name = physicalName(Name, logicalId, world);
    const ruleArn = arn("events", `rule/${name}`, world);
    for (const { Arn, Input } of Targets) {
      world.stack.schedules.push({
        name,
        arn: ruleArn,
        functionArn: Arn,
        periodSeconds: ScheduleExpression,
        service: "events.amazonaws.com",
        role: undefined,
        input: Input,
      });
    }
    return { reference: name, attributes: { Arn: ruleArn } };
  },
);

export const schedule = counterpart(
  {
    Name: z.string().optional(),
    GroupName: unplayed,
    Description: unplayed,
    ScheduleExpression: Rate,
    ScheduleExpressionTimezone: unplayed,
    State: z.literal("ENABLED").optional(),
    FlexibleTimeWindow: z.strictObject({ Mode: z.literal("OFF") }),
    Target: z.strictObject({
      Arn: z.string(),
      RoleArn: z.string(),
      Input: z.string().optional(),
      RetryPolicy: unplayed,
    }),
  },
  ({ Name, ScheduleExpression, Target }, { logicalId, world }) => {
    const name = physicalName(Name, logicalId, world);
    const scheduleArn = arn("scheduler", `schedule/default/${name}`, world);
    const role = world.stack.roles.find(({ arn }) => arn === Target.RoleArn);
    if (!role?.trusts.includes("scheduler.amazonaws.com")) {
      throw new Error(`needs a role of the template that scheduler.amazonaws.com may assume, not ${Target.RoleArn}`);
    }
    world.stack.schedules.push({
      name,
      arn: scheduleArn,
      functionArn: Target.Arn,
      periodSeconds: ScheduleExpression,
      service: "scheduler.amazonaws.com",
      role,
      input: Target.Input,
    });
    return { reference: name, attributes: { Arn: scheduleArn } };
  },
);
