import { randomBytes } from "node:crypto";
import middy from "@middy/core";
import type { SQSBatchResponse, SQSEvent } from "aws-lambda";
import * as z from "zod";
import { runBatch } from "../../shared/aws/fifo-batch.ts";
import { SqsMailbox } from "../../shared/aws/mailbox.ts";
import { S3Objects } from "../../shared/aws/objects.ts";
import { queuesIn, SqsQueues } from "../../shared/aws/queues.ts";
import { Secrets } from "../../shared/aws/secrets.ts";
import { Table } from "../../shared/aws/table.ts";
import { type SendRequest, SettleRequest } from "../../shared/domain/mailbox.ts";
import { Env } from "./env.ts";
import { type Ports, settleSend } from "./settle-send.ts";

const Policy = z.enum(["fail", "resend"]);

const env = Env.parse(process.env);
const senders = queuesIn(env.SENDERS);
const objects = new S3Objects({ bucket: env.BUCKET });
const queues = new SqsQueues({});
const secrets = new Secrets({ path: env.SECRETS_PATH });

/** Under a deduplication id of its own: the queue may still remember the first one, and that of another part. */
async function sendAgain(request: SendRequest, part: number): Promise<boolean> {
  const url = senders[request.via ?? request.account];
  if (url === undefined) return false;
  const deduplicationId = `${request.message}.${part}.again`;
  await queues.sendInGroup(url, { group: request.log, deduplicationId, body: request });
  return true;
}

const ports: Omit<Ports, "idSecret"> = {
  table: new Table({ tableName: env.TABLE_NAME, objects }),
  mailbox: new SqsMailbox({ queueUrl: env.MAILBOX_URL, objects }),
  sendAgain,
  clock: { now: Date.now },
  random: randomBytes,
  policy: Policy.parse(env.UNCERTAIN_POLICY),
};

export const handler = middy<SQSEvent, SQSBatchResponse>().handler((event) =>
  runBatch(event.Records, async (body) => {
    const request = SettleRequest.parse(JSON.parse(body));
    return settleSend(request, { ...ports, ...(await secrets.deployment()) });
  }),
);
