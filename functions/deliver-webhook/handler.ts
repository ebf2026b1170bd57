/** Wiring of deliver-webhook. */
import { randomBytes } from "node:crypto";
import middy from "@middy/core";
import type { SQSBatchResponse, SQSEvent } from "aws-lambda";
import { runBatch } from "../../shared/aws/fifo-batch.ts";
import { SqsMailbox } from "../../shared/aws/mailbox.ts";
import { S3Objects } from "../../shared/aws/objects.ts";
import { SqsQueues } from "../../shared/aws/queues.ts";
import { Secrets } from "../../shared/aws/secrets.ts";
import { SubscriptionTable } from "../../shared/aws/subscription-table.ts";
import { Table } from "../../shared/aws/table.ts";
import { createPostWebhook } from "../../shared/http/post-webhook.ts";
import { isLocalRun } from "../../shared/http/stand-in.ts";
import { deliverWebhook } from "./deliver-webhook.ts";
import { Env } from "./env.ts";
import { KnownSubscriptions } from "./known-subscriptions.ts";
import type { Ports } from "./ports.ts";

const env = Env.parse(process.env);
const objects = new S3Objects({ bucket: env.BUCKET });
const subscriptions = new SubscriptionTable({ tableName: env.TABLE_NAME });
const queues = new SqsQueues({});
const secrets = new Secrets({ path: env.SECRETS_PATH });
const clock = { now: Date.now };

const ports: Ports = {
  table: new Table({ tableName: env.TABLE_NAME, objects }),
  subscriptions,
  known: new KnownSubscriptions({ table: subscriptions, clock }),
  bells: queues.deliveries(env.QUEUE_URL),
  mailbox: new SqsMailbox({ queueUrl: env.MAILBOX_URL, objects }),
  post: createPostWebhook({ reachesThisMachine: isLocalRun() }),
  clock,
  random: randomBytes,
  idSecret: async () => (await secrets.deployment()).idSecret,
  epoch: Number(env.EPOCH),
};
const queue = queues.visibility(env.QUEUE_URL);

export const handler = middy<SQSEvent, SQSBatchResponse>().handler(({ Records }) =>
  runBatch(Records, (body) => deliverWebhook(JSON.parse(body), ports), queue),
);
