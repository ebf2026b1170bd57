/** Wiring of send-batch. */
import { randomBytes } from "node:crypto";
import middy from "@middy/core";
import type { SQSBatchResponse, SQSEvent } from "aws-lambda";
import { BatchTable } from "../../shared/aws/batch-table.ts";
import { runBatch } from "../../shared/aws/fifo-batch.ts";
import { SqsMailbox } from "../../shared/aws/mailbox.ts";
import { S3Objects } from "../../shared/aws/objects.ts";
import { SqsQueues } from "../../shared/aws/queues.ts";
import { Secrets } from "../../shared/aws/secrets.ts";
import { Table } from "../../shared/aws/table.ts";
import { addressing } from "../../shared/channels/addresses.ts";
import { capabilities } from "../../shared/channels/capabilities.ts";
import type { ConnectorName } from "../../shared/channels/registry.ts";
import type { Template } from "../../shared/domain/fallback.ts";
import { Env } from "./env.ts";
import { type Ports, takeBatch } from "./take-batch.ts";

const env = Env.parse(process.env);
const accounts = Object.entries(
  JSON.parse(env.ACCOUNTS) as Record<string, { connector: ConnectorName; fallbackTemplate?: Template }>,
);
const objects = new S3Objects({ bucket: env.BUCKET });
const queues = new SqsQueues({});
const secrets = new Secrets({ path: env.SECRETS_PATH });
const ports: Omit<Ports, "idSecret"> = {
  table: new Table({ tableName: env.TABLE_NAME, objects }),
  batches: new BatchTable({ tableName: env.TABLE_NAME }),
  objects,
  mailbox: new SqsMailbox({ queueUrl: env.MAILBOX_URL, objects }),
  deadLetters: { park: (poison) => queues.sendInGroup(env.DEAD_LETTERS_URL, poison) },
  clock: { now: Date.now },
  random: randomBytes,
  accounts: new Map(accounts.map(([name, { connector }]) => [name, capabilities[connector]])),
  addressing: new Map(accounts.map(([name, { connector }]) => [name, addressing[connector]])),
  joinByNumber: env.JOIN_BY_NUMBER === "true",
  fallbackTemplates: new Map(
    accounts.flatMap(([name, { fallbackTemplate }]) => (fallbackTemplate ? [[name, fallbackTemplate] as const] : [])),
  ),
  quietHours: env.QUIET_HOURS ? JSON.parse(env.QUIET_HOURS) : undefined,
  expiresAfterSeconds: Number(env.EXPIRES_AFTER_SECONDS),
  perSecond: Number(env.PER_SECOND),
};
const queue = queues.visibility(env.QUEUE_URL);

export const handler = middy<SQSEvent, SQSBatchResponse>().handler((event) =>
  runBatch(
    event.Records,
    async (body, { attributes, messageId }) => {
      const { MessageGroupId: group = messageId, MessageDeduplicationId: deduplicationId = messageId } = attributes;
      return takeBatch(body, { group, deduplicationId }, { ...ports, ...(await secrets.deployment()) });
    },
    queue,
  ),
);
