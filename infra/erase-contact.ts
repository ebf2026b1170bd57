import type { Table } from "aws-cdk-lib/aws-dynamodb";
import type { Bucket } from "aws-cdk-lib/aws-s3";
import { Stack } from "aws-cdk-lib/core";
import type { Construct } from "constructs";
import type { EnvVars } from "../functions/erase-contact/env.ts";
import { DEPLOYMENT_DOCUMENT, type Deployment, secretsPath } from "./deployment.ts";
import { handlerOf } from "./parts/bundle.ts";
import { documents, indexed, items, listing, objects, postpone, removeFrom, sendTo } from "./parts/permissions.ts";
import type { WorkQueue } from "./parts/queue.ts";
import { BY_KEY } from "./parts/table.ts";
import { Worker } from "./parts/worker.ts";

export interface EraseContactProps extends Deployment {
  work: WorkQueue;
  mailbox: WorkQueue;
  table: Table;
  bucket: Bucket;
}

/** The only one that may change an entry of a log, and no one may delete any. */
export class EraseContact extends Worker {
  constructor(scope: Construct, { work, mailbox, table, bucket, config, stage }: EraseContactProps) {
    const desks = Object.keys(config.helpdesks);
    super(scope, "EraseContact", {
      stage,
      folder: "erase-contact",
      impact: "what is to be erased on a person's request is still there.",
      work,
      batchSize: 1,
      code: handlerOf("erase-contact"),
      memoryMb: 512,
      environment: {
        TABLE_NAME: table.tableName,
        QUEUE_URL: work.queue.queueUrl,
        MAILBOX_URL: mailbox.queue.queueUrl,
        DEAD_LETTERS_URL: mailbox.deadLetters.queueUrl,
        BUCKET: bucket.bucketName,
        SECRETS_PATH: secretsPath(stage),
        DESKS: JSON.stringify(desks),
      } satisfies EnvVars,
      permissions: [
        items(table, ["GetItem", "PutItem"], ["ERASURE#*"]),
        items(table, ["Query", "UpdateItem"], ["CONV#*", "ACCOUNT#*", "CONTACT#*"]),
        items(table, ["GetItem", "PutItem", "DeleteItem"], ["SEND#*"]),
        items(table, ["PutItem", "DeleteItem"], ["ADDRESS#*"]),
        items(table, ["DeleteItem"], ["PROVIDER#*", "MESSAGE#*", "IDEMPOTENCY#*"]),
        items(table, ["Query", "DeleteItem"], ["DESK#*"]),
        items(table, ["DeleteItem"], ["LINK#*"]),
        items(table, ["GetItem"], ["CONV#*", "CONTACT#*", ...(desks.length > 0 ? ["CURSOR#*"] : [])]),
        indexed(table, BY_KEY, ["CONV#*", "CONTACT#*"]),
        postpone(work.queue),
        sendTo(mailbox.queue),
        removeFrom(mailbox.deadLetters),
        objects(bucket, ["GetObject", "DeleteObject"], "entries/"),
        objects(bucket, ["GetObject", "DeleteObject"], "mailbox/"),
        objects(bucket, ["GetObject", "DeleteObject"], "quarantine/"),
        objects(bucket, ["DeleteObject"], "media/"),
        objects(bucket, ["DeleteObject"], "incoming/"),
        listing(bucket),
        documents(Stack.of(scope), "GetParameter", secretsPath(stage), [DEPLOYMENT_DOCUMENT]),
      ],
    });
  }
}
