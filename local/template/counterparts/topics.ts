/**
 * Topics carry alarms to people, and news of AWS's own services to queues. No alarm goes off on a laptop, so subscriptions
 * of people are passed over; those of queues are real, and any other is refused.
 * @module AWS::SNS::Topic, TopicPolicy and Subscription
 */
import * as z from "zod";
import { arn, counterpart, PolicyDocumentProperty, physicalName, unplayed } from "../counterpart.ts";

export const topic = counterpart(
  { TopicName: z.string().optional(), DisplayName: unplayed, KmsMasterKeyId: unplayed },
  ({ TopicName }, { logicalId, world }) => {
    const name = physicalName(TopicName, logicalId, world);
    const topicArn = arn("sns", name, world);
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

/** A topic is made where its first queue subscribes. On AWS too, what the queue's policy refuses is not delivered. */
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
