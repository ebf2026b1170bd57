import { AccessLogFormat } from "aws-cdk-lib/aws-apigateway";
import {
  HttpApi,
  HttpMethod,
  HttpStage,
  LogGroupLogDestination,
  PayloadFormatVersion,
} from "aws-cdk-lib/aws-apigatewayv2";
import { HttpLambdaIntegration } from "aws-cdk-lib/aws-apigatewayv2-integrations";
import type { Table } from "aws-cdk-lib/aws-dynamodb";
import type { Function as LambdaFunction } from "aws-cdk-lib/aws-lambda";
import { LogGroup, RetentionDays } from "aws-cdk-lib/aws-logs";
import type { Bucket } from "aws-cdk-lib/aws-s3";
import { CfnOutput, Duration, RemovalPolicy, Stack, Validations } from "aws-cdk-lib/core";
import { Construct } from "constructs";
import type { EnvVars } from "../functions/api/env.ts";
import { connectors } from "../shared/channels/registry.ts";
import type { Config } from "../shared/config.ts";
import { DEPLOYMENT_DOCUMENT, type Deployment, secretsPath } from "./deployment.ts";
import { handlerOf } from "./parts/bundle.ts";
import { HouseFunction } from "./parts/function.ts";
import { physicalName } from "./parts/names.ts";
import { documents, indexed, items, listing, objects, sendTo } from "./parts/permissions.ts";
import type { WorkQueue } from "./parts/queue.ts";
import { BY_ACTIVITY, BY_KEY } from "./parts/table.ts";
import { urls } from "./record-event.ts";

/** Of all callers together. */
const REQUESTS_PER_SECOND = 200;
const BURST = 400;
/** Outside /v1, for anyone. */
const OPEN_PATHS = ["/healthz", "/openapi.json", "/asyncapi.json"];

export interface ApiProps extends Deployment {
  mailbox: WorkQueue;
  /** The queue of deliver-webhook. */
  deliveries: WorkQueue;
  /** The queue of send-batch. */
  batches: WorkQueue;
  /** The queue of erase-contact. */
  erasures: WorkQueue;
  /** By account: the queue of its connector's sender. */
  senders: Readonly<Record<string, WorkQueue>>;
  table: Table;
  bucket: Bucket;
}

/** The developers' door: reads the logs, and puts what a caller wants into the mailbox like everyone else. */
export class Api extends Construct {
  readonly lambda: LambdaFunction;
  readonly httpApi: HttpApi;
  readonly stage: HttpStage;
  /** Below it are the links that customers open. */
  readonly linksUrl: string;

