/**
 * Deploys the function beside Recado, in the same account and region, as examples/lambda/stack.ts does the other one.
 * Recado's configuration needs `streams: { topic: true }`.
 *
 *     RECADO_URL=<ApiUrl> npx cdk deploy --app "node examples/topic/stack.ts"
 */
import { PolicyStatement } from "aws-cdk-lib/aws-iam";
import { Architecture, Runtime } from "aws-cdk-lib/aws-lambda";
import { SqsEventSource } from "aws-cdk-lib/aws-lambda-event-sources";
import { NodejsFunction } from "aws-cdk-lib/aws-lambda-nodejs";
import { SubscriptionFilter, Topic } from "aws-cdk-lib/aws-sns";
import { SqsSubscription } from "aws-cdk-lib/aws-sns-subscriptions";
import { Queue } from "aws-cdk-lib/aws-sqs";
import { App, Duration, Stack } from "aws-cdk-lib/core";

const { STAGE = "prod", RECADO_URL = "" } = process.env;
const KEY = "/prices/recado-api-key";

const stack = new Stack(new App(), "prices-in-order");
const prices = new NodejsFunction(stack, "Prices", {
  entry: "examples/topic/handler.mjs",
  runtime: Runtime.NODEJS_24_X,
  architecture: Architecture.ARM_64,
  timeout: Duration.seconds(30),
  environment: { RECADO_URL, RECADO_API_KEY_PARAMETER: KEY },
});
prices.addToRolePolicy(
  new PolicyStatement({
    actions: ["ssm:GetParameter"],
    resources: [stack.formatArn({ service: "ssm", resource: "parameter", resourceName: KEY.slice(1) })],
  }),
);

// What SNS could not deliver, and what the function could not work off.
const missed = new Queue(stack, "Missed", { fifo: true, retentionPeriod: Duration.days(14), enforceSSL: true });
const queue = new Queue(stack, "Received", {
  fifo: true,
  visibilityTimeout: Duration.minutes(3),
  deadLetterQueue: { queue: missed, maxReceiveCount: 10 },
  enforceSSL: true,
});
const events = Topic.fromTopicArn(
  stack,
  "Events",
  stack.formatArn({ service: "sns", resource: `recado-${STAGE}.fifo` }),
);
events.addSubscription(
  new SqsSubscription(queue, {
    rawMessageDelivery: true,
    deadLetterQueue: missed,
    filterPolicy: {
      type: SubscriptionFilter.stringFilter({ allowlist: ["message.received"] }),
      channel: SubscriptionFilter.stringFilter({ allowlist: ["whatsapp", "sms"] }),
    },
  }),
);
prices.addEventSource(new SqsEventSource(queue, { batchSize: 10, reportBatchItemFailures: true }));
