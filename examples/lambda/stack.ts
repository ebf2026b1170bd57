/**
 * Deploys the function beside Recado, in the same account and region, once the client is built and the key is put:
 *
 *     npm run build:client
 *     aws ssm put-parameter --name /prices/recado-api-key --type SecureString \
 *       --value "$(npx recado keys create --stage prod --name prices --scope send)"
 *     RECADO_URL=<ApiUrl> npx cdk deploy --app "node examples/lambda/stack.ts"
 */
import { EventBus, Rule } from "aws-cdk-lib/aws-events";
import { LambdaFunction } from "aws-cdk-lib/aws-events-targets";
import { PolicyStatement } from "aws-cdk-lib/aws-iam";
import { Architecture, Runtime } from "aws-cdk-lib/aws-lambda";
import { NodejsFunction } from "aws-cdk-lib/aws-lambda-nodejs";
import { Queue } from "aws-cdk-lib/aws-sqs";
import { App, Duration, Stack } from "aws-cdk-lib/core";

const { STAGE = "prod", RECADO_URL = "" } = process.env;
const KEY = "/prices/recado-api-key";

const stack = new Stack(new App(), "prices");
const prices = new NodejsFunction(stack, "Prices", {
  entry: "examples/lambda/handler.mjs",
  runtime: Runtime.NODEJS_24_X,
  architecture: Architecture.ARM_64,
  timeout: Duration.seconds(30),
  environment: {
    RECADO_URL,
    RECADO_API_KEY_PARAMETER: KEY,
  },
});
prices.addToRolePolicy(
  new PolicyStatement({
    actions: ["ssm:GetParameter"],
    resources: [stack.formatArn({ service: "ssm", resource: "parameter", resourceName: KEY.slice(1) })],
  }),
);
new Rule(stack, "CustomersWrite", {
  eventBus: EventBus.fromEventBusName(stack, "Recado", `recado-${STAGE}`),
  // By anything of the event.
  eventPattern: {
    source: ["recado"],
    detailType: ["message.received"],
    detail: { data: { channel: ["whatsapp", "sms"] } },
  },
  targets: [
    new LambdaFunction(prices, {
      retryAttempts: 10,
      deadLetterQueue: new Queue(stack, "Missed", { retentionPeriod: Duration.days(14) }),
    }),
  ],
});
