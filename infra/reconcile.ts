import type { Table } from "aws-cdk-lib/aws-dynamodb";
import { Rule, RuleTargetInput, Schedule } from "aws-cdk-lib/aws-events";
import { LambdaFunction as FunctionTarget } from "aws-cdk-lib/aws-events-targets";
import type { Function as LambdaFunction } from "aws-cdk-lib/aws-lambda";
import type { Bucket } from "aws-cdk-lib/aws-s3";
import { Duration, Stack } from "aws-cdk-lib/core";
import { Construct } from "constructs";
import type { EnvVars } from "../functions/reconcile/env.ts";
import { type ConnectorName, connectors } from "../shared/channels/registry.ts";
import { DEPLOYMENT_DOCUMENT, type Deployment, reconciledAccounts, secretsPath } from "./deployment.ts";
import { bundle } from "./parts/bundle.ts";
import { HouseFunction } from "./parts/function.ts";
import { pascalCase, physicalName } from "./parts/names.ts";
import { documents, indexed, items, objects, sendTo } from "./parts/permissions.ts";
import type { WorkQueue } from "./parts/queue.ts";
import { BY_ACTIVITY, BY_KEY } from "./parts/table.ts";

export interface ReconcileProps extends Deployment {
  mailbox: WorkQueue;
  table: Table;
  bucket: Bucket;
}

/** Asks each account's provider, by a schedule of its own, for what its webhooks did not tell. */
export class Reconcile extends Construct {
  readonly lambda: LambdaFunction;

  constructor(scope: Construct, { mailbox, table, bucket, config, stage }: ReconcileProps) {
    super(scope, "Reconcile");
    const inputs = reconciledAccounts(config);
    const { lambda } = new HouseFunction(this, "Worker", {
      stage,
      folder: "reconcile",
      description: "Asks providers for what their webhooks did not tell",
      code: bundle("reconcile", entry(inputs)),
      memoryMb: 512,
      timeout: Duration.minutes(5),
      environment: {
        TABLE_NAME: table.tableName,
        MAILBOX_URL: mailbox.queue.queueUrl,
        BUCKET: bucket.bucketName,
        SECRETS_PATH: secretsPath(stage),
        JOIN_BY_NUMBER: String(config.policies.joinByNumber),
      } satisfies EnvVars,
      permissions: [
        items(table, ["Query", "BatchGetItem"], ["CONV#*"]),
        items(table, ["GetItem"], ["PROVIDER#*"]),
        items(table, ["GetItem", "PutItem"], ["RECONCILED#*"]),
        indexed(table, BY_KEY, ["CONV#*", "ACCOUNT#*"]),
        indexed(table, BY_ACTIVITY, ["ACTIVITY#*"]),
        sendTo(mailbox.queue),
        objects(bucket, ["GetObject"], "entries/"),
        objects(bucket, ["PutObject"], "mailbox/"),
        objects(bucket, ["PutObject"], "quarantine/reconcile/"),
        documents(Stack.of(this), "GetParameter", secretsPath(stage), [
          ...inputs.map(({ account }) => account),
          DEPLOYMENT_DOCUMENT,
        ]),
      ],
    });
    for (const input of inputs) {
      new Rule(this, `Every${pascalCase(input.account)}`, {
        // A longer word could make it longer than EventBridge takes.
        ruleName: physicalName(stage, `missed-${input.account}`),
        description: `Has ${input.account} reconciled with its provider`,
        schedule: Schedule.rate(Duration.minutes(config.policies.reconcileEveryMinutes)),
        targets: [new FunctionTarget(lambda, { event: RuleTargetInput.fromObject(input) })],
      });
    }
    this.lambda = lambda;
  }
}

/** The bundle holds the connectors in use alone. */
function entry(accounts: readonly { connector: ConnectorName }[]): string {
  const names = [...new Set(accounts.map(({ connector }) => connector))];
  const imports = names.map(
    (name, index) => `import { reconciler as r${index} } from "./shared/channels/${name}/reconcile.ts";`,
  );
  const members = names.map((name, index) => {
    const { vendor, channel } = connectors[name];
    return `${JSON.stringify(name)}: { reconciler: r${index}, ...${JSON.stringify({ vendor, channel })} }`;
  });
  return [
    ...imports,
    `import { createHandler } from "./functions/reconcile/handler.ts";`,
    `export const handler = createHandler({ ${members.join(", ")} });`,
  ].join("\n");
}
