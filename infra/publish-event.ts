import type { Table } from "aws-cdk-lib/aws-dynamodb";
import { EventBus } from "aws-cdk-lib/aws-events";
import type { Bucket } from "aws-cdk-lib/aws-s3";
import { FifoThroughputScope, Topic } from "aws-cdk-lib/aws-sns";
import { CfnOutput, Stack } from "aws-cdk-lib/core";
import type { Construct } from "constructs";
import type { EnvVars } from "../functions/publish-event/env.ts";
import type { Deployment } from "./deployment.ts";
import { bundle } from "./parts/bundle.ts";
import { pascalCase } from "./parts/names.ts";
import { items, objects, type Permission, postpone, publishToBus, publishToTopic } from "./parts/permissions.ts";
import { WorkQueue } from "./parts/queue.ts";
import { Worker } from "./parts/worker.ts";

export interface Stream {
  /** In the names of its queue and its function; the bus's have the folder's alone. */
  instance?: string;
  /** The class that speaks to it, and how one is made of `address`. */
  client: { module: string; made: string };
  address: string;
  publish: Permission;
}

/** The streams that are configured; none is an answer too. */
export function streams(scope: Construct, { config, stage }: Deployment): Stream[] {
  return [
    ...(config.streams.bus ? [busStream(scope, stage)] : []),
    ...(config.streams.topic ? [topicStream(scope, stage)] : []),
  ];
}

function busStream(scope: Construct, stage: string): Stream {
  const bus = new EventBus(scope, "Bus", { eventBusName: `recado-${stage}` });
  new CfnOutput(Stack.of(scope), "BusName", { value: bus.eventBusName });
  return {
    client: { module: "bus", made: "(busName) => new stream.EventBridgeBus({ busName })" },
    address: bus.eventBusName,
    publish: publishToBus(bus),
  };
}

function topicStream(scope: Construct, stage: string): Stream {
  const topic = new Topic(scope, "EventTopic", {
    topicName: `recado-${stage}.fifo`,
    fifo: true,
    // Logs side by side, each in order: as the queues of the house are.
    fifoThroughputScope: FifoThroughputScope.MESSAGE_GROUP,
    enforceSSL: true,
  });
  new CfnOutput(Stack.of(scope), "EventTopicArn", { value: topic.topicArn });
  return {
    instance: "topic",
    client: { module: "topic", made: "(topicArn) => new stream.SnsTopic({ topicArn })" },
    address: topic.topicArn,
    publish: publishToTopic(topic),
  };
}

export interface PublishEventProps extends Deployment {
  stream: Stream;
  table: Table;
  bucket: Bucket;
}

/** Follows every log with cursors of its own and puts what it reads onto one stream, for developers inside AWS. */
export class PublishEvent extends Worker {
  /** Whose cursors it moves, and whom record-event rings for. */
  readonly consumer: string;

  constructor(scope: Construct, { stream, table, bucket, config, stage }: PublishEventProps) {
    const { instance, client, address, publish } = stream;
    const id = pascalCase(instance ?? "");
    const consumer = instance === undefined ? "publish-event" : `publish-event-${instance}`;
    const work = new WorkQueue(scope, `Publish${id}Queue`, {
      stage,
      name: consumer,
      isOrdered: true,
      workerTimeoutSeconds: 30,
    });
    super(scope, `PublishEvent${id}`, {
      stage,
      folder: "publish-event",
      ...(instance !== undefined && { stream: instance }),
      impact: "programs inside AWS that listen to events hear nothing new.",
      work,
      batchSize: 10,
      code: bundle(consumer, entry(client)),
      memoryMb: 512,
      environment: {
        TABLE_NAME: table.tableName,
        BUCKET: bucket.bucketName,
        STREAM: address,
        CONSUMER: consumer,
        EPOCH: String(config.epoch),
        QUEUE_URL: work.queue.queueUrl,
      } satisfies EnvVars,
      permissions: [
        items(table, ["Query"], ["CONV#*", "ACCOUNT#*", "CONTACT#*"]),
        items(table, ["GetItem", "PutItem"], [`CURSOR#${consumer}#*`]),
        postpone(work.queue),
        publish,
        objects(bucket, ["GetObject"], "entries/"),
      ],
    });
    this.consumer = consumer;
  }
}

/** The bundle holds the client of its own stream alone: each costs some 10 ms of every cold start. */
function entry({ module, made }: Stream["client"]): string {
  return [
    `import * as stream from "./shared/aws/${module}.ts";`,
    `import { createHandler } from "./functions/publish-event/handler.ts";`,
    `export const handler = createHandler(${made});`,
  ].join("\n");
}
