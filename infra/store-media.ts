import type { Table } from "aws-cdk-lib/aws-dynamodb";
import type { Code } from "aws-cdk-lib/aws-lambda";
import type { Bucket } from "aws-cdk-lib/aws-s3";
import { Stack } from "aws-cdk-lib/core";
import type { Construct } from "constructs";
import type { EnvVars } from "../functions/store-media/env.ts";
import { type ConnectorName, connectors } from "../shared/channels/registry.ts";
import type { Config } from "../shared/config.ts";
import {
  accountsOn,
  connectorsInUse,
  DEPLOYMENT_DOCUMENT,
  type Deployment,
  documentsOf,
  isByTopic,
  secretsPath,
} from "./deployment.ts";
import { bundle } from "./parts/bundle.ts";
import { fetchAs } from "./parts/end-user-messaging.ts";
import { documents, indexed, items, listing, objects, postpone, sendTo } from "./parts/permissions.ts";
import type { WorkQueue } from "./parts/queue.ts";
import { BY_KEY } from "./parts/table.ts";
import { Worker } from "./parts/worker.ts";

export interface StoreMediaProps extends Deployment {
  work: WorkQueue;
  mailbox: WorkQueue;
  table: Table;
  bucket: Bucket;
}

/** Fetches the files that customers send, before the provider forgets them. */
export class StoreMedia extends Worker {
  constructor(scope: Construct, { work, mailbox, table, bucket, config, stage }: StoreMediaProps) {
    const sources = connectorsWithMedia(config);
    const accounts = sources.flatMap((connector) =>
      accountsOn(config, connector).map((account) => ({ ...account, connector })),
    );
    // AWS brings the files itself, on behalf of this function.
    const bringing = sources.filter(isByTopic);
    const reads = new Set([DEPLOYMENT_DOCUMENT, ...sources.flatMap((connector) => documentsOf(config, connector))]);
    super(scope, "StoreMedia", {
      stage,
      folder: "store-media",
      impact: "pictures and files of customers stay with the provider, which deletes them after some days.",
      work,
      // A file may take minutes, and nobody's is to wait for another one's.
      batchSize: 1,
      code: code(sources, accounts),
      memoryMb: 512,
      environment: {
        TABLE_NAME: table.tableName,
        QUEUE_URL: work.queue.queueUrl,
        MAILBOX_URL: mailbox.queue.queueUrl,
        BUCKET: bucket.bucketName,
        SECRETS_PATH: secretsPath(stage),
        LARGEST_MEDIA_BYTES: String(config.policies.largestMediaBytes),
      } satisfies EnvVars,
      permissions: [
        items(table, ["GetItem"], ["CONV#*"]),
        indexed(table, BY_KEY, ["CONV#*"]),
        postpone(work.queue),
        sendTo(mailbox.queue),
        objects(bucket, ["GetObject"], "entries/"),
        objects(bucket, ["PutObject"], "media/"),
        documents(Stack.of(scope), "GetParameter", secretsPath(stage), [...reads]),
        ...(bringing.length > 0 ? [objects(bucket, ["GetObject", "PutObject"], "incoming/"), listing(bucket)] : []),
        ...bringing.flatMap((connector) => fetchAs(scope, connector, config)),
      ],
    });
  }
}

/** Names of the accounts whose customers can send files. */
export function accountsWithMedia(config: Config): string[] {
  return connectorsWithMedia(config).flatMap((connector) => accountsOn(config, connector).map(({ name }) => name));
}

function connectorsWithMedia(config: Config): ConnectorName[] {
  return connectorsInUse(config).filter((connector) => connectors[connector].media !== undefined);
}

/**
 * What a connector is besides its way to files is told to the bundle, so that it need not hold the whole of it; and so
 * are the accounts of all of them, which a variable has no room for.
 */
function code(sources: readonly ConnectorName[], accounts: readonly unknown[]): Code {
  const told = sources.map((name) => {
    const { vendor, secrets } = connectors[name];
    return [name, { vendor, hasSecrets: secrets.length > 0 }];
  });
  const entry = [
    `import { createHandler } from "./functions/store-media/handler.ts";`,
    `const accounts = ${JSON.stringify(accounts)};`,
    `export const handler = createHandler(${JSON.stringify(Object.fromEntries(told))}, accounts);`,
  ];
  return bundle("store-media", entry.join("\n"));
}
