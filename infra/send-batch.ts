import type { Table } from "aws-cdk-lib/aws-dynamodb";
import type { Bucket } from "aws-cdk-lib/aws-s3";
import { Stack } from "aws-cdk-lib/core";
import type { Construct } from "constructs";
import type { EnvVars } from "../functions/send-batch/env.ts";
import { channelsOf } from "./api.ts";
import { DEPLOYMENT_DOCUMENT, type Deployment, secretsPath } from "./deployment.ts";
import { handlerOf } from "./parts/bundle.ts";
import { documents, items, listing, objects, postpone, sendTo } from "./parts/permissions.ts";
import type { WorkQueue } from "./parts/queue.ts";
import { Worker } from "./parts/worker.ts";

export interface SendBatchProps extends Deployment {
  work: WorkQueue;
  mailbox: WorkQueue;
  table: Table;
  bucket: Bucket;
}

/** Puts what is for many into the mailbox, a step at a time. */
export class SendBatch extends Worker {
  constructor(scope: Construct, { work, mailbox, table, bucket, config, stage }: SendBatchProps) {
    const stack = Stack.of(scope);
    const { expiresAfterSeconds, joinByNumber, batchPerSecond, quietHours } = config.policies;
    super(scope, "SendBatch", {
      stage,
      folder: "send-batch",
      impact: "messages to many are not sent.",
      work,
      batchSize: 1,
      code: handlerOf("send-batch"),
      memoryMb: 512,
      environment: {
        TABLE_NAME: table.tableName,
        MAILBOX_URL: mailbox.queue.queueUrl,
        BUCKET: bucket.bucketName,
        SECRETS_PATH: secretsPath(stage),
        QUEUE_URL: work.queue.queueUrl,
        DEAD_LETTERS_URL: work.deadLetters.queueUrl,
        ACCOUNTS: JSON.stringify(channelsOf(config)),
        EXPIRES_AFTER_SECONDS: String(expiresAfterSeconds),
        JOIN_BY_NUMBER: String(joinByNumber),
        PER_SECOND: String(batchPerSecond),
        ...(quietHours && { QUIET_HOURS: JSON.stringify(quietHours) }),
      } satisfies EnvVars,
      permissions: [
        items(table, ["GetItem", "Query"], ["CONV#*"]),
        items(table, ["GetItem"], ["CONTACT#*", "ADDRESS#*"]),
        items(table, ["PutItem"], ["MESSAGE#*"]),
        // A claim is taken for good where its message is cancelled with its batch.
        items(table, ["GetItem", "PutItem"], ["SEND#*"]),
        items(table, ["GetItem", "Query", "PutItem", "UpdateItem"], ["BATCH#*"]),
        postpone(work.queue),
        sendTo(mailbox.queue, work.deadLetters),
        objects(bucket, ["PutObject"], "mailbox/"),
        objects(bucket, ["GetObject", "PutObject", "DeleteObject"], "batches/"),
        listing(bucket),
        documents(stack, "GetParameter", secretsPath(stage), [DEPLOYMENT_DOCUMENT]),
      ],
    });
  }
}
