import { type CfnStage, HttpMethod, type HttpStage, PayloadFormatVersion } from "aws-cdk-lib/aws-apigatewayv2";
import { HttpLambdaIntegration } from "aws-cdk-lib/aws-apigatewayv2-integrations";
import type { Code, Function as LambdaFunction } from "aws-cdk-lib/aws-lambda";
import { CfnOutput, Duration, Stack, Validations } from "aws-cdk-lib/core";
import { Construct } from "constructs";
import type { EnvVars } from "../functions/receive-reply/env.ts";
import type { Config } from "../shared/config.ts";
import type { Api } from "./api.ts";
import { type Deployment, secretsPath } from "./deployment.ts";
import { bundle } from "./parts/bundle.ts";
import { HouseFunction } from "./parts/function.ts";
import { pascalCase } from "./parts/names.ts";
import { documents, sendTo } from "./parts/permissions.ts";
import type { WorkQueue } from "./parts/queue.ts";

/** Of all desks together; what is above it is refused, so that they take nothing from the API's callers. */
const REQUESTS_PER_SECOND = 100;
const BURST = 200;

export interface ReceiveReplyProps extends Deployment {
  api: Api;
  /** The queue of take-reply. */
  replies: WorkQueue;
}

/** The door of the helpdesks, on the API's address: open to all, because desks sign what they send. */
export class ReceiveReply extends Construct {
  readonly lambda: LambdaFunction;

  constructor(scope: Construct, { api, replies, config, stage }: ReceiveReplyProps) {
    super(scope, "ReceiveReply");
    const stack = Stack.of(this);
    const { lambda } = new HouseFunction(this, "Receiver", {
      stage,
      folder: "receive-reply",
      description: "Verifies what helpdesks post and queues it for take-reply",
      code: code(config),
      memoryMb: 512,
      timeout: Duration.seconds(10),
      environment: {
        DESKS: JSON.stringify(desksOf(config)),
        SECRETS_PATH: secretsPath(stage),
        QUEUE_URL: replies.queue.queueUrl,
      } satisfies EnvVars,
      permissions: [
        sendTo(replies.queue),
        documents(stack, "GetParameters", secretsPath(stage), Object.keys(config.helpdesks)),
      ],
    });
    this.lambda = lambda;
    const integration = new HttpLambdaIntegration("Integration", lambda, {
      payloadFormatVersion: PayloadFormatVersion.VERSION_2_0,
      scopePermissionToRoute: false,
    });
    const path = "/helpdesks/{proxy+}";
    const routes = api.httpApi.addRoutes({ path, methods: [HttpMethod.POST], integration });
    for (const route of routes) {
      Validations.of(route).acknowledge({
        id: "AwsSolutions-APIG4",
        reason:
          "Helpdesks sign the bytes of what they post; the function itself judges the signature before anything else. An authorizer is not given the body.",
      });
      // A stage knows no settings of a route that is not there yet.
      api.stage.node.addDependency(route);
    }
    limit(api.stage, `POST ${path}`);
    for (const name of Object.keys(config.helpdesks))
      new CfnOutput(stack, `HelpdeskUrl${pascalCase(name)}`, { value: `${api.httpApi.apiEndpoint}/helpdesks/${name}` });
  }
}

/** The construct of a stage has one throttle for all of its routes; CloudFormation has one for each. */
function limit(stage: HttpStage, routeKey: string): void {
  const resource = stage.node.defaultChild as CfnStage;
  resource.routeSettings = {
    [routeKey]: { ThrottlingRateLimit: REQUESTS_PER_SECOND, ThrottlingBurstLimit: BURST },
  };
}

function desksOf({ helpdesks }: Config): Record<string, { helpdesk: string; settings: unknown }> {
  return Object.fromEntries(
    Object.entries(helpdesks).map(([name, { helpdesk, settings }]) => [name, { helpdesk, settings }]),
  );
}

/** The bundle holds the doors of the helpdesks in use alone. */
function code({ helpdesks }: Config): Code {
  const kinds = [...new Set(Object.values(helpdesks).map(({ helpdesk }) => helpdesk))];
  const entry = [
    ...kinds.flatMap((kind, index) => [
      `import * as verify${index} from "./shared/helpdesks/${kind}/verify.ts";`,
      `import { parse as parse${index} } from "./shared/helpdesks/${kind}/parse.ts";`,
    ]),
    `import { createHandler } from "./functions/receive-reply/handler.ts";`,
    `export const handler = createHandler({`,
    ...kinds.map((kind, index) => `  ${JSON.stringify(kind)}: { ...verify${index}, parse: parse${index} },`),
    `});`,
  ];
  return bundle("receive-reply", entry.join("\n"));
}
