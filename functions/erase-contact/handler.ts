/** Wiring of erase-contact. */
import { randomBytes } from "node:crypto";
import middy from "@middy/core";
import type { SQSBatchResponse, SQSEvent } from "aws-lambda";
import { SqsDeadLetterBox } from "../../shared/aws/dead-letter-box.ts";
import { ErasureTable } from "../../shared/aws/erasure-table.ts";
import { runBatch } from "../../shared/aws/fifo-batch.ts";
import { SqsMailbox } from "../../shared/aws/mailbox.ts";
import { SqsQueues } from "../../shared/aws/queues.ts";
import { S3RemovableObjects } from "../../shared/aws/removable-objects.ts";
import { Secrets } from "../../shared/aws/secrets.ts";
import { Table } from "../../shared/aws/table.ts";
import { ErasureRequest } from "../../shared/domain/mailbox.ts";
import { Env } from "./env.ts";
import { eraseContact } from "./erase-contact.ts";

const env = Env.parse(process.env);
const objects = new S3RemovableObjects({ bucket: env.BUCKET });
const erasures = new ErasureTable({ tableName: env.TABLE_NAME });
const secrets = new Secrets({ path: env.SECRETS_PATH });
const ports = {
  table: new Table({ tableName: env.TABLE_NAME, objects }),
  erasures,
  places: erasures,
  objects,
  deadLetters: new SqsDeadLetterBox({ queueUrl: env.DEAD_LETTERS_URL }),
  mailbox: new SqsMailbox({ queueUrl: env.MAILBOX_URL, objects }),
  clock: { now: Date.now },
  random: randomBytes,
  desks: JSON.parse(env.DESKS) as string[],
};
const queue = new SqsQueues({}).visibility(env.QUEUE_URL);

export const handler = middy<SQSEvent, SQSBatchResponse>().handler(({ Records }) =>
  runBatch(
    Records,
    async (body) => {
      const { erasure } = ErasureRequest.parse(JSON.parse(body));
      return eraseContact(erasure, { ...ports, ...(await secrets.deployment()) });
    },
    queue,
  ),
);