  constructor(
    scope: Construct,
    { mailbox, deliveries, batches, erasures, senders, table, bucket, config, stage }: ApiProps,
  ) {
    super(scope, "Api");
    const stack = Stack.of(this);
    const hasSignals = (name: string) => {
      const { connector } = config.accounts[name] ?? {};
      return connector !== undefined && connectors[connector].sender.signal !== undefined;
    };
    const signalling = Object.fromEntries(Object.entries(senders).filter(([name]) => hasSignals(name)));
    const { lambda } = new HouseFunction(this, "Handler", {
      stage,
      folder: "api",
      description: "Answers /v1: reads the logs, queues what is to be sent",
      code: handlerOf("api", ["docs/contract/openapi.json", "docs/contract/asyncapi.json"]),
      memoryMb: 512,
      timeout: Duration.seconds(20),
      environment: {
        TABLE_NAME: table.tableName,
        MAILBOX_URL: mailbox.queue.queueUrl,
        DELIVERIES_URL: deliveries.queue.queueUrl,
        BATCHES_URL: batches.queue.queueUrl,
        ERASURES_URL: erasures.queue.queueUrl,
        BUCKET: bucket.bucketName,
        SECRETS_PATH: secretsPath(stage),
        ACCOUNTS: JSON.stringify(channelsOf(config)),
        EXPIRES_AFTER_SECONDS: String(config.policies.expiresAfterSeconds),
        LARGEST_MEDIA_BYTES: String(config.policies.largestMediaBytes),
        JOIN_BY_NUMBER: String(config.policies.joinByNumber),
        EPOCH: String(config.epoch),
        SIGNALS: stack.toJsonString(urls(signalling)),
        ...(config.policies.quietHours && { QUIET_HOURS: JSON.stringify(config.policies.quietHours) }),
      } satisfies EnvVars,
      permissions: [
        items(table, ["GetItem", "BatchGetItem", "Query"], ["CONV#*"]),
        items(table, ["Query"], ["ACCOUNT#*", "CONTACT#*"]),
        items(table, ["GetItem"], ["CONTACT#*", "ADDRESS#*", "KEY#*"]),
        indexed(table, BY_KEY, ["CONV#*", "CONTACT#*"]),
        indexed(table, BY_ACTIVITY, ["ACTIVITY#*", "CHANGES#*", "NAMES#*", "BATCHES#*"]),
        // A claim is taken for good where its message is cancelled.
        items(table, ["GetItem", "PutItem"], ["IDEMPOTENCY#*", "MESSAGE#*", "ASKED#*", "SEND#*"]),
        // When a key was used and how often; the keys themselves are made and changed by their owner alone.
        items(table, ["UpdateItem"], ["KEYS#*", "LIMIT#*"]),
        items(table, ["Query", "PutItem", "UpdateItem"], ["SUBSCRIPTION#*"]),
        items(table, ["Query", "PutItem"], ["ATTEMPT#*"]),
        items(table, ["GetItem", "Query", "PutItem", "UpdateItem"], ["BATCH#*"]),
        items(table, ["GetItem", "Query", "PutItem"], ["ERASURE#*"]),
        sendTo(
          mailbox.queue,
          deliveries.queue,
          batches.queue,
          erasures.queue,
          ...new Set(Object.values(signalling).map(({ queue }) => queue)),
        ),
        objects(bucket, ["PutObject"], "mailbox/"),
        objects(bucket, ["PutObject"], "batches/"),
        objects(bucket, ["GetObject"], "entries/"),
        objects(bucket, ["GetObject", "PutObject"], "media/"),
        listing(bucket),
        documents(stack, "GetParameter", secretsPath(stage), [DEPLOYMENT_DOCUMENT]),
      ],
    });
    this.lambda = lambda;
    this.httpApi = new HttpApi(this, "Http", {
      apiName: physicalName(stage, "api"),
      description: "Recado's API",
      createDefaultStage: false,
    });
    this.linksUrl = `${this.httpApi.apiEndpoint}/v1/links`;
    const integration = new HttpLambdaIntegration("Integration", lambda, {
      payloadFormatVersion: PayloadFormatVersion.VERSION_2_0,
      scopePermissionToRoute: false,
    });
    const routes = [
      ...this.httpApi.addRoutes({ path: "/v1/{proxy+}", methods: [HttpMethod.ANY], integration }),
      ...OPEN_PATHS.flatMap((path) => this.httpApi.addRoutes({ path, methods: [HttpMethod.GET], integration })),
    ];
    for (const route of routes) {
      Validations.of(route).acknowledge({
        id: "AwsSolutions-APIG4",
        reason:
          "Callers carry an API key as a bearer token; the function itself compares its hash and scopes before anything else. An authorizer would be a second function with the same read. /healthz tells nothing, and the two documents are for anyone.",
      });
    }
    const log = new LogGroup(this, "AccessLog", {
      logGroupName: `/aws/vendedlogs/${physicalName(stage, "api")}`,
      retention: RetentionDays.ONE_MONTH,
      removalPolicy: RemovalPolicy.DESTROY,
    });
    this.stage = new HttpStage(this, "Stage", {
      httpApi: this.httpApi,
      autoDeploy: true,
      throttle: { rateLimit: REQUESTS_PER_SECOND, burstLimit: BURST },
      accessLogSettings: { destination: new LogGroupLogDestination(log), format: ACCESS_LOG },
    });
    new CfnOutput(stack, "ApiUrl", { value: this.httpApi.apiEndpoint });
  }
}

/** Who is calling is in the function's log by key id; addresses, paths with ids and bodies are in none. */
const ACCESS_LOG = AccessLogFormat.custom(
  JSON.stringify({
    requestId: "$context.requestId",
    time: "$context.requestTimeEpoch",
    route: "$context.routeKey",
    status: "$context.status",
    responseMs: "$context.responseLatency",
    integrationError: "$context.integrationErrorMessage",
  }),
);

/** Account → what it is reached by, as the function takes it. */
export function channelsOf({ accounts }: Config): Record<string, { connector: string; channel: string }> {
  return Object.fromEntries(
    Object.entries(accounts).map(([name, { connector, fallbackTemplate }]) => [
      name,
      { connector, channel: connectors[connector].channel, ...(fallbackTemplate && { fallbackTemplate }) },
    ]),
  );
}
