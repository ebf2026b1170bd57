import type { Table } from "aws-cdk-lib/aws-dynamodb";
import type { Bucket } from "aws-cdk-lib/aws-s3";
import { Stack } from "aws-cdk-lib/core";
import type { Construct } from "constructs";
import type { EnvVars } from "../functions/post-to-helpdesk/env.ts";
import type { Config } from "../shared/config.ts";
import { type HelpdeskName, originsOf } from "../shared/helpdesks/registry.ts";
import { DEPLOYMENT_DOCUMENT, type Deployment, secretsPath } from "./deployment.ts";
import { bundle } from "./parts/bundle.ts";
import { hasTickets } from "./parts/desk-bundle.ts";
import { pascalCase } from "./parts/names.ts";
import { documents, items, listing, objects, type Permission, postpone, sendTo } from "./parts/permissions.ts";
import type { WorkQueue } from "./parts/queue.ts";
import { Worker } from "./parts/worker.ts";

export interface PostToHelpdeskProps extends Omit<Deployment, "config"> {
  /** Its name in the configuration. */
  desk: string;
  configured: Config["helpdesks"][string];
  epoch: number;
  work: WorkQueue;
  mailbox: WorkQueue;
  table: Table;
  bucket: Bucket;
  /** Of all accounts. */
  accounts: Config["accounts"];
  /** Where customers' links lead. */
  linksUrl: string;
}

/** Follows the conversations of one helpdesk and posts them there: one desk that is down holds up no other. */
export class PostToHelpdesk extends Worker {
  constructor(scope: Construct, props: PostToHelpdeskProps) {
    const { desk, configured, epoch, work, mailbox, table, bucket, stage, accounts: all, linksUrl } = props;
    const { helpdesk, settings, accounts, onSolved, receiptNotes } = configured;
    super(scope, `PostToHelpdesk${pascalCase(desk)}`, {
      stage,
      folder: "post-to-helpdesk",
      helpdesk: desk,
      impact: "agents do not see in their helpdesk what customers write.",
      work,
      // A desk may take its time, and no customer's is to be spent on another one's conversation.
      batchSize: 1,
      code: bundle(`post-to-helpdesk-${helpdesk}`, entry(helpdesk)),
      memoryMb: 512,
      environment: {
        TABLE_NAME: table.tableName,
        BUCKET: bucket.bucketName,
        EPOCH: String(epoch),
        QUEUE_URL: work.queue.queueUrl,
        MAILBOX_URL: mailbox.queue.queueUrl,
        DESK: JSON.stringify({
          ...{ name: desk, settings, origins: originsOf(helpdesk, settings), accounts, onSolved, receiptNotes },
        }),
        ACCOUNTS: JSON.stringify(
          Object.fromEntries(
            Object.entries(all).map(([name, { connector, templates = [] }]) => [
              name,
              { connector, templates: templates.map((template) => template.name) },
            ]),
          ),
        ),
        LINKS_URL: linksUrl,
        SECRETS_PATH: secretsPath(stage),
      } satisfies EnvVars,
      permissions: [
        items(table, ["Query"], ["CONV#*"]),
        items(
          table,
          ["GetItem", "PutItem"],
          [`CURSOR#post-to-helpdesk-${desk}#*`, `DESKS#${desk}`, `PAUSE#helpdesk:${desk}`],
        ),
        ...(hasTickets(helpdesk) ? ofTickets(props) : []),
        postpone(work.queue),
        sendTo(mailbox.queue),
        objects(bucket, ["GetObject"], "entries/"),
        documents(Stack.of(scope), "GetParameter", secretsPath(stage), [desk, DEPLOYMENT_DOCUMENT]),
      ],
    });
  }
}

/** What is needed to know a conversation's ticket, and to bring files there. */
function ofTickets({ desk, table, bucket }: PostToHelpdeskProps): Permission[] {
  return [
    items(table, ["GetItem"], ["CONV#*"]),
    items(table, ["GetItem", "PutItem"], [`DESK#${desk}#*`]),
    items(table, ["PutItem"], [`LINK#${desk}#*`, `CLOSING#${desk}#*`]),
    objects(bucket, ["GetObject"], "media/"),
    listing(bucket),
  ];
}

/** The bundle holds this kind's way in alone. */
function entry(helpdesk: HelpdeskName): string {
  return [
    `import { capabilities } from "./shared/helpdesks/${helpdesk}/capabilities.ts";`,
    `import { way } from "./shared/helpdesks/${helpdesk}/post.ts";`,
    `import { createHandler } from "./functions/post-to-helpdesk/handler.ts";`,
    "export const handler = createHandler({ way, capabilities });",
  ].join("\n");
}
