import type { Table } from "aws-cdk-lib/aws-dynamodb";
import type { Code } from "aws-cdk-lib/aws-lambda";
import type { Bucket } from "aws-cdk-lib/aws-s3";
import { Stack } from "aws-cdk-lib/core";
import type { Construct } from "constructs";
import type { EnvVars } from "../functions/fetch-profile/env.ts";
import { type ConnectorName, connectors } from "../shared/channels/registry.ts";
import type { Config } from "../shared/config.ts";
import { accountsOn, connectorsInUse, DEPLOYMENT_DOCUMENT, type Deployment, secretsPath } from "./deployment.ts";
import { bundle } from "./parts/bundle.ts";
import { documents, items, postpone, sendTo } from "./parts/permissions.ts";
import type { WorkQueue } from "./parts/queue.ts";
import { Worker } from "./parts/worker.ts";

export interface FetchProfileProps extends Deployment {
  work: WorkQueue;
  mailbox: WorkQueue;
  table: Table;
  bucket: Bucket;
}

/** Asks for the names of customers where messages do not tell them. */
export class FetchProfile extends Worker {
  constructor(scope: Construct, { work, mailbox, table, bucket, config, stage }: FetchProfileProps) {
    const sources = connectorsWithProfiles(config);
    const accounts = sources.flatMap((connector) =>
      accountsOn(config, connector).map((account) => ({ ...account, connector })),
    );
    super(scope, "FetchProfile", {
      stage,
      folder: "fetch-profile",
      impact: "new customers of Messenger and Instagram stay without a name.",
      work,
      batchSize: 10,
      code: code(sources),
      memoryMb: 512,
      environment: {
        TABLE_NAME: table.tableName,
        QUEUE_URL: work.queue.queueUrl,
        MAILBOX_URL: mailbox.queue.queueUrl,
        BUCKET: bucket.bucketName,
        ACCOUNTS: JSON.stringify(accounts),
        SECRETS_PATH: secretsPath(stage),
      } satisfies EnvVars,
      permissions: [
        items(table, ["Query"], ["CONV#*"]),
        postpone(work.queue),
        sendTo(mailbox.queue),
        documents(Stack.of(scope), "GetParameter", secretsPath(stage), [
          ...accountsWithProfiles(config),
          DEPLOYMENT_DOCUMENT,
        ]),
      ],
    });
  }
}

/** Names of the accounts whose customers' names are asked for. */
export function accountsWithProfiles(config: Config): string[] {
  return connectorsWithProfiles(config).flatMap((connector) => accountsOn(config, connector).map(({ name }) => name));
}

function connectorsWithProfiles(config: Config): ConnectorName[] {
  return connectorsInUse(config).filter((connector) => connectors[connector].profiles !== undefined);
}

/** The vendors are told to the bundle, so that it need not hold the whole of their connectors. */
function code(sources: readonly ConnectorName[]): Code {
  const vendors = Object.fromEntries(sources.map((name) => [name, connectors[name].vendor]));
  const entry = [
    `import { createHandler } from "./functions/fetch-profile/handler.ts";`,
    `export const handler = createHandler(${JSON.stringify(vendors)});`,
  ];
  return bundle("fetch-profile", entry.join("\n"));
}
