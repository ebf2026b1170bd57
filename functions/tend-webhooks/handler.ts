/** Wiring of tend-webhooks, which a schedule invokes. */
import middy from "@middy/core";
import { S3Objects } from "../../shared/aws/objects.ts";
import { SqsQueues } from "../../shared/aws/queues.ts";
import { SubscriptionTable } from "../../shared/aws/subscription-table.ts";
import { Table } from "../../shared/aws/table.ts";
import { Env } from "./env.ts";
import { type Report, tendWebhooks } from "./tend-webhooks.ts";

const env = Env.parse(process.env);
const table = new Table({ tableName: env.TABLE_NAME, objects: new S3Objects({ bucket: env.BUCKET }) });
const subscriptions = new SubscriptionTable({ tableName: env.TABLE_NAME });
const bells = new SqsQueues({}).deliveries(env.DELIVERIES_URL);
const accounts: string[] = JSON.parse(env.ACCOUNTS);

export const handler = middy<unknown, Report>().handler(async (_, context) =>
  tendWebhooks({
    table,
    subscriptions,
    bells,
    accounts,
    clock: { now: Date.now },
    remaining: () => context.getRemainingTimeInMillis(),
  }),
);
