/**
 * What a function may do, one sentence each, written by hand: no grant of the framework, no managed policy, no wildcard
 * but the end of an object's key.
 */
import type { Table } from "aws-cdk-lib/aws-dynamodb";
import type { EventBus } from "aws-cdk-lib/aws-events";
import { PolicyStatement } from "aws-cdk-lib/aws-iam";
import type { Bucket, CfnBucket } from "aws-cdk-lib/aws-s3";
import type { Topic } from "aws-cdk-lib/aws-sns";
import type { IQueue } from "aws-cdk-lib/aws-sqs";
import { Stack } from "aws-cdk-lib/core";
import type { BY_ACTIVITY, BY_KEY } from "./table.ts";

export interface Permission {
  statement: PolicyStatement;
  /** The finding of cdk-nag that this permission is known to raise, and why it stands. */
  acknowledgement?: { id: string; reason: string };
}

type ItemAction = "GetItem" | "BatchGetItem" | "Query" | "PutItem" | "UpdateItem" | "DeleteItem";

/** On items of the table whose partition key is like one of `keys`, e.g. `CONV#*`, and no others. */
export function items(table: Table, actions: readonly ItemAction[], keys: readonly string[]): Permission {
  return underKeys(table.tableArn, actions, keys);
}

/** Queries of an index, under the partition keys of that index. */
export function indexed(table: Table, index: typeof BY_KEY | typeof BY_ACTIVITY, keys: readonly string[]): Permission {
  return underKeys(`${table.tableArn}/index/${index}`, ["Query"], keys);
}

function underKeys(resource: string, actions: readonly ItemAction[], keys: readonly string[]): Permission {
  return {
    statement: new PolicyStatement({
      actions: actions.map((action) => `dynamodb:${action}`),
      resources: [resource],
      conditions: { "ForAllValues:StringLike": { "dynamodb:LeadingKeys": [...keys] } },
    }),
  };
}

type ObjectAction = "GetObject" | "PutObject" | "DeleteObject";

/** On objects below `prefix`, which ends in a slash. */
export function objects(bucket: Bucket, actions: readonly ObjectAction[], prefix: string): Permission {
  const logicalId = Stack.of(bucket).getLogicalId(bucket.node.defaultChild as CfnBucket);
  return {
    statement: new PolicyStatement({
      actions: actions.map((action) => `s3:${action}`),
      resources: [bucket.arnForObjects(`${prefix}*`)],
    }),
    acknowledgement: {
      id: `AwsSolutions-IAM5[Resource::<${logicalId}.Arn>/${prefix}*]`,
      reason: `The names of objects below ${prefix} are made at run time; the prefix is as narrow as it gets.`,
    },
  };
}

/** Without it S3 says of an object that is gone that access is denied, which nobody can tell from a fault that passes. */
export function listing(bucket: Bucket): Permission {
  return { statement: new PolicyStatement({ actions: ["s3:ListBucket"], resources: [bucket.bucketArn] }) };
}

export function sendTo(...queues: IQueue[]): Permission {
  return {
    statement: new PolicyStatement({ actions: ["sqs:SendMessage"], resources: queues.map(({ queueArn }) => queueArn) }),
  };
}

/** What Lambda's poller needs of the queue that it empties. */
export function workOff(queue: IQueue): Permission {
  const actions = ["sqs:ReceiveMessage", "sqs:DeleteMessage", "sqs:GetQueueAttributes"];
  return { statement: new PolicyStatement({ actions, resources: [queue.queueArn] }) };
}

/** For whoever looks through a queue that nobody works off. */
export function removeFrom(queue: IQueue): Permission {
  const actions = ["sqs:ReceiveMessage", "sqs:DeleteMessage"];
  return { statement: new PolicyStatement({ actions, resources: [queue.queueArn] }) };
}

/** For a function that itself says how long a message waits until it is tried again. */
export function postpone(queue: IQueue): Permission {
  return { statement: new PolicyStatement({ actions: ["sqs:ChangeMessageVisibility"], resources: [queue.queueArn] }) };
}

/**
 * The SSM documents `<path>/<name>`: the receiver reads all of its own in one call, the others one at a time. SSM itself
 * decrypts them under the account's key for parameters, whose policy lets in whoever may read the parameter.
 */
export function documents(
  stack: Stack,
  action: "GetParameter" | "GetParameters",
  path: string,
  names: readonly string[],
): Permission {
  const resources = names.map((name) =>
    stack.formatArn({ service: "ssm", resource: "parameter", resourceName: `${path.slice(1)}/${name}` }),
  );
  return { statement: new PolicyStatement({ actions: [`ssm:${action}`], resources }) };
}

export function publishToBus(bus: EventBus): Permission {
  return { statement: new PolicyStatement({ actions: ["events:PutEvents"], resources: [bus.eventBusArn] }) };
}

export function publishToTopic(topic: Topic): Permission {
  return { statement: new PolicyStatement({ actions: ["sns:Publish"], resources: [topic.topicArn] }) };
}
