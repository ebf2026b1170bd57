/** Wiring of send-scheduled, which a schedule invokes. */
import middy from "@middy/core";
import { queuesIn, SqsQueues } from "../../shared/aws/queues.ts";
import { ScheduleTable } from "../../shared/aws/schedule-table.ts";
import { Env } from "./env.ts";
import { type Report, sendScheduled } from "./send-scheduled.ts";

const env = Env.parse(process.env);
const schedule = new ScheduleTable({ tableName: env.TABLE_NAME });
const senders = queuesIn(env.SENDERS);
const queues = new SqsQueues({ senders });
const [anySender] = Object.values(senders);

export const handler = middy<unknown, Report>().handler(async (_, context) =>
  sendScheduled({
    schedule,
    async handOver(request) {
      if (await queues.queue(request)) return;
      // The account is gone: every sender knows to say so.
      if (anySender === undefined) throw new Error("no sender is left");
      await queues.sendInGroup(anySender, { group: request.log, deduplicationId: request.message, body: request });
    },
    clock: { now: Date.now },
    remaining: () => context.getRemainingTimeInMillis(),
  }),
);
