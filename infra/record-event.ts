import type { Table } from "aws-cdk-lib/aws-dynamodb";
import type { Bucket } from "aws-cdk-lib/aws-s3";
import { Stack } from "aws-cdk-lib/core";
import type { Construct } from "constructs";
import type { EnvVars } from "../functions/record-event/env.ts";
import { type Deployment, optOutOf } from "./deployment.ts";
import { handlerOf } from "./parts/bundle.ts";
import { indexed, items, listing, objects, postpone, sendTo } from "./parts/permissions.ts";
import type { WorkQueue } from "./parts/queue.ts";
import { BY_KEY } from "./parts/table.ts";
import { Worker } from "./parts/worker.ts";

export interface RecordEventProps extends Deployment {
  mailbox: WorkQueue;
  /** By consumer. */
  doorbells: Readonly<Record<string, WorkQueue>>;
  /** By account: the queue of its connector's sender. */
  senders: Readonly<Record<string, WorkQueue>>;
  media: WorkQueue;
  /** Whose customers can send files. */
  mediaAccounts: readonly string[];
  /** By account whose messages tell no names: the queue of those who ask. */
  profiles: Readonly<Record<string, WorkQueue>>;
  table: Table;
  bucket: Bucket;
}

/** Partition keys of the logs, which only record-event writes. */
const LOGS = ["CONV#*", "ACCOUNT#*", "CONTACT#*"];

/** The one writer: everything that happens comes through the mailbox and becomes an entry of a log here. */
export class RecordEvent extends Worker {
  constructor(scope: Construct, props: RecordEventProps) {
    const { config, stage, mailbox, doorbells, senders, media, mediaAccounts, profiles, table, bucket } = props;
    const stack = Stack.of(scope);
    const wakes = new Set([...Object.values(doorbells), ...Object.values(senders), media, ...Object.values(profiles)]);
    super(scope, "RecordEvent", {
      stage,
      folder: "record-event",
      impact: "customers' messages and receipts are kept in the queue and appear nowhere.",
      work: mailbox,
      batchSize: 10,
      code: handlerOf("record-event"),
      memoryMb: 512,
      environment: {
        TABLE_NAME: table.tableName,
        MAILBOX_URL: mailbox.queue.queueUrl,
        DEAD_LETTERS_URL: mailbox.deadLetters.queueUrl,
        BUCKET: bucket.bucketName,
        CONSUMERS: stack.toJsonString(urls(doorbells)),
        SENDERS: stack.toJsonString(urls(senders)),
        MEDIA_ACCOUNTS: JSON.stringify(mediaAccounts),
        MEDIA_URL: media.queue.queueUrl,
        PROFILES: stack.toJsonString(urls(profiles)),
        OPT_OUT: JSON.stringify(optOutOf(config)),
      } satisfies EnvVars,
      permissions: [
        items(table, ["GetItem", "Query", "PutItem"], LOGS),
        items(table, ["UpdateItem"], ["CONTACT#*"]),
        items(table, ["GetItem", "PutItem"], ["ADDRESS#*"]),
        items(table, ["GetItem"], ["PROVIDER#*"]),
        items(table, ["PutItem"], ["SCHEDULED#*"]),
        indexed(table, BY_KEY, LOGS),
        postpone(mailbox.queue),
        sendTo(mailbox.queue, mailbox.deadLetters, ...[...wakes].map(({ queue }) => queue)),
        objects(bucket, ["GetObject", "PutObject"], "mailbox/"),
        objects(bucket, ["GetObject", "PutObject"], "entries/"),
        listing(bucket),
      ],
    });
  }
}

/**
 * URL and names of each queue, for a variable that says whose queue is which: a URL is long, and many accounts share one.
 */
export function urls(queues: Readonly<Record<string, WorkQueue>>): [url: string, names: string[]][] {
  const named = Map.groupBy(Object.entries(queues), ([, { queue }]) => queue);
  return [...named].map(([{ queueUrl }, entries]) => [queueUrl, entries.map(([name]) => name)]);
}
