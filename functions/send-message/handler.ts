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
import type { Capabilities, Connector, Sender } from "../../shared/channels/connector.ts";
import { SendRequest } from "../../shared/domain/mailbox.ts";
import { createHttp } from "../../shared/http/request.ts";
import { log } from "../../shared/log.ts";
import { Env } from "./env.ts";
import { type AccountState, type Ports, sendMessage } from "./send-message.ts";

const Accounts = z.array(z.object({ name: z.string(), settings: z.unknown() }));

/** Well below the function's own time, so that what came of a request can still be told. */
const SEND_TIMEOUT_MS = 20_000;

/** Bundled once per connector, with that connector's sending half alone. Reads the environment at once. */
export function createHandler(
  sender: Sender,
  capabilities: Capabilities,
  vendor: Connector["vendor"],
  connector: string,
) {
  const env = Env.parse(process.env);
  const settings = new Map(Accounts.parse(JSON.parse(env.ACCOUNTS)).map((account) => [account.name, account.settings]));
  const objects = new S3Objects({ bucket: env.BUCKET });
  const queues = new SqsQueues({});
  const secrets = new Secrets({ path: env.SECRETS_PATH });
  const missed = new Set<string>();
  // Set in the local run alone.
  const standIn = process.env[`RECADO_${vendor.word}_URL`];

  async function account(name: string): Promise<AccountState> {
    if (!settings.has(name)) return { kind: "not_configured" };
    const own = await secrets.account(name);
    if (own) return { kind: "ready", account: { name, settings: settings.get(name), secrets: own } };
    const isNews = !missed.has(name);
    missed.add(name);
    if (isNews) log("error", "no_secrets", { account: name, connector });
    return { kind: "no_secrets", isNews };
  }

  const ports: Omit<Ports, "idSecret"> = {
    table: new Table({ tableName: env.TABLE_NAME, objects }),
    mailbox: new SqsMailbox({ queueUrl: env.MAILBOX_URL, objects }),
    settlements: { settleLater: (request) => queues.send(env.SETTLE_URL, request) },
    sender,
    capabilities,
    account,
    http: createHttp({
      timeoutMs: SEND_TIMEOUT_MS,
      ...(standIn && { replaces: { origins: [vendor.origin, ...(vendor.otherOrigins ?? [])], by: standIn } }),
    }),
    clock: { now: Date.now },
    random: randomBytes,
    callbackUrl: env.CALLBACK_URL,
    holdSeconds: Number(env.HOLD_SECONDS),
  };
  const queue = {
    changeVisibility: (receiptHandle: string, seconds: number) =>
      queues.changeVisibility(env.QUEUE_URL, receiptHandle, seconds),
  };

  return middy<SQSEvent, SQSBatchResponse>().handler((event) =>
    runBatch(
      event.Records,
      async (body, { attributes }) => {
        const request = SendRequest.parse(JSON.parse(body));
        const { idSecret } = await secrets.deployment();
        const next = await sendMessage(request, Number(attributes.ApproximateReceiveCount), { ...ports, idSecret });
        log("info", "send_worked", { connector, log: request.log, message: request.message, next: next.kind });
        return next;
      },
      queue,
    ),
  );
}
