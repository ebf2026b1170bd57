import type { Table } from "aws-cdk-lib/aws-dynamodb";
import type { EventBus } from "aws-cdk-lib/aws-events";
import type { Bucket } from "aws-cdk-lib/aws-s3";
import type { Construct } from "constructs";
import type { EnvVars } from "../functions/publish-event/env.ts";
import type { Deployment } from "./deployment.ts";
import { handlerOf } from "./parts/bundle.ts";
import { items, objects, postpone, publishTo } from "./parts/permissions.ts";
import type { WorkQueue } from "./parts/queue.ts";
import { Worker } from "./parts/worker.ts";

export interface PublishEventProps extends Deployment {
  work: WorkQueue;
  table: Table;
  bucket: Bucket;
  bus: EventBus;
}

/** Follows every log with a cursor of its own and puts what it reads onto the bus, for developers inside AWS. */
export class PublishEvent extends Worker {
  constructor(scope: Construct, { work, table, bucket, bus, config, stage }: PublishEventProps) {
    super(scope, "PublishEvent", {
      stage,
      folder: "publish-event",
      impact: "programs that listen to the event bus hear nothing new.",
      work,
      batchSize: 10,
      code: handlerOf("publish-event"),
      memoryMb: 512,
      environment: {
        TABLE_NAME: table.tableName,
        BUCKET: bucket.bucketName,
        BUS_NAME: bus.eventBusName,
        EPOCH: String(config.epoch),
        QUEUE_URL: work.queue.queueUrl,
      } satisfies EnvVars,
      permissions: [
        items(table, ["Query"], ["CONV#*", "ACCOUNT#*"]),
        items(table, ["GetItem", "PutItem"], ["CURSOR#publish-event#*"]),
        postpone(work.queue),
        publishTo(bus),
        objects(bucket, ["GetObject"], "entries/"),
      ],
    });
  }
}
