import type { Bucket } from "aws-cdk-lib/aws-s3";
import { SqsSubscription } from "aws-cdk-lib/aws-sns-subscriptions";
import { CfnOutput, Stack } from "aws-cdk-lib/core";
import type { Construct } from "constructs";
import type { NotificationEnvVars } from "../functions/receive-webhook/env.ts";
import { type ConnectorName, connectors } from "../shared/channels/registry.ts";
import { accountsOn, type Deployment, documentsOf, secretsPath } from "./deployment.ts";
import { bundle } from "./parts/bundle.ts";
import { newsTopic } from "./parts/end-user-messaging.ts";
import { pascalCase } from "./parts/names.ts";
import { documents, objects, sendTo } from "./parts/permissions.ts";
import { WorkQueue } from "./parts/queue.ts";
import { Worker } from "./parts/worker.ts";

export interface ReceiveNotificationProps extends Deployment {
  connector: ConnectorName;
  mailbox: WorkQueue;
  bucket: Bucket;
}

/**
 * The door of a connector whose provider publishes to a topic: topic → queue → the receive code of every other door. Who
 * may publish is said by the topic's policy, who may write into the queue by the queue's.
 */
export class ReceiveNotification extends Worker {
  /** In the place of a webhook's URL. */
  readonly webhookUrl: string;

  constructor(scope: Construct, { connector, mailbox, bucket, config, stage }: ReceiveNotificationProps) {
    const id = `ReceiveNotification${pascalCase(connector)}`;
    const work = new WorkQueue(scope, `${id}Queue`, {
      stage,
      name: `receive-webhook-${connector}`,
      isOrdered: false,
      workerTimeoutSeconds: 10,
    });
    const topic = newsTopic(work, connector, stage);
    // Not raw: the notification's own time is the only one that an SMS has.
    topic.addSubscription(new SqsSubscription(work.queue));
    super(scope, id, {
      stage,
      folder: "receive-webhook",
      connector,
      impact: "what customers write on channels of AWS waits in a queue and appears nowhere.",
      work,
      batchSize: 10,
      code: bundle(`receive-webhook-${connector}`, entry(connector)),
      memoryMb: 512,
      environment: {
        ACCOUNTS: JSON.stringify(accountsOn(config, connector)),
        SECRETS_PATH: secretsPath(stage),
        MAILBOX_URL: mailbox.queue.queueUrl,
        BUCKET: bucket.bucketName,
        JOIN_BY_NUMBER: String(config.policies.joinByNumber),
        TOPIC_ARN: topic.topicArn,
      } satisfies NotificationEnvVars,
      permissions: [
        sendTo(mailbox.queue),
        objects(bucket, ["PutObject"], "mailbox/"),
        objects(bucket, ["PutObject"], `quarantine/${connector}/`),
        documents(Stack.of(scope), "GetParameters", secretsPath(stage), documentsOf(config, connector)),
      ],
    });
    this.webhookUrl = `sns:${topic.topicArn}`;
    new CfnOutput(Stack.of(this), `TopicArn${pascalCase(connector)}`, { value: topic.topicArn });
  }
}

/** The bundle holds the receiving half of this connector alone. */
function entry(connector: ConnectorName): string {
  const folder = `./shared/channels/${connector}`;
  return [
    `import * as verify from "${folder}/verify.ts";`,
    `import { parse } from "${folder}/parse.ts";`,
    `import { createHandler } from "./functions/receive-webhook/notification-handler.ts";`,
    `export const handler = createHandler({ ...verify, parse }, "${connector}", "${connectors[connector].channel}");`,
  ].join("\n");
}
