/**
 * Topics carry alarms to people, news of AWS's own services to queues, and events to developers' queues. No alarm goes off
 * on a laptop, so subscriptions of people are passed over; those of queues are real, and any other is refused.
 * @module AWS::SNS::Topic, TopicPolicy and Subscription
 */
import * as z from "zod";
import { arn, counterpart, PolicyDocumentProperty, physicalName, unplayed } from "../counterpart.ts";

export const topic = counterpart(
  {
    TopicName: z.string().optional(),
    DisplayName: unplayed,
    KmsMasterKeyId: unplayed,
    FifoTopic: z.boolean().optional(),
    FifoThroughputScope: unplayed,
  },
  async ({ TopicName, FifoTopic = false }, { logicalId, world }) => {
    const name = physicalName(TopicName, logicalId, world);
    if (FifoTopic !== name.endsWith(".fifo")) throw new Error("is FIFO if and only if its name ends with .fifo");
    const topicArn = arn("sns", name, world);
    await world.createTopic(topicArn);
    return { reference: topicArn, attributes: { TopicArn: topicArn, TopicName: name } };
  },
);

export const topicPolicy = counterpart(
  { Topics: z.array(z.string()), PolicyDocument: PolicyDocumentProperty },
  ({ Topics, PolicyDocument }, { logicalId, world }) => {
    for (const topicArn of Topics) world.setResourcePolicy(topicArn, PolicyDocument);
    return { reference: logicalId };
  },
);

/** On AWS too, what the queue's policy refuses is not delivered. */
export const subscription = counterpart(
  {
    TopicArn: z.string(),
    Protocol: z.enum(["email", "email-json", "sms", "sqs"]),
    Endpoint: z.string(),
    RawMessageDelivery: z.boolean().optional(),
  },
  async ({ TopicArn, Protocol, Endpoint, RawMessageDelivery = false }, { logicalId, world }) => {
    if (Protocol === "sqs") await world.subscribe(TopicArn, Endpoint, { isRaw: RawMessageDelivery });
    return { reference: `${TopicArn}:${logicalId}` };
  },
);
