import { randomBytes } from "node:crypto";
import middy from "@middy/core";
import type { SQSBatchResponse, SQSEvent } from "aws-lambda";
import * as z from "zod";
import { DeskTable } from "../../shared/aws/desk-table.ts";
import { runBatch } from "../../shared/aws/fifo-batch.ts";
import { SqsMailbox } from "../../shared/aws/mailbox.ts";
import { S3MediaLinks } from "../../shared/aws/media-links.ts";
import { S3Objects } from "../../shared/aws/objects.ts";
import { SqsQueues } from "../../shared/aws/queues.ts";
import { Secrets } from "../../shared/aws/secrets.ts";
import { Table } from "../../shared/aws/table.ts";
import { capabilities as channels } from "../../shared/channels/capabilities.ts";
import { Doorbell } from "../../shared/domain/mailbox.ts";
import type { Desk, DeskCapabilities, DeskWay } from "../../shared/helpdesks/helpdesk.ts";
import { createHttp, LARGEST_TICKET_BYTES } from "../../shared/http/request.ts";
import { standInFor } from "../../shared/http/stand-in.ts";
import { log } from "../../shared/log.ts";
import { Env } from "./env.ts";
import type { Ports } from "./ports.ts";
import { postToHelpdesk } from "./post-to-helpdesk.ts";

const ConfiguredDesk = z.object({
  name: z.string(),
  settings: z.unknown(),
  origins: z.array(z.string()),
  accounts: z.array(z.string()).optional(),
  onSolved: z.union([z.enum(["reopen", "new"]), z.object({ newAfterHours: z.number() })]),
  receiptNotes: z.boolean(),
});
const Accounts = z.record(
  z.string(),
  z.object({ connector: z.enum(Object.keys(channels) as (keyof typeof channels)[]), templates: z.array(z.string()) }),
);

/** Well below the function's own time, so that the cursor can still move. */
const POST_TIMEOUT_MS = 20_000;

/** Bundled once per helpdesk, with that kind's way in alone. Reads the environment at once. */
export function createHandler({ way, capabilities }: { way: DeskWay; capabilities: DeskCapabilities }) {
  const env = Env.parse(process.env);
  const { origins, ...desk } = ConfiguredDesk.parse(JSON.parse(env.DESK));
  const objects = new S3Objects({ bucket: env.BUCKET });
  const accounts = new Map(Object.entries(Accounts.parse(JSON.parse(env.ACCOUNTS))));
  const links = new S3MediaLinks({ bucket: env.BUCKET });
  const queues = new SqsQueues({});
  const secrets = new Secrets({ path: env.SECRETS_PATH });

  async function reach(): Promise<Desk | undefined> {
    const own = await secrets.account(desk.name);
    if (own) return { name: desk.name, settings: desk.settings, secrets: own };
    log("error", "no_secrets", { helpdesk: desk.name });
    return undefined;
  }

  const ports: Ports = {
    table: new Table({ tableName: env.TABLE_NAME, objects }),
    tickets: new DeskTable({ tableName: env.TABLE_NAME }),
    mailbox: new SqsMailbox({ queueUrl: env.MAILBOX_URL, objects }),
    desk,
    capabilities,
    reach,
    way,
    files: links,
    linksUrl: env.LINKS_URL,
    account(name) {
      const known = accounts.get(name);
      return known && { capabilities: channels[known.connector], templates: known.templates };
    },
    http: createHttp({
      ...{ timeoutMs: POST_TIMEOUT_MS, largestBytes: LARGEST_TICKET_BYTES },
      replaces: standInFor(desk.name, origins),
    }),
    clock: { now: Date.now },
    random: randomBytes,
    idSecret: async () => (await secrets.deployment()).idSecret,
  };
  const queue = queues.visibility(env.QUEUE_URL);

  return middy<SQSEvent, SQSBatchResponse>().handler((event) =>
    runBatch(
      event.Records,
      (body, { attributes }) => {
        const received = Number(attributes.ApproximateReceiveCount);
        return postToHelpdesk(Doorbell.parse(JSON.parse(body)), received, Number(env.EPOCH), ports);
      },
      queue,
    ),
  );
}
