/**
 * How a resource type of CloudFormation is made locally: a strict schema of the properties that are played (or that
 * change nothing on a laptop), and what making it does. A property outside the schema fails the start by name.
 */
import type { DynamoDBClient } from "@aws-sdk/client-dynamodb";
import type { S3Client } from "@aws-sdk/client-s3";
import type { SQSClient } from "@aws-sdk/client-sqs";
import * as z from "zod";
import type { PolicyDocument, Stack } from "./stack.ts";
import { sentences } from "./template.ts";

/** Clients with an administrator's credentials, through the gateway. */
interface AdministratorClients {
  dynamodb: DynamoDBClient;
  sqs: SQSClient;
  s3: S3Client;
}

/** Where resources are made, and where what they are is noted down. */
export interface World {
  region: string;
  accountId: string;
  stackName: string;
  /** Public address of the local run, without a slash at the end: what function URLs and APIs stand below. */
  publicUrl: string;
  /** Directory with `asset.<hash>` below it. */
  assets: string;
  administrator: AdministratorClients;
  /** Where it is there already, it changes nothing. */
  createTopic(topicArn: string): Promise<void>;
  /** Hands what is published to the topic to the queue; again, it changes nothing. */
  subscribe(topicArn: string, queueArn: string, delivery: { isRaw: boolean }): Promise<void>;
  setResourcePolicy(arn: string, document: PolicyDocument): void;
  stack: Stack;
}

/** What the rest of the template sees of a resource: by `Ref`, and by `Fn::GetAtt`. */
export interface Made {
  reference: string;
  attributes?: Readonly<Record<string, string>>;
}

/** Takes resolved properties; tags mean nothing here. Making a resource that is there already (from an earlier start) changes nothing. */
export type Counterpart = (
  logicalId: string,
  properties: Readonly<Record<string, unknown>>,
  world: World,
) => Promise<Made>;

export function counterpart<Shape extends z.ZodRawShape>(
  shape: Shape,
  make: (
    properties: z.output<z.ZodObject<Shape, z.core.$strict>>,
    place: { logicalId: string; world: World },
  ) => Made | Promise<Made>,
): Counterpart {
  const schema = z.strictObject(shape);
  return async (logicalId, { Tags: _, ...properties }, world) => {
    const checked = schema.safeParse(properties);
    if (!checked.success)
      throw new Error(`has properties that the local run does not play: ${sentences(checked.error)}`);
    return make(checked.data, { logicalId, world });
  };
}

/** Name of a resource that the template leaves unnamed: the same on every start. */
export function physicalName(given: string | undefined, logicalId: string, world: World): string {
  return given ?? `${world.stackName}-${logicalId}`;
}

export function arn(service: string, resource: string, { region, accountId }: World): string {
  return `arn:aws:${service}:${region}:${accountId}:${resource}`;
}

/** A property that is accepted because it changes nothing on a laptop. */
export const unplayed: z.ZodOptional<z.ZodUnknown> = z.unknown().optional();

export const PolicyDocumentProperty = z
  .strictObject({ Version: z.string().optional(), Statement: z.unknown() })
  .transform(
    ({ Version, Statement }): PolicyDocument => (Version === undefined ? { Statement } : { Version, Statement }),
  );
