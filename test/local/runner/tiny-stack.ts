/** Small templates with bundles of a few lines, loaded by the real loader into the real functions. */
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DynamoDBClient } from "@aws-sdk/client-dynamodb";
import { S3Client } from "@aws-sdk/client-s3";
import { SQSClient } from "@aws-sdk/client-sqs";
import { onTestFinished } from "vitest";
import { Lambda } from "../../../local/lambda/lambda.ts";
import type { World } from "../../../local/template/counterpart.ts";
import { type LoadedTemplate, loadTemplate } from "../../../local/template/load.ts";
import { emptyStack, type PolicyDocument, type Stack } from "../../../local/template/stack.ts";
import { type CloudFormationTemplate, checkTemplate } from "../../../local/template/template.ts";

export const REGION = "eu-west-1";
export const ACCOUNT_ID = "000000000000";

/** Gone when the test is. */
export function newFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), "recado-runner-"));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true, maxRetries: 5 }));
  return folder;
}

export type Resources = CloudFormationTemplate["Resources"];

/** A role and a function of this name, whose bundle is `source`. */
export function functionResources(name: string, properties: Record<string, unknown> = {}): Resources {
  return {
    [`${name}Role`]: {
      Type: "AWS::IAM::Role",
      Properties: {
        AssumeRolePolicyDocument: {
          Version: "2012-10-17",
          Statement: [{ Action: "sts:AssumeRole", Effect: "Allow", Principal: { Service: "lambda.amazonaws.com" } }],
        },
      },
    },
    [name]: {
      Type: "AWS::Lambda::Function",
      Properties: {
        Code: { S3Bucket: "assets", S3Key: `${name}.zip` },
        Handler: "index.handler",
        Runtime: "nodejs24.x",
        Role: { "Fn::GetAtt": [`${name}Role`, "Arn"] },
        ...properties,
      },
    },
  };
}

/** Writes `asset.<name>/index.js` for each. */
function writeBundles(bundles: Readonly<Record<string, string>>): string {
  const assets = newFolder();
  for (const [name, source] of Object.entries(bundles)) {
    mkdirSync(join(assets, `asset.${name}`));
    writeFileSync(join(assets, `asset.${name}`, "index.js"), source);
  }
  return assets;
}

export interface Loaded {
  stack: Stack;
  loaded: LoadedTemplate;
  resourcePolicies: Map<string, PolicyDocument>;
}

/** Loads a template that has neither tables, queues nor buckets: nothing listens at the administrator's endpoint. */
export async function load(
  template: { Resources: Resources } & Partial<CloudFormationTemplate>,
  { bundles = {}, ...world }: { bundles?: Readonly<Record<string, string>> } & Partial<World> = {},
): Promise<Loaded> {
  const stack = emptyStack();
  const resourcePolicies = new Map<string, PolicyDocument>();
  const nowhere = {
    region: REGION,
    endpoint: "http://127.0.0.1:9",
    credentials: { accessKeyId: "none", secretAccessKey: "none" },
  };
  const loaded = await loadTemplate(checkTemplate(template), {
    region: REGION,
    accountId: ACCOUNT_ID,
    stackName: "recado-local",
    publicUrl: "http://localhost:3000",
    assets: writeBundles(bundles),
    administrator: {
      dynamodb: new DynamoDBClient(nowhere),
      sqs: new SQSClient(nowhere),
      s3: new S3Client(nowhere),
    },
    createTopic: async () => {},
    subscribe: async () => {},
    setResourcePolicy: (arn, document) => resourcePolicies.set(arn, document),
    stack,
    ...world,
  });
  return { stack, loaded, resourcePolicies };
}

/** The functions of a stack, with nothing in their environment but the template's. */
export function startLambda({ functions, permissions }: Stack): Lambda {
  const lambda = new Lambda({
    functions,
    permissions,
    environmentOf: ({ environment }) => environment,
    dataDir: newFolder(),
  });
  onTestFinished(() => lambda.close());
  return lambda;
}
