import type { Table } from "aws-cdk-lib/aws-dynamodb";
import type { Bucket } from "aws-cdk-lib/aws-s3";
import { Stack } from "aws-cdk-lib/core";
import type { Construct } from "constructs";
import type { EnvVars } from "../functions/settle-send/env.ts";
import { DEPLOYMENT_DOCUMENT, type Deployment, secretsPath } from "./deployment.ts";
import { handlerOf } from "./parts/bundle.ts";
import { documents, items, objects, sendTo } from "./parts/permissions.ts";
import type { WorkQueue } from "./parts/queue.ts";
import { Worker } from "./parts/worker.ts";
import { urls } from "./record-event.ts";

export interface SettleSendProps extends Deployment {
  work: WorkQueue;
  mailbox: WorkQueue;
  /** By account: the queue of its connector's sender. */
  senders: Readonly<Record<string, WorkQueue>>;
  table: Table;
  bucket: Bucket;
}

/** Decides what becomes of a send that nobody confirmed. It can reach the senders only where the owner chose `resend`. */
export class SettleSend extends Worker {
  constructor(scope: Construct, { work, mailbox, senders, table, bucket, config, stage }: SettleSendProps) {
    const stack = Stack.of(scope);
    const isResending = config.policies.uncertain === "resend";
    const resendTo = isResending ? senders : {};
    super(scope, "SettleSend", {
      stage,
      folder: "settle-send",
      impact: "replies whose sending is uncertain stay so, and the agent is not told.",
      work,
      batchSize: 10,
      code: handlerOf("settle-send"),
      memoryMb: 512,
      environment: {
        TABLE_NAME: table.tableName,
        MAILBOX_URL: mailbox.queue.queueUrl,
        BUCKET: bucket.bucketName,
        SECRETS_PATH: secretsPath(stage),
        SENDERS: stack.toJsonString(urls(resendTo)),
        UNCERTAIN_POLICY: config.policies.uncertain,
      } satisfies EnvVars,
      permissions: [
        items(table, ["GetItem", "Query"], ["CONV#*"]),
        items(table, isResending ? ["GetItem", "PutItem"] : ["GetItem"], ["SEND#*"]),
        items(table, ["PutItem"], ["PROVIDER#*"]),
        sendTo(mailbox.queue, ...new Set(Object.values(resendTo).map(({ queue }) => queue))),
        objects(bucket, ["GetObject"], "entries/"),
        documents(stack, "GetParameter", secretsPath(stage), [DEPLOYMENT_DOCUMENT]),
      ],
    });
  }
}
