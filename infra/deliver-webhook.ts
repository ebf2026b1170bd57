import type { Table } from "aws-cdk-lib/aws-dynamodb";
import type { Bucket } from "aws-cdk-lib/aws-s3";
import { Stack } from "aws-cdk-lib/core";
import type { Construct } from "constructs";
import type { EnvVars } from "../functions/deliver-webhook/env.ts";
import { DEPLOYMENT_DOCUMENT, type Deployment, secretsPath } from "./deployment.ts";
import { handlerOf } from "./parts/bundle.ts";
import { documents, items, objects, postpone, sendTo } from "./parts/permissions.ts";
import type { WorkQueue } from "./parts/queue.ts";
import { Worker } from "./parts/worker.ts";

export interface DeliverWebhookProps extends Deployment {
  work: WorkQueue;
  mailbox: WorkQueue;
  table: Table;
  bucket: Bucket;
}

/** Follows every log for every subscription and posts what it wants. It rings itself: once for each that wants an entry. */
export class DeliverWebhook extends Worker {
  constructor(scope: Construct, { work, mailbox, table, bucket, config, stage }: DeliverWebhookProps) {
    super(scope, "DeliverWebhook", {
      stage,
      folder: "deliver-webhook",
      impact: "developers' endpoints hear nothing new.",
      work,
      // An endpoint may take its time, and no other one's event is to wait for it.
      batchSize: 1,
      code: handlerOf("deliver-webhook"),
      memoryMb: 512,
      environment: {
        TABLE_NAME: table.tableName,
        BUCKET: bucket.bucketName,
        EPOCH: String(config.epoch),
        QUEUE_URL: work.queue.queueUrl,
        MAILBOX_URL: mailbox.queue.queueUrl,
        SECRETS_PATH: secretsPath(stage),
      } satisfies EnvVars,
      permissions: [
        items(table, ["GetItem", "Query"], ["CONV#*", "ACCOUNT#*", "CONTACT#*"]),
        items(table, ["Query", "PutItem", "UpdateItem"], ["SUBSCRIPTION#*"]),
        items(table, ["GetItem", "PutItem"], ["DELIVERY#*"]),
        items(table, ["PutItem"], ["ATTEMPT#*"]),
        postpone(work.queue),
        sendTo(work.queue, mailbox.queue),
        objects(bucket, ["GetObject"], "entries/"),
        documents(Stack.of(scope), "GetParameter", secretsPath(stage), [DEPLOYMENT_DOCUMENT]),
      ],
    });
  }
}
