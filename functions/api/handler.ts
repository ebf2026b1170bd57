/** Wiring of api. */

import { randomBytes } from "node:crypto";
import middy from "@middy/core";
import type { APIGatewayProxyEventV2, APIGatewayProxyStructuredResultV2, Context } from "aws-lambda";
import { SqsMailbox } from "../../shared/aws/mailbox.ts";
import { S3Objects } from "../../shared/aws/objects.ts";
import { Secrets } from "../../shared/aws/secrets.ts";
import { Table } from "../../shared/aws/table.ts";
import { capabilities } from "../../shared/channels/capabilities.ts";
import type { ConnectorName } from "../../shared/channels/registry.ts";
import { api } from "./api.ts";
import { Callers } from "./authenticate.ts";
import { Env } from "./env.ts";
import { fromGateway, toGateway } from "./gateway.ts";
import { problem, unavailable } from "./problem.ts";

const env = Env.parse(process.env);
const accounts = JSON.parse(env.ACCOUNTS) as Record<string, { connector: ConnectorName }>;
const objects = new S3Objects({ bucket: env.BUCKET });
const table = new Table({ tableName: env.TABLE_NAME, objects });
const clock = { now: () => Date.now() };
const secrets = new Secrets({ path: env.SECRETS_PATH });
const ports = {
  table,
  mailbox: new SqsMailbox({ queueUrl: env.MAILBOX_URL, objects }),
  clock,
  random: (bytes: number) => randomBytes(bytes),
  deployment: () => secrets.deployment(),
  accounts: new Map(Object.entries(accounts).map(([name, { connector }]) => [name, capabilities[connector]])),
  expiresAfterSeconds: Number(env.EXPIRES_AFTER_SECONDS),
  epoch: Number(env.EPOCH),
  callers: new Callers({ keys: table, clock }),
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
  timeoutEarlyResponse: () => toGateway(problem(unavailable(), requestId)),
}).handler(async (event: APIGatewayProxyEventV2, context: Context) =>
  toGateway(await api(fromGateway(event, context.awsRequestId), ports)),
);
