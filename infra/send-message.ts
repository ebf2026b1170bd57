import type { Table } from "aws-cdk-lib/aws-dynamodb";
import type { Bucket } from "aws-cdk-lib/aws-s3";
import { Stack } from "aws-cdk-lib/core";
import type { Construct } from "constructs";
import type { EnvVars } from "../functions/send-message/env.ts";
import { type ConnectorName, connectors } from "../shared/channels/registry.ts";
import { accountsOn, DEPLOYMENT_DOCUMENT, type Deployment, secretsPath } from "./deployment.ts";
import { bundle } from "./parts/bundle.ts";
import { pascalCase } from "./parts/names.ts";
import { documents, items, objects, postpone, sendTo } from "./parts/permissions.ts";
import type { WorkQueue } from "./parts/queue.ts";
import { Worker } from "./parts/worker.ts";

export interface SendMessageProps extends Deployment {
  connector: ConnectorName;
  work: WorkQueue;
  mailbox: WorkQueue;
  settle: WorkQueue;
  table: Table;
  bucket: Bucket;
  /** Where the provider posts receipts. */
  callbackUrl: string;
}

/** Sends what is queued on one connector: one provider's outage holds up nobody else. */
export class SendMessage extends Worker {
  constructor(scope: Construct, props: SendMessageProps) {
    const { connector, work, mailbox, settle, table, bucket, callbackUrl, config, stage } = props;
    const accounts = accountsOn(config, connector);
    const reads = [...accounts.map(({ name }) => name), DEPLOYMENT_DOCUMENT];
    super(scope, `SendMessage${pascalCase(connector)}`, {
      stage,
      folder: "send-message",
      connector,
      impact: "agents' replies are queued and do not reach the customer.",
      work,
      batchSize: 1,
      code: bundle(`send-message-${connector}`, entry(connector)),
      memoryMb: 512,
      environment: {
        TABLE_NAME: table.tableName,
        QUEUE_URL: work.queue.queueUrl,
        MAILBOX_URL: mailbox.queue.queueUrl,
        BUCKET: bucket.bucketName,
        SETTLE_URL: settle.queue.queueUrl,
        ACCOUNTS: JSON.stringify(accounts),
        SECRETS_PATH: secretsPath(stage),
        CALLBACK_URL: callbackUrl,
        HOLD_SECONDS: String(config.policies.holdSeconds),
      } satisfies EnvVars,
      permissions: [
        items(table, ["GetItem", "Query"], ["CONV#*"]),
        items(table, ["GetItem", "PutItem"], ["SEND#*", "PAUSE#*"]),
        items(table, ["PutItem"], ["PROVIDER#*"]),
        postpone(work.queue),
        sendTo(mailbox.queue, settle.queue),
        objects(bucket, ["GetObject"], "entries/"),
        documents(Stack.of(scope), "GetParameter", secretsPath(stage), reads),
      ],
    });
  }
}

/** The bundle holds the sending half of this connector alone. */
function entry(connector: ConnectorName): string {
  const folder = `./shared/channels/${connector}`;
  const vendor = JSON.stringify(connectors[connector].vendor);
  return [
    `import { render } from "${folder}/render.ts";`,
    `import { send } from "${folder}/send.ts";`,
    `import { capabilities } from "${folder}/capabilities.ts";`,
    `import { createHandler } from "./functions/send-message/handler.ts";`,
    `export const handler = createHandler({ render, send }, capabilities, ${vendor}, "${connector}");`,
  ].join("\n");
}
