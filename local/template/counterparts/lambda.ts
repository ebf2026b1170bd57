/** @module AWS::Lambda::Function, EventSourceMapping, Url and Permission */
import { existsSync } from "node:fs";
import { basename, join } from "node:path";
import * as z from "zod";
import { arn, counterpart, physicalName, unplayed, type World } from "../counterpart.ts";

export const lambdaFunction = counterpart(
  {
    FunctionName: z.string().optional(),
    Description: unplayed,
    Code: z.strictObject({ S3Bucket: z.unknown(), S3Key: z.string() }),
    Handler: z.string().regex(/^index\.[A-Za-z]\w*$/, "the local run needs `index.<export>`"),
    Runtime: z.literal("nodejs24.x"),
    Architectures: unplayed,
    Role: z.string(),
    Environment: z.strictObject({ Variables: z.record(z.string(), z.string()) }).optional(),
    MemorySize: z.number().int().default(128),
    Timeout: z.number().int().default(3),
    ReservedConcurrentExecutions: z.number().int().min(1, "0 would refuse every invocation").optional(),
    LoggingConfig: z
      .strictObject({
        LogGroup: z.string().optional(),
        LogFormat: unplayed,
        ApplicationLogLevel: unplayed,
        SystemLogLevel: unplayed,
      })
      .optional(),
    RuntimeManagementConfig: unplayed,
    RecursiveLoop: unplayed,
  },
  (properties, { logicalId, world }) => {
    const name = physicalName(properties.FunctionName, logicalId, world);
    const functionArn = arn("lambda", `function:${name}`, world);
    const file = join(world.assets, `asset.${basename(properties.Code.S3Key, ".zip")}`, "index.js");
    if (!existsSync(file)) throw new Error(`has no bundle at ${file}`);
    const role = world.stack.roles.find(({ arn }) => arn === properties.Role);
    if (!role) throw new Error(`takes on the role ${properties.Role}, which is not in the template`);
    if (!role.trusts.includes("lambda.amazonaws.com")) {
      throw new Error(`takes on the role ${role.name}, which does not let lambda.amazonaws.com assume it`);
    }
    world.stack.functions.push({
      name,
      arn: functionArn,
      file,
      handler: properties.Handler.slice("index.".length),
      role,
      environment: properties.Environment?.Variables ?? {},
      memoryMegabytes: properties.MemorySize,
      timeoutSeconds: properties.Timeout,
      logGroup: properties.LoggingConfig?.LogGroup ?? `/aws/lambda/${name}`,
      reservedConcurrency: properties.ReservedConcurrentExecutions,
    });
    return { reference: name, attributes: { Arn: functionArn } };
  },
);

/** Properties name a function by its name or by its ARN. */
function functionArnOf(nameOrArn: string, world: World): string {
  const found = world.stack.functions.find(({ name, arn }) => name === nameOrArn || arn === nameOrArn);
  if (!found) throw new Error(`names the function ${nameOrArn}, which is not in the template`);
  return found.arn;
}

export const eventSourceMapping = counterpart(
  {
    EventSourceArn: z.string().regex(/^arn:aws:sqs:/, "the local run polls SQS queues alone"),
    FunctionName: z.string(),
    BatchSize: z.number().int().min(1).max(10, "the local run takes up to 10").default(10),
    MaximumBatchingWindowInSeconds: z.number().int().min(0).default(0),
    FunctionResponseTypes: z.array(z.literal("ReportBatchItemFailures")).default([]),
    ScalingConfig: z.strictObject({ MaximumConcurrency: z.number().int().min(2).max(1000) }).optional(),
    Enabled: z.literal(true).optional(),
  },
  (properties, { logicalId, world }) => {
    world.stack.eventSourceMappings.push({
      name: logicalId,
      queueArn: properties.EventSourceArn,
      functionArn: functionArnOf(properties.FunctionName, world),
      batchSize: properties.BatchSize,
      batchingWindowSeconds: properties.MaximumBatchingWindowInSeconds,
      maximumConcurrency: properties.ScalingConfig?.MaximumConcurrency,
      reportsBatchItemFailures: properties.FunctionResponseTypes.length > 0,
    });
    return { reference: logicalId, attributes: { Id: logicalId } };
  },
);

export const functionUrl = counterpart(
  {
    TargetFunctionArn: z.string(),
    AuthType: z.literal("NONE"),
    InvokeMode: z.literal("BUFFERED").optional(),
  },
  ({ TargetFunctionArn }, { logicalId, world }) => {
    const functionArn = functionArnOf(TargetFunctionArn, world);
    world.stack.functionUrls.push({ logicalId, functionArn });
    return { reference: functionArn, attributes: { FunctionUrl: `${world.publicUrl}/`, FunctionArn: functionArn } };
  },
);

export const permission = counterpart(
  {
    Action: z.string(),
    FunctionName: z.string(),
    Principal: z.string(),
    SourceArn: z.string().optional(),
    SourceAccount: unplayed,
    FunctionUrlAuthType: z.literal("NONE").optional(),
    InvokedViaFunctionUrl: z.boolean().optional(),
  },
  (properties, { logicalId, world }) => {
    world.stack.permissions.push({
      functionArn: functionArnOf(properties.FunctionName, world),
      action: properties.Action,
      principal: properties.Principal,
      sourceArn: properties.SourceArn,
      viaFunctionUrl: properties.InvokedViaFunctionUrl ?? false,
    });
    return { reference: logicalId };
  },
);
