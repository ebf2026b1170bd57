import type { Table } from "aws-cdk-lib/aws-dynamodb";
import { Rule, Schedule } from "aws-cdk-lib/aws-events";
import { LambdaFunction as FunctionTarget } from "aws-cdk-lib/aws-events-targets";
import type { Function as LambdaFunction } from "aws-cdk-lib/aws-lambda";
import type { Bucket } from "aws-cdk-lib/aws-s3";
import { Duration } from "aws-cdk-lib/core";
import { Construct } from "constructs";
import type { EnvVars } from "../functions/tend-webhooks/env.ts";
import type { Deployment } from "./deployment.ts";
import { handlerOf } from "./parts/bundle.ts";
import { HouseFunction } from "./parts/function.ts";
import { physicalName } from "./parts/names.ts";
import { indexed, items, sendTo } from "./parts/permissions.ts";
import type { WorkQueue } from "./parts/queue.ts";
import { BY_ACTIVITY } from "./parts/table.ts";

export interface TendWebhooksProps extends Deployment {
  /** The queue of deliver-webhook. */
  deliveries: WorkQueue;
  table: Table;
  bucket: Bucket;
}

/** Rings, once a minute, for deliveries whose time has come, and takes replays a few steps on. */
export class TendWebhooks extends Construct {
  readonly lambda: LambdaFunction;

  constructor(scope: Construct, { deliveries, table, bucket, config, stage }: TendWebhooksProps) {
    super(scope, "TendWebhooks");
    const { lambda } = new HouseFunction(this, "Worker", {
      stage,
      folder: "tend-webhooks",
      description: "Rings for deliveries to developers' endpoints that are due, and for replays",
      code: handlerOf("tend-webhooks"),
      memoryMb: 512,
      timeout: Duration.minutes(1),
      environment: {
        TABLE_NAME: table.tableName,
        BUCKET: bucket.bucketName,
        DELIVERIES_URL: deliveries.queue.queueUrl,
        ACCOUNTS: JSON.stringify(Object.keys(config.accounts)),
      } satisfies EnvVars,
      permissions: [
        items(table, ["Query", "PutItem"], ["SUBSCRIPTION#*"]),
        indexed(table, BY_ACTIVITY, ["ACTIVITY#*", "CHANGES#*", "DUE#*"]),
        sendTo(deliveries.queue),
      ],
    });
    new Rule(this, "EveryMinute", {
      ruleName: physicalName(stage, "tend-webhooks"),
      description: "Has what waits for developers' endpoints looked after",
      schedule: Schedule.rate(Duration.minutes(1)),
      targets: [new FunctionTarget(lambda)],
    });
    this.lambda = lambda;
  }
}
