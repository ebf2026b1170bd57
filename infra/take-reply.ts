import type { Table } from "aws-cdk-lib/aws-dynamodb";
import type { Bucket } from "aws-cdk-lib/aws-s3";
import { Stack } from "aws-cdk-lib/core";
import type { Construct } from "constructs";
import type { EnvVars } from "../functions/take-reply/env.ts";
import type { Config } from "../shared/config.ts";
import { originsOf } from "../shared/helpdesks/registry.ts";
import { DEPLOYMENT_DOCUMENT, type Deployment, secretsPath } from "./deployment.ts";
import { deskBundle, hasTickets, isAsked } from "./parts/desk-bundle.ts";
import { documents, indexed, items, objects, postpone, sendTo } from "./parts/permissions.ts";
import type { WorkQueue } from "./parts/queue.ts";
import { BY_KEY } from "./parts/table.ts";
import { Worker } from "./parts/worker.ts";

export interface TakeReplyProps extends Deployment {
  work: WorkQueue;
  mailbox: WorkQueue;
  table: Table;
  bucket: Bucket;
}

/** Makes messages of what agents write at helpdesks, with the files that they attach. */
export class TakeReply extends Worker {
  constructor(scope: Construct, { work, mailbox, table, bucket, config, stage }: TakeReplyProps) {
    const kinds = Object.values(config.helpdesks).map(({ helpdesk }) => helpdesk);
    super(scope, "TakeReply", {
      stage,
      folder: "take-reply",
      impact: "what agents answer in their helpdesk does not reach the customer.",
      work,
      // A file may take minutes, and nobody's reply is to wait for another one's.
      batchSize: 1,
      code: deskBundle("take-reply", config),
      memoryMb: 512,
      environment: {
        TABLE_NAME: table.tableName,
        QUEUE_URL: work.queue.queueUrl,
        MAILBOX_URL: mailbox.queue.queueUrl,
        BUCKET: bucket.bucketName,
        SECRETS_PATH: secretsPath(stage),
        DESKS: JSON.stringify(desksOf(config)),
        ACCOUNTS: JSON.stringify(
          Object.fromEntries(
            Object.entries(config.accounts).map(([name, { connector, templates = [], fallbackTemplate }]) => [
              name,
              { connector, templates, fallbackTemplate },
            ]),
          ),
        ),
        EXPIRES_AFTER_SECONDS: String(config.policies.expiresAfterSeconds),
        LARGEST_MEDIA_BYTES: String(config.policies.largestMediaBytes),
      } satisfies EnvVars,
      permissions: [
        items(table, ["GetItem", "Query"], ["CONV#*"]),
        items(table, ["GetItem", "PutItem"], ["DESK#*"]),
        ...(kinds.some(hasTickets) ? [items(table, ["GetItem"], ["LINK#*"])] : []),
        indexed(table, BY_KEY, ["CONV#*"]),
        postpone(work.queue),
        sendTo(mailbox.queue),
        objects(bucket, ["PutObject"], "media/"),
        ...(kinds.some(hasTickets) ? [objects(bucket, ["GetObject"], "entries/")] : []),
        documents(Stack.of(scope), "GetParameter", secretsPath(stage), [
          ...Object.entries(config.helpdesks).flatMap(([name, { helpdesk }]) => (isAsked(helpdesk) ? [name] : [])),
          DEPLOYMENT_DOCUMENT,
        ]),
      ],
    });
  }
}

function desksOf({ helpdesks: desks }: Config) {
  return Object.fromEntries(
    Object.entries(desks).map(([name, { helpdesk, settings, botReplies, agentNames, accounts }]) => {
      // All desks share the room that a function has for its variables: what is off is left out.
      const rules = {
        ...(botReplies && { botReplies }),
        ...(agentNames && { agentNames }),
        ...(accounts && { accounts }),
      };
      return [name, { helpdesk, settings, origins: originsOf(helpdesk, settings), ...rules }];
    }),
  );
}
