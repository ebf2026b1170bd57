import middy from "@middy/core";
import type { SQSBatchResponse, SQSEvent } from "aws-lambda";
import { runBatch } from "../../shared/aws/fifo-batch.ts";
import { S3Objects } from "../../shared/aws/objects.ts";
import { SqsQueues } from "../../shared/aws/queues.ts";
import { Table } from "../../shared/aws/table.ts";
import { Doorbell } from "../../shared/domain/mailbox.ts";
import type { EventStream } from "../../shared/ports.ts";
import { Env } from "./env.ts";
import { type Ports, publishEvents } from "./publish-event.ts";

/** Wiring of publish-event. Bundled once per stream, with the client of that stream alone. */
export function createHandler(streamAt: (address: string) => EventStream) {
  const env = Env.parse(process.env);
  const ports: Omit<Ports, "remaining"> = {
    table: new Table({ tableName: env.TABLE_NAME, objects: new S3Objects({ bucket: env.BUCKET }) }),
    stream: streamAt(env.STREAM),
    consumer: env.CONSUMER,
    epoch: Number(env.EPOCH),
  };
  const queue = new SqsQueues({}).visibility(env.QUEUE_URL);
  return middy<SQSEvent, SQSBatchResponse>().handler((event, context) => {
    const remaining = () => context.getRemainingTimeInMillis();
    const publish = (body: string) => publishEvents(Doorbell.parse(JSON.parse(body)), { ...ports, remaining });
    return runBatch(event.Records, publish, queue);
  });
}
