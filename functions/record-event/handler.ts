/** Wiring of record-event. */
import middy from "@middy/core";
import type { SQSBatchResponse, SQSEvent } from "aws-lambda";
import { runBatch } from "../../shared/aws/fifo-batch.ts";
import { SqsMailbox } from "../../shared/aws/mailbox.ts";
import { S3Objects } from "../../shared/aws/objects.ts";
import { queuesIn, SqsQueues } from "../../shared/aws/queues.ts";
import { ScheduleTable } from "../../shared/aws/schedule-table.ts";
import { Table } from "../../shared/aws/table.ts";
import { Env } from "./env.ts";
import { type Ports, takeItem } from "./take-item.ts";

const env = Env.parse(process.env);
const objects = new S3Objects({ bucket: env.BUCKET });
const queues = new SqsQueues({ consumers: queuesIn(env.CONSUMERS), senders: queuesIn(env.SENDERS) });
const mediaAccounts = new Set<string>(JSON.parse(env.MEDIA_ACCOUNTS));
const profileQueues = queuesIn(env.PROFILES);
const ports: Ports = {
  table: new Table({ tableName: env.TABLE_NAME, objects }),
  mailbox: new SqsMailbox({ queueUrl: env.MAILBOX_URL, objects }),
  doorbells: queues,
  sendQueues: queues,
  schedule: new ScheduleTable({ tableName: env.TABLE_NAME }),
  mediaRequests: {
    requestMedia: async (request) => {
      if (mediaAccounts.has(request.account)) await queues.send(env.MEDIA_URL, request);
    },
  },
  profileRequests: {
    requestProfile: async (request) => {
      const url = profileQueues[request.account];
      if (url !== undefined) await queues.send(url, request);
    },
  },
  objects,
  deadLetters: { park: (poison) => queues.sendInGroup(env.DEAD_LETTERS_URL, poison) },
  clock: { now: () => Date.now() },
  optOut: JSON.parse(env.OPT_OUT),
};
const queue = queues.visibility(env.MAILBOX_URL);

export const handler = middy<SQSEvent, SQSBatchResponse>().handler(({ Records }) =>
  runBatch(
    Records,
    async (body, { attributes, messageId }) => {
      const { MessageGroupId: group = messageId, MessageDeduplicationId: deduplicationId = messageId } = attributes;
      const taken = await takeItem(body, { group, deduplicationId }, ports);
      return taken.kind === "early" ? { kind: "retry", afterSeconds: taken.retryAfterSeconds } : { kind: "done" };
    },
    queue,
  ),
);
