import { randomBytes } from "node:crypto";
import middy from "@middy/core";
import type { SQSBatchResponse, SQSEvent } from "aws-lambda";
import * as z from "zod";
import { DeskTable } from "../../shared/aws/desk-table.ts";
import { runBatch } from "../../shared/aws/fifo-batch.ts";
import { createLeanClient } from "../../shared/aws/lean-client.ts";
import { createLeanMailbox, createLeanObjects } from "../../shared/aws/lean-mailbox.ts";
import { S3MediaFiles } from "../../shared/aws/media-files.ts";
import { S3Objects } from "../../shared/aws/objects.ts";
import { SqsQueues } from "../../shared/aws/queues.ts";
import { Secrets } from "../../shared/aws/secrets.ts";
import { Table } from "../../shared/aws/table.ts";
import { capabilities as channels } from "../../shared/channels/capabilities.ts";
import { TemplateContent } from "../../shared/domain/content.ts";
import { DeskItem } from "../../shared/domain/desk-happening.ts";
import type { DeskCapabilities, DeskReconciler } from "../../shared/helpdesks/helpdesk.ts";
import { createFetchFile } from "../../shared/http/download.ts";
import { createHttp, LARGEST_TICKET_BYTES } from "../../shared/http/request.ts";
import { spool } from "../../shared/http/spool.ts";
import { standInFor } from "../../shared/http/stand-in.ts";
import { Env } from "./env.ts";
import type { Asked, Ports } from "./ports.ts";
import { takeReply } from "./take-reply.ts";

const Desks = z.record(
  z.string(),
  z.object({
    helpdesk: z.string(),
    settings: z.unknown(),
    origins: z.array(z.string()),
    botReplies: z.boolean().default(false),
    agentNames: z.boolean().default(false),
    accounts: z.array(z.string()).optional(),
  }),
);
const Accounts = z.record(
  z.string(),
  z.object({
    connector: z.enum(Object.keys(channels) as (keyof typeof channels)[]),
    templates: z.array(z.object({ name: z.string(), language: z.string() })),
    fallbackTemplate: TemplateContent.optional(),
  }),
);

const ANSWER_TIMEOUT_MS = 15_000;

/** What is needed of a helpdesk. */
interface Kind {
  capabilities: DeskCapabilities;
  reconciler?: DeskReconciler;
}

/** The bundle's entry is generated, so that it holds the helpdesks in use alone. Reads the environment at once. */
export function createHandler(kinds: Readonly<Record<string, Kind>>) {
  const env = Env.parse(process.env);
  const desks = new Map(Object.entries(Desks.parse(JSON.parse(env.DESKS))));
  const accounts = new Map(Object.entries(Accounts.parse(JSON.parse(env.ACCOUNTS))));
  const objects = new S3Objects({ bucket: env.BUCKET });
  const queues = new SqsQueues({});
  const secrets = new Secrets({ path: env.SECRETS_PATH });
  // The lean one puts all the messages of a reply into one body, which is there or is not.
  const client = createLeanClient(process.env);
  const standIns = [...desks].flatMap(([name, { origins }]) => standInFor(name, origins) ?? []);
  const https = new Map(
    [...desks].map(([name, { origins }]) => {
      const limits = { timeoutMs: ANSWER_TIMEOUT_MS, largestBytes: LARGEST_TICKET_BYTES };
      return [name, createHttp({ ...limits, replaces: standInFor(name, origins) })];
    }),
  );

  async function asked(name: string): Promise<Asked | undefined> {
    const { helpdesk = "", settings } = desks.get(name) ?? {};
    const { reconciler } = kinds[helpdesk] ?? {};
    const http = https.get(name);
    const own = reconciler && (await secrets.account(name));
    return own && http && { desk: { name, settings, secrets: own }, reconciler, http };
  }

  const ports: Omit<Ports, "idSecret"> = {
    table: new Table({ tableName: env.TABLE_NAME, objects }),
    tickets: new DeskTable({ tableName: env.TABLE_NAME }),
    mailbox: createLeanMailbox(client, env.MAILBOX_URL, createLeanObjects(client, env.BUCKET)),
    files: new S3MediaFiles({ bucket: env.BUCKET, spool }),
    fetchFile: createFetchFile({ standIns }),
    async locateFile(name) {
      const given = await asked(name);
      const { locate } = given?.reconciler ?? {};
      return given && locate && ((file) => locate(file, { desk: given.desk, http: given.http }));
    },
    desk(name) {
      const desk = desks.get(name);
      const kind = kinds[desk?.helpdesk ?? ""];
      return desk && kind && { ...desk, capabilities: kind.capabilities };
    },
    asked,
    account(name) {
      const known = accounts.get(name);
      if (!known) return undefined;
      const { connector, ...templates } = known;
      return { capabilities: channels[connector], ...templates };
    },
    clock: { now: Date.now },
    random: randomBytes,
    largestBytes: Number(env.LARGEST_MEDIA_BYTES),
    expiresAfterSeconds: Number(env.EXPIRES_AFTER_SECONDS),
  };
  const queue = queues.visibility(env.QUEUE_URL);

  return middy<SQSEvent, SQSBatchResponse>().handler((event) =>
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
}
