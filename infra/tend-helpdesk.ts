import type { Table } from "aws-cdk-lib/aws-dynamodb";
import { Rule, RuleTargetInput, Schedule } from "aws-cdk-lib/aws-events";
import { LambdaFunction as FunctionTarget } from "aws-cdk-lib/aws-events-targets";
import type { Function as LambdaFunction } from "aws-cdk-lib/aws-lambda";
import type { Bucket } from "aws-cdk-lib/aws-s3";
import { Duration, Stack } from "aws-cdk-lib/core";
import { Construct } from "constructs";
import type { EnvVars, Input } from "../functions/tend-helpdesk/env.ts";
import { originsOf } from "../shared/helpdesks/registry.ts";
import { type Deployment, secretsPath } from "./deployment.ts";
import { deskBundle, hasTickets, isAsked } from "./parts/desk-bundle.ts";
import { HouseFunction } from "./parts/function.ts";
import { pascalCase, physicalName } from "./parts/names.ts";
import { documents, indexed, items, sendTo } from "./parts/permissions.ts";
import type { WorkQueue } from "./parts/queue.ts";
import { BY_ACTIVITY } from "./parts/table.ts";

/** As long as a reply whose webhook was lost waits at most. */
const EVERY_MINUTES = 5;

export interface TendHelpdeskProps extends Deployment {
  table: Table;
  bucket: Bucket;
  /** By desk: the queues of post-to-helpdesk. */
  bells: Readonly<Record<string, WorkQueue>>;
  /** The queue of take-reply. */
  replies: WorkQueue;
}

/** Hands conversations over to new desks, asks desks for what they did not tell, and warns them in time. */
export class TendHelpdesk extends Construct {
  readonly lambda: LambdaFunction;

  constructor(scope: Construct, { table, bucket, bells, replies, config, stage }: TendHelpdeskProps) {
    super(scope, "TendHelpdesk");
    const desks = Object.entries(config.helpdesks);
    const asked = desks.flatMap(([name, { helpdesk }]) => (isAsked(helpdesk) ? [name] : []));
    // Only tickets are looked at that are known to be ours.
    const hasLooks = desks.some(([, { helpdesk }]) => isAsked(helpdesk) && hasTickets(helpdesk));
    const { lambda } = new HouseFunction(this, "Worker", {
      stage,
      folder: "tend-helpdesk",
      description: "Hands conversations over to helpdesks and asks them for what they did not tell",
      code: deskBundle("tend-helpdesk", config),
      memoryMb: 512,
      timeout: Duration.minutes(5),
      environment: {
        TABLE_NAME: table.tableName,
        BUCKET: bucket.bucketName,
        SECRETS_PATH: secretsPath(stage),
        REPLIES_URL: replies.queue.queueUrl,
        DESKS: Stack.of(this).toJsonString(Object.entries(bells).map(([name, work]) => [work.queue.queueUrl, [name]])),
      } satisfies EnvVars,
      permissions: [
        items(table, ["BatchGetItem"], ["CONV#*"]),
        ...(hasLooks ? [items(table, ["GetItem"], ["DESK#*", "LINK#*"])] : []),
        items(table, ["GetItem", "PutItem"], ["DESKS#*"]),
        ...(desks.some(([, { helpdesk }]) => hasTickets(helpdesk)) ? [items(table, ["Query"], ["CLOSING#*"])] : []),
        indexed(table, BY_ACTIVITY, ["ACTIVITY#*"]),
        sendTo(...(hasLooks ? [replies.queue] : []), ...Object.values(bells).map(({ queue }) => queue)),
        ...(asked.length > 0 ? [documents(Stack.of(this), "GetParameter", secretsPath(stage), asked)] : []),
      ],
    });
    for (const [desk, { helpdesk, settings, accounts }] of desks) {
      const input: Input = {
        ...{ desk, helpdesk, settings, origins: [...originsOf(helpdesk, settings)] },
        accounts: accounts ?? Object.keys(config.accounts),
      };
      new Rule(this, `Every${pascalCase(desk)}`, {
        ruleName: physicalName(stage, `tend-${desk}`),
        description: `Has the helpdesk ${desk} tended`,
        schedule: Schedule.rate(Duration.minutes(EVERY_MINUTES)),
        targets: [new FunctionTarget(lambda, { event: RuleTargetInput.fromObject(input) })],
      });
    }
    this.lambda = lambda;
  }
}
