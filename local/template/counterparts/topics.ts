/**
 * Topics that carry alarms to people. No alarm goes off on a laptop, so nothing is published; a subscription that would
 * carry messages between parts of the stack is refused, because it would have to be played.
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

export const subscription = counterpart(
  { TopicArn: z.string(), Protocol: z.enum(["email", "email-json", "sms"]), Endpoint: z.string() },
  ({ TopicArn }, { logicalId }) => ({ reference: `${TopicArn}:${logicalId}` }),
);
