import middy from "@middy/core";
import type { SQSBatchResponse, SQSEvent } from "aws-lambda";
import { EventBridgeBus } from "../../shared/aws/bus.ts";
import { runBatch } from "../../shared/aws/fifo-batch.ts";
import { S3Objects } from "../../shared/aws/objects.ts";
import { SqsQueues } from "../../shared/aws/queues.ts";
import { Table } from "../../shared/aws/table.ts";
import { Doorbell } from "../../shared/domain/mailbox.ts";
import { Env } from "./env.ts";
import { type Ports, publishEvents } from "./publish-event.ts";

const env = Env.parse(process.env);
const queues = new SqsQueues({});

const ports: Ports = {
  table: new Table({ tableName: env.TABLE_NAME, objects: new S3Objects({ bucket: env.BUCKET }) }),
  bus: new EventBridgeBus({ busName: env.BUS_NAME }),
  epoch: Number(env.EPOCH),
};
const queue = queues.visibility(env.QUEUE_URL);

export const handler = middy<SQSEvent, SQSBatchResponse>().handler((event) =>
  runBatch(event.Records, (body) => publishEvents(Doorbell.parse(JSON.parse(body)), ports), queue),
);
