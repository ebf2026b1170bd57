import { randomBytes } from "node:crypto";
import middy from "@middy/core";
import type { SQSBatchResponse, SQSEvent } from "aws-lambda";
import * as z from "zod";
import { runBatch } from "../../shared/aws/fifo-batch.ts";
import { createLeanClient } from "../../shared/aws/lean-client.ts";
import { createLeanMailbox, createLeanObjects } from "../../shared/aws/lean-mailbox.ts";
import { S3MediaFiles } from "../../shared/aws/media-files.ts";
import { S3Objects } from "../../shared/aws/objects.ts";
import { SqsQueues } from "../../shared/aws/queues.ts";
import { Secrets } from "../../shared/aws/secrets.ts";
import { Table } from "../../shared/aws/table.ts";
import { capabilities } from "../../shared/channels/capabilities.ts";
import { DeskItem } from "../../shared/domain/desk-happening.ts";
import { createFetchFile } from "../../shared/http/download.ts";
import { spool } from "../../shared/http/spool.ts";
import { Env } from "./env.ts";
import { type Ports, takeReply } from "./take-reply.ts";

const Desks = z.record(
  z.string(),
  z.object({ origins: z.array(z.string()), botReplies: z.boolean(), accounts: z.array(z.string()).optional() }),
);
const Accounts = z.record(z.string(), z.enum(Object.keys(capabilities) as (keyof typeof capabilities)[]));

const env = Env.parse(process.env);
const desks = new Map(Object.entries(Desks.parse(JSON.parse(env.DESKS))));
const accounts = new Map(Object.entries(Accounts.parse(JSON.parse(env.ACCOUNTS))));
const objects = new S3Objects({ bucket: env.BUCKET });
const queues = new SqsQueues({});
const secrets = new Secrets({ path: env.SECRETS_PATH });
// The lean one puts all the messages of a reply into one body, which is there or is not.
const client = createLeanClient(process.env);

const standIns = [...desks].flatMap(([name, { origins }]) => {
  // Set in the local run alone.
  const by = process.env[`RECADO_${name.replaceAll("-", "_").toUpperCase()}_URL`];
  return by ? [{ origins, by }] : [];
});

const ports: Omit<Ports, "idSecret"> = {
  table: new Table({ tableName: env.TABLE_NAME, objects }),
  mailbox: createLeanMailbox(client, env.MAILBOX_URL, createLeanObjects(client, env.BUCKET)),
  files: new S3MediaFiles({ bucket: env.BUCKET, spool }),
  fetchFile: createFetchFile({ standIns }),
  desk: (name) => desks.get(name),
  capabilities(account) {
    const connector = accounts.get(account);
    return connector && capabilities[connector];
  },
  clock: { now: Date.now },
  random: randomBytes,
  largestBytes: Number(env.LARGEST_MEDIA_BYTES),
  expiresAfterSeconds: Number(env.EXPIRES_AFTER_SECONDS),
};
const queue = queues.visibility(env.QUEUE_URL);

export const handler = middy<SQSEvent, SQSBatchResponse>().handler((event) =>
  runBatch(
    event.Records,
    async (body, { attributes }) => {
      const item = DeskItem.parse(JSON.parse(body));
      const received = Number(attributes.ApproximateReceiveCount);
      return takeReply(item, received, { ...ports, ...(await secrets.deployment()) });
    },
    queue,
  ),
);
