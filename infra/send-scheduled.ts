import type { Table } from "aws-cdk-lib/aws-dynamodb";
import { Rule, Schedule } from "aws-cdk-lib/aws-events";
import { LambdaFunction as FunctionTarget } from "aws-cdk-lib/aws-events-targets";
import type { Function as LambdaFunction } from "aws-cdk-lib/aws-lambda";
import { Duration, Stack } from "aws-cdk-lib/core";
import { Construct } from "constructs";
import type { EnvVars } from "../functions/send-scheduled/env.ts";
import type { Deployment } from "./deployment.ts";
import { handlerOf } from "./parts/bundle.ts";
import { HouseFunction } from "./parts/function.ts";
import { physicalName } from "./parts/names.ts";
import { items, sendTo } from "./parts/permissions.ts";
import type { WorkQueue } from "./parts/queue.ts";
import { urls } from "./record-event.ts";

export interface SendScheduledProps extends Deployment {
  /** By account: the queue of its connector's sender. */
  senders: Readonly<Record<string, WorkQueue>>;
  table: Table;
}

/** Hands to their senders, once a minute, the messages whose time has come. */
export class SendScheduled extends Construct {
  readonly lambda: LambdaFunction;

  constructor(scope: Construct, { senders, table, stage }: SendScheduledProps) {
    super(scope, "SendScheduled");
    const queues = new Set(Object.values(senders).map(({ queue }) => queue));
    const { lambda } = new HouseFunction(this, "Worker", {
      stage,
      folder: "send-scheduled",
      description: "Hands messages to their senders whose time has come",
      code: handlerOf("send-scheduled"),
      memoryMb: 512,
      timeout: Duration.minutes(1),
      environment: {
        TABLE_NAME: table.tableName,
        SENDERS: Stack.of(this).toJsonString(urls(senders)),
      } satisfies EnvVars,
      permissions: [
        items(table, ["GetItem", "Query", "PutItem", "DeleteItem"], ["SCHEDULED#*"]),
        // Before the first account is configured there is nobody to hand anything to.
        ...(queues.size > 0 ? [sendTo(...queues)] : []),
      ],
    });
    new Rule(this, "EveryMinute", {
      ruleName: physicalName(stage, "send-scheduled"),
      description: "Has messages sent whose time has come",
      schedule: Schedule.rate(Duration.minutes(1)),
      targets: [new FunctionTarget(lambda)],
    });
    this.lambda = lambda;
  }
}
