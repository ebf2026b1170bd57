/** @module AWS::SQS::Queue, AWS::SQS::QueuePolicy */
import {
  CreateQueueCommand,
  GetQueueUrlCommand,
  QueueDoesNotExist,
  SetQueueAttributesCommand,
  type SQSClient,
} from "@aws-sdk/client-sqs";
import * as z from "zod";
import { arn, counterpart, PolicyDocumentProperty, physicalName, unplayed } from "../counterpart.ts";

const Seconds = z.number().int().min(0);

export const queue = counterpart(
  {
    QueueName: z.string().optional(),
    FifoQueue: z.boolean().optional(),
    ContentBasedDeduplication: z.boolean().optional(),
    DeduplicationScope: z.enum(["queue", "messageGroup"]).optional(),
    FifoThroughputLimit: z.enum(["perQueue", "perMessageGroupId"]).optional(),
    DelaySeconds: Seconds.optional(),
    MaximumMessageSize: z.number().int().optional(),
    MessageRetentionPeriod: Seconds.optional(),
    ReceiveMessageWaitTimeSeconds: Seconds.optional(),
    VisibilityTimeout: Seconds.optional(),
    RedrivePolicy: z.strictObject({ deadLetterTargetArn: z.string(), maxReceiveCount: z.number().int() }).optional(),
    RedriveAllowPolicy: unplayed,
    SqsManagedSseEnabled: unplayed,
  },
  async ({ QueueName, SqsManagedSseEnabled, RedriveAllowPolicy, ...attributes }, { logicalId, world }) => {
    const suffix = attributes.FifoQueue ? ".fifo" : "";
    const name = QueueName ?? `${physicalName(undefined, logicalId, world)}${suffix}`;
    const url = await ensureQueue(world.administrator.sqs, name, asText(attributes));
    const queueArn = arn("sqs", name, world);
    world.stack.queueUrls[queueArn] = url;
    return { reference: url, attributes: { Arn: queueArn, QueueName: name, QueueUrl: url } };
  },
);

/** Attributes as the API of SQS takes them. */
function asText(attributes: Record<string, unknown>): Record<string, string> {
  const given = Object.entries(attributes).filter(([, value]) => value !== undefined);
  return Object.fromEntries(
    given.map(([name, value]) => [name, typeof value === "object" ? JSON.stringify(value) : String(value)]),
  );
}

async function ensureQueue(client: SQSClient, name: string, attributes: Record<string, string>): Promise<string> {
  const { FifoQueue, ...changeable } = attributes;
  try {
    const { QueueUrl = "" } = await client.send(new GetQueueUrlCommand({ QueueName: name }));
    if (Object.keys(changeable).length > 0) {
      await client.send(new SetQueueAttributesCommand({ QueueUrl, Attributes: changeable }));
    }
    return QueueUrl;
  } catch (error) {
    if (!(error instanceof QueueDoesNotExist)) throw error;
    const { QueueUrl = "" } = await client.send(new CreateQueueCommand({ QueueName: name, Attributes: attributes }));
    return QueueUrl;
  }
}

export const queuePolicy = counterpart(
  { Queues: z.array(z.string()), PolicyDocument: PolicyDocumentProperty },
  ({ Queues, PolicyDocument }, { logicalId, world }) => {
    for (const url of Queues)
      world.setResourcePolicy(arn("sqs", url.slice(url.lastIndexOf("/") + 1), world), PolicyDocument);
    return { reference: logicalId };
  },
);
