import { FunctionUrlAuthType, InvokeMode, type Function as LambdaFunction } from "aws-cdk-lib/aws-lambda";
import type { Bucket } from "aws-cdk-lib/aws-s3";
import { CfnOutput, Duration, Stack } from "aws-cdk-lib/core";
import { Construct } from "constructs";
import type { EnvVars } from "../functions/receive-webhook/env.ts";
import { type ConnectorName, connectors } from "../shared/channels/registry.ts";
import { accountsOn, DEPLOYMENT_DOCUMENT, type Deployment, secretsPath } from "./deployment.ts";
import { bundle } from "./parts/bundle.ts";
import { HouseFunction } from "./parts/function.ts";
import { pascalCase } from "./parts/names.ts";
import { documents, objects, sendTo } from "./parts/permissions.ts";
import type { WorkQueue } from "./parts/queue.ts";

export interface ReceiveWebhookProps extends Deployment {
  connector: ConnectorName;
  mailbox: WorkQueue;
  bucket: Bucket;
}

/**
 * The door of one connector: a function URL of its own, open to all, because providers sign what they send and know
 * nothing of AWS. It reads the secrets of its own accounts and no others.
 */
export class ReceiveWebhook extends Construct {
  readonly lambda: LambdaFunction;
  /** Where the provider posts, path included. */
  readonly webhookUrl: string;

  constructor(scope: Construct, { connector, mailbox, bucket, config, stage }: ReceiveWebhookProps) {
    super(scope, `ReceiveWebhook${pascalCase(connector)}`);
    const accounts = accountsOn(config, connector);
    const { lambda } = new HouseFunction(this, "Receiver", {
      stage,
      folder: "receive-webhook",
      connector,
      description: `Verifies what ${connector} posts and puts it into the mailbox`,
      code: bundle(`receive-webhook-${connector}`, entry(connector)),
      memoryMb: 512,
      timeout: Duration.seconds(10),
      environment: {
        ACCOUNTS: JSON.stringify(accounts),
        SECRETS_PATH: secretsPath(stage),
        MAILBOX_URL: mailbox.queue.queueUrl,
        BUCKET: bucket.bucketName,
        JOIN_BY_NUMBER: String(config.policies.joinByNumber),
      } satisfies EnvVars,
      permissions: [
        sendTo(mailbox.queue),
        objects(bucket, ["PutObject"], "mailbox/"),
        objects(bucket, ["PutObject"], `quarantine/${connector}/`),
        documents(Stack.of(this), "GetParameters", secretsPath(stage), [
          ...accounts.map(({ name }) => name),
          DEPLOYMENT_DOCUMENT,
        ]),
      ],
    });
    const { url } = lambda.addFunctionUrl({ authType: FunctionUrlAuthType.NONE, invokeMode: InvokeMode.BUFFERED });
    this.lambda = lambda;
    this.webhookUrl = `${url}webhooks/${connector}`;
    new CfnOutput(Stack.of(this), `WebhookUrl${pascalCase(connector)}`, { value: this.webhookUrl });
  }
}

/** The bundle holds the receiving half of this connector alone. */
function entry(connector: ConnectorName): string {
  const folder = `./shared/channels/${connector}`;
  return [
    `import * as verify from "${folder}/verify.ts";`,
    `import { parse } from "${folder}/parse.ts";`,
    `import { createHandler } from "./functions/receive-webhook/handler.ts";`,
    `export const handler = createHandler({ ...verify, parse }, "${connector}", "${connectors[connector].channel}");`,
  ].join("\n");
}
