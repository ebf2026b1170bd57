import type { Table } from "aws-cdk-lib/aws-dynamodb";
import type { Bucket } from "aws-cdk-lib/aws-s3";
import { Stack } from "aws-cdk-lib/core";
import type { Construct } from "constructs";
import type { EnvVars } from "../functions/send-message/env.ts";
import { type ConnectorName, connectors } from "../shared/channels/registry.ts";
import { accountsOn, type Deployment, documentsOf, isByTopic, secretsPath, standInsOn } from "./deployment.ts";
import { bundle } from "./parts/bundle.ts";
import { sendAs } from "./parts/end-user-messaging.ts";
import { pascalCase } from "./parts/names.ts";
import { documents, items, objects, postpone, sendTo } from "./parts/permissions.ts";
import type { WorkQueue } from "./parts/queue.ts";
import { Worker } from "./parts/worker.ts";
import { urls } from "./record-event.ts";

export interface SendMessageProps extends Deployment {
  connector: ConnectorName;
  work: WorkQueue;
  mailbox: WorkQueue;
  settle: WorkQueue;
  /** By account: the queue of its connector's sender. */
  senders: Readonly<Record<string, WorkQueue>>;
  table: Table;
  bucket: Bucket;
  /** Where the provider posts receipts. */
  callbackUrl: string;
  /** Below it are the links that customers open. */
  linksUrl: string;
}

/** Sends what is queued on one connector: one provider's outage holds up nobody else. */
export class SendMessage extends Worker {
  constructor(scope: Construct, props: SendMessageProps) {
    const { connector, work, mailbox, settle, senders, table, bucket, callbackUrl, linksUrl, config, stage } = props;
    const accounts = accountsOn(config, connector);
    const standIns = standInsOn(config, connector);
    const taking = new Set(Object.entries(standIns).flat(2));
    const reached = Object.fromEntries(Object.entries(senders).filter(([name]) => taking.has(name)));
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
        ACCOUNTS: JSON.stringify(
          accounts.map((account) => ({
            ...account,
            fallbackTemplate: config.accounts[account.name]?.fallbackTemplate,
          })),
        ),
        SECRETS_PATH: secretsPath(stage),
        CALLBACK_URL: callbackUrl,
        LINKS_URL: linksUrl,
        HOLD_SECONDS: String(config.policies.holdSeconds),
        ...(Object.keys(standIns).length > 0 && {
          FAILOVER: Stack.of(scope).toJsonString({ standIns, queues: urls(reached) }),
        }),
        ...(config.policies.quietHours && { QUIET_HOURS: JSON.stringify(config.policies.quietHours) }),
      } satisfies EnvVars,
      permissions: [
        items(table, ["GetItem", "Query"], ["CONV#*"]),
        items(table, ["GetItem", "PutItem"], ["SEND#*", "PAUSE#*"]),
        items(table, ["PutItem"], ["PROVIDER#*"]),
        items(table, ["GetItem"], ["CONTACT#*"]),
        postpone(work.queue),
        sendTo(mailbox.queue, settle.queue, ...new Set(Object.values(reached).map(({ queue }) => queue))),
        // What waits for the morning goes back onto the queue, by itself.
        ...(config.policies.quietHours ? [sendTo(work.queue)] : []),
        objects(bucket, ["GetObject"], "entries/"),
        objects(bucket, ["GetObject"], "media/"),
        documents(Stack.of(scope), "GetParameter", secretsPath(stage), documentsOf(config, connector)),
        ...(isByTopic(connector) ? sendAs(scope, connector, config) : []),
      ],
    });
  }
}

/** The bundle holds the sending half of this connector alone. */
function entry(connector: ConnectorName): string {
  const folder = `./shared/channels/${connector}`;
  const { vendor, secrets, sender } = connectors[connector];
  const halves = sender.signal ? "{ render, send, signal }" : "{ render, send }";
  return [
    `import { render } from "${folder}/render.ts";`,
    ...(sender.signal ? [`import { signal } from "${folder}/signal.ts";`] : []),
    `import { send } from "${folder}/send.ts";`,
    `import { capabilities } from "${folder}/capabilities.ts";`,
    `import { createHandler } from "./functions/send-message/handler.ts";`,
    `const vendor = ${JSON.stringify(vendor)};`,
    `const hasSecrets = ${secrets.length > 0};`,
    `export const handler = createHandler(${halves}, capabilities, vendor, "${connector}", hasSecrets);`,
  ].join("\n");
}
