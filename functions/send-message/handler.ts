import { randomBytes } from "node:crypto";
import middy from "@middy/core";
import type { SQSBatchResponse, SQSEvent } from "aws-lambda";
import * as z from "zod";
import { runBatch } from "../../shared/aws/fifo-batch.ts";
import { SqsMailbox } from "../../shared/aws/mailbox.ts";
import { S3MediaLinks } from "../../shared/aws/media-links.ts";
import { S3Objects } from "../../shared/aws/objects.ts";
import { QueueTable, SqsQueues } from "../../shared/aws/queues.ts";
import { Secrets } from "../../shared/aws/secrets.ts";
import { Table } from "../../shared/aws/table.ts";
import type { Capabilities, Connector, Sender } from "../../shared/channels/connector.ts";
import { TemplateContent } from "../../shared/domain/content.ts";
import { SendRequest, SignalRequest } from "../../shared/domain/mailbox.ts";
import { createHttp } from "../../shared/http/request.ts";
import { log } from "../../shared/log.ts";
import { Env } from "./env.ts";
import type { AccountState, Ports } from "./ports.ts";
import { sendMessage } from "./send-message.ts";
import { sendSignal } from "./send-signal.ts";

const Failover = z.object({
  standIns: z.record(z.string(), z.array(z.string())),
  queues: QueueTable,
});
const Accounts = z.array(
  z.object({ name: z.string(), settings: z.unknown(), fallbackTemplate: TemplateContent.optional() }),
);

/** Well below the function's own time, so that what came of a request can still be told. */
const SEND_TIMEOUT_MS = 20_000;

/** What is no message holds up the messages behind it for no longer. */
const SIGNAL_TIMEOUT_MS = 3_000;

/** Bundled once per connector, with that connector's sending half alone. Reads the environment at once. */
export function createHandler(
  sender: Sender,
  capabilities: Capabilities,
  vendor: Connector["vendor"],
  connector: string,
  hasSecrets: boolean,
) {
  const env = Env.parse(process.env);
  const accounts = new Map(Accounts.parse(JSON.parse(env.ACCOUNTS)).map((account) => [account.name, account]));
  const objects = new S3Objects({ bucket: env.BUCKET });
  const queues = new SqsQueues({});
  const secrets = new Secrets({ path: env.SECRETS_PATH });
  const missed = new Set<string>();
  const failover = Failover.parse(env.FAILOVER ? JSON.parse(env.FAILOVER) : { standIns: {}, queues: [] });
  // Set in the local run alone.
  const standIn = process.env[`RECADO_${vendor.word}_URL`];
  const replaces = standIn && { origins: [vendor.origin, ...(vendor.otherOrigins ?? [])], by: standIn };
  const http = (timeoutMs: number) => createHttp({ timeoutMs, ...(replaces && { replaces }) });

  async function account(name: string): Promise<AccountState> {
    const configured = accounts.get(name);
    if (!configured) return { kind: "not_configured" };
    const own = hasSecrets ? await secrets.account(name) : {};
    if (own) return { kind: "ready", account: { name, settings: configured.settings, secrets: own } };
    const isNews = !missed.has(name);
    missed.add(name);
    if (isNews) log("error", "no_secrets", { account: name, connector });
    return { kind: "no_secrets", isNews };
  }

  /** The deduplication id is that of the turn: who passes it on twice passes it on once. */
  async function passOn(next: SendRequest): Promise<void> {
    const { log: group, account: own, via = own, message, round = 0 } = next;
    const url = failover.queues[via];
    if (url === undefined) throw new Error(`no queue is known of ${via}`);
    await queues.sendInGroup(url, { group, deduplicationId: `${message}.${round}.${via}`, body: next });
  }

  async function setAside(request: SendRequest): Promise<void> {
    const { message, round = 0, via = request.account } = request;
    const deduplicationId = `${message}.${round}.${via}.aside`;
    await queues.sendInGroup(env.QUEUE_URL, { group: message, deduplicationId, body: request });
  }

  const ports: Omit<Ports, "idSecret"> = {
    table: new Table({ tableName: env.TABLE_NAME, objects }),
    mailbox: new SqsMailbox({ queueUrl: env.MAILBOX_URL, objects }),
    files: new S3MediaLinks({ bucket: env.BUCKET }),
    settlements: { settleLater: (request) => queues.send(env.SETTLE_URL, request) },
    sender,
    capabilities,
    account,
    standIns: (name) => failover.standIns[name] ?? [],
    passOn,
    setAside,
    http: http(SEND_TIMEOUT_MS),
    clock: { now: Date.now },
    random: randomBytes,
    callbackUrl: env.CALLBACK_URL,
    linksUrl: env.LINKS_URL,
    holdSeconds: Number(env.HOLD_SECONDS),
    quietHours: env.QUIET_HOURS ? JSON.parse(env.QUIET_HOURS) : undefined,
    fallbackTemplate: (name) => accounts.get(name)?.fallbackTemplate,
  };
  const queue = queues.visibility(env.QUEUE_URL);

  return middy<SQSEvent, SQSBatchResponse>().handler((event) =>
    runBatch(
      event.Records,
      async (body, { attributes }) => {
        const asked: unknown = JSON.parse(body);
        const signal = SignalRequest.safeParse(asked).data;
        if (signal) return sendSignal(signal, { ...ports, http: http(SIGNAL_TIMEOUT_MS) });
        const request = SendRequest.parse(asked);
        const { idSecret } = await secrets.deployment();
        const next = await sendMessage(request, Number(attributes.ApproximateReceiveCount), { ...ports, idSecret });
        log("info", "send_worked", { connector, log: request.log, message: request.message, next: next.kind });
        return next;
      },
      queue,
    ),
  );
}
