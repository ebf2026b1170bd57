/** Wiring of api. */

import { randomBytes, randomUUID } from "node:crypto";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import middy from "@middy/core";
import type { APIGatewayProxyEventV2, APIGatewayProxyStructuredResultV2, Context } from "aws-lambda";
import { BatchTable } from "../../shared/aws/batch-table.ts";
import { ErasureTable } from "../../shared/aws/erasure-table.ts";
import { KeyTable } from "../../shared/aws/key-table.ts";
import { SqsMailbox } from "../../shared/aws/mailbox.ts";
import { S3MediaLinks } from "../../shared/aws/media-links.ts";
import { S3Objects } from "../../shared/aws/objects.ts";
import { queuesIn, SqsQueues } from "../../shared/aws/queues.ts";
import { Secrets } from "../../shared/aws/secrets.ts";
import { SubscriptionTable } from "../../shared/aws/subscription-table.ts";
import { Table } from "../../shared/aws/table.ts";
import { addressing } from "../../shared/channels/addresses.ts";
import { capabilities } from "../../shared/channels/capabilities.ts";
import type { ConnectorName } from "../../shared/channels/registry.ts";
import type { Template } from "../../shared/domain/fallback.ts";
import type { SignalRequest } from "../../shared/domain/mailbox.ts";
import { createJudgeUrl, createPostWebhook } from "../../shared/http/post-webhook.ts";
import { isLocalRun } from "../../shared/http/stand-in.ts";
import { api, everyAnswer } from "./api.ts";
import { Callers } from "./authenticate.ts";
import { Env } from "./env.ts";
import { fromGateway, toGateway } from "./gateway.ts";
import { problem, unavailable } from "./problem.ts";

const env = Env.parse(process.env);
const accounts = Object.entries(
  JSON.parse(env.ACCOUNTS) as Record<string, { connector: ConnectorName; fallbackTemplate?: Template }>,
);
const objects = new S3Objects({ bucket: env.BUCKET });
const table = new Table({ tableName: env.TABLE_NAME, objects });
const clock = { now: () => Date.now() };
const secrets = new Secrets({ path: env.SECRETS_PATH });
const queues = new SqsQueues({});
const signalTo = queuesIn(env.SIGNALS);
const signals = {
  /** In the order of the conversation's messages; each is one, so that somebody may go on writing. */
  async signal(body: SignalRequest): Promise<void> {
    const url = signalTo[body.account];
    const deduplicationId = randomUUID();
    if (url !== undefined) await queues.sendInGroup(url, { group: body.log, deduplicationId, body });
  },
};
const reach = { reachesThisMachine: isLocalRun() };
const ports = {
  table,
  signals,
  subscriptions: new SubscriptionTable({ tableName: env.TABLE_NAME }),
  deliveryBells: queues.deliveries(env.DELIVERIES_URL),
  erasures: new ErasureTable({ tableName: env.TABLE_NAME }),
  erasureBells: queues.erasures(env.ERASURES_URL),
  batches: new BatchTable({ tableName: env.TABLE_NAME }),
  batchQueue: queues.batches(env.BATCHES_URL),
  objects,
  post: createPostWebhook(reach),
  judgeUrl: createJudgeUrl(reach),
  mailbox: new SqsMailbox({ queueUrl: env.MAILBOX_URL, objects }),
  files: new S3MediaLinks({ bucket: env.BUCKET }),
  clock,
  random: (bytes: number) => randomBytes(bytes),
  deployment: () => secrets.deployment(),
  accounts: new Map(accounts.map(([name, { connector }]) => [name, capabilities[connector]])),
  addressing: new Map(accounts.map(([name, { connector }]) => [name, addressing[connector]])),
  joinByNumber: env.JOIN_BY_NUMBER === "true",
  fallbackTemplates: new Map(
    accounts.flatMap(([name, { fallbackTemplate }]) => (fallbackTemplate ? [[name, fallbackTemplate] as const] : [])),
  ),
  quietHours: env.QUIET_HOURS ? JSON.parse(env.QUIET_HOURS) : undefined,
  expiresAfterSeconds: Number(env.EXPIRES_AFTER_SECONDS),
  largestMediaBytes: Number(env.LARGEST_MEDIA_BYTES),
  // Beside the bundle, and read when it is asked for: most processes never are.
  document: (name: "openapi" | "asyncapi") => readFileSync(join(__dirname, `${name}.json`), "utf8"),
  epoch: Number(env.EPOCH),
  callers: new Callers({ keys: new KeyTable({ tableName: env.TABLE_NAME }), clock }),
};

/** So long before the function's time runs out the caller is told, instead of being left with a bare gateway error. */
const SPARE_MS = 500;
/** Of the one request that this process works on. */
let requestId = "";

export const handler = middy<APIGatewayProxyEventV2, APIGatewayProxyStructuredResultV2>({
  requestStart: ({ context }) => {
    requestId = context.awsRequestId;
  },
  timeoutEarlyInMillis: SPARE_MS,
  timeoutEarlyResponse: () => {
    const { headers, ...answer } = problem(unavailable(), requestId);
    return toGateway({ ...answer, headers: { ...headers, ...everyAnswer(requestId) } });
  },
}).handler(async (event: APIGatewayProxyEventV2, context: Context) =>
  toGateway(await api(fromGateway(event, context.awsRequestId), ports)),
);
