import { randomBytes } from "node:crypto";
import middy from "@middy/core";
import type { SQSBatchResponse, SQSEvent } from "aws-lambda";
import * as z from "zod";
import { runBatch } from "../../shared/aws/fifo-batch.ts";
import { SqsMailbox } from "../../shared/aws/mailbox.ts";
import { S3Objects } from "../../shared/aws/objects.ts";
import { SqsQueues } from "../../shared/aws/queues.ts";
import { Secrets } from "../../shared/aws/secrets.ts";
import { Table } from "../../shared/aws/table.ts";
import { Doorbell } from "../../shared/domain/mailbox.ts";
import type { Desk, DeskWay } from "../../shared/helpdesks/helpdesk.ts";
import { createHttp } from "../../shared/http/request.ts";
import { log } from "../../shared/log.ts";
import { Env } from "./env.ts";
import { type Ports, postToHelpdesk } from "./post-to-helpdesk.ts";

const ConfiguredDesk = z.object({
  name: z.string(),
  settings: z.unknown(),
  origins: z.array(z.string()),
  accounts: z.array(z.string()).optional(),
});

/** Well below the function's own time, so that the cursor can still move. */
const POST_TIMEOUT_MS = 20_000;

/** Bundled once per helpdesk, with that kind's way in alone. Reads the environment at once. */
export function createHandler(way: DeskWay) {
  const env = Env.parse(process.env);
  const { origins, ...desk } = ConfiguredDesk.parse(JSON.parse(env.DESK));
  const objects = new S3Objects({ bucket: env.BUCKET });
  const queues = new SqsQueues({});
  const secrets = new Secrets({ path: env.SECRETS_PATH });
  // Set in the local run alone.
  const by = process.env[`RECADO_${desk.name.replaceAll("-", "_").toUpperCase()}_URL`];

  async function reach(): Promise<Desk | undefined> {
    const own = await secrets.account(desk.name);
    if (own) return { name: desk.name, settings: desk.settings, secrets: own };
    log("error", "no_secrets", { helpdesk: desk.name });
    return undefined;
  }

  const ports: Ports = {
    table: new Table({ tableName: env.TABLE_NAME, objects }),
    mailbox: new SqsMailbox({ queueUrl: env.MAILBOX_URL, objects }),
    desk,
    reach,
    way,
    http: createHttp({ timeoutMs: POST_TIMEOUT_MS, ...(by && { replaces: { origins, by } }) }),
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
