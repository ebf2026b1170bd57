/** @module AWS::DynamoDB::Table */
import {
  CreateTableCommand,
  type CreateTableCommandInput,
  DescribeTableCommand,
  type DynamoDBClient,
  ResourceInUseException,
  type TableDescription,
  waitUntilTableExists,
} from "@aws-sdk/client-dynamodb";
import * as z from "zod";
import { arn, counterpart, physicalName, unplayed } from "../counterpart.ts";

const KeySchema = z.array(z.strictObject({ AttributeName: z.string(), KeyType: z.enum(["HASH", "RANGE"]) }));
const Index = {
  IndexName: z.string(),
  KeySchema,
  Projection: z.strictObject({
    ProjectionType: z.enum(["ALL", "KEYS_ONLY", "INCLUDE"]),
    NonKeyAttributes: z.array(z.string()).optional(),
  }),
};

export const table = counterpart(
  {
    TableName: z.string().optional(),
    AttributeDefinitions: z.array(
      z.strictObject({ AttributeName: z.string(), AttributeType: z.enum(["S", "N", "B"]) }),
    ),
    KeySchema,
    BillingMode: z.literal("PAY_PER_REQUEST"),
    LocalSecondaryIndexes: z.array(z.strictObject(Index)).optional(),
    GlobalSecondaryIndexes: z
      .array(z.strictObject({ ...Index, OnDemandThroughput: unplayed, ContributorInsightsSpecification: unplayed }))
      .optional(),
    DeletionProtectionEnabled: unplayed,
    PointInTimeRecoverySpecification: unplayed,
    TimeToLiveSpecification: unplayed,
    SSESpecification: unplayed,
    OnDemandThroughput: unplayed,
    ContributorInsightsSpecification: unplayed,
    TableClass: unplayed,
  },
  async (properties, { logicalId, world }) => {
    const name = physicalName(properties.TableName, logicalId, world);
    const wanted: CreateTableCommandInput = {
      TableName: name,
      AttributeDefinitions: properties.AttributeDefinitions,
      KeySchema: properties.KeySchema,
      BillingMode: properties.BillingMode,
      LocalSecondaryIndexes: properties.LocalSecondaryIndexes,
      GlobalSecondaryIndexes: properties.GlobalSecondaryIndexes?.map(({ IndexName, KeySchema, Projection }) => ({
        IndexName,
        KeySchema,
        Projection,
      })),
    };
    await ensureTable(world.administrator.dynamodb, wanted);
    world.stack.tables.push(name);
    return { reference: name, attributes: { Arn: arn("dynamodb", `table/${name}`, world) } };
  },
);

/** @throws Error when a table of this name is there already with other keys, which no start can change. */
async function ensureTable(client: DynamoDBClient, wanted: CreateTableCommandInput): Promise<void> {
  const names = { TableName: wanted.TableName };
  try {
    await client.send(new CreateTableCommand(wanted));
    await waitUntilTableExists({ client, maxWaitTime: 10, minDelay: 0.05, maxDelay: 0.2 }, names);
  } catch (error) {
    if (!(error instanceof ResourceInUseException)) throw error;
    const { Table } = await client.send(new DescribeTableCommand(names));
    if (Table && keysOf(Table) === keysOf(wanted)) return;
    throw new Error(`is in the data directory with other keys or indexes; start with an empty data directory`);
  }
}

type Keyed = Pick<TableDescription, "KeySchema" | "LocalSecondaryIndexes" | "GlobalSecondaryIndexes">;

/** Keys and indexes of a table as text that is equal for equal tables. */
function keysOf({ KeySchema, LocalSecondaryIndexes, GlobalSecondaryIndexes }: Keyed): string {
  const indexes = (list: Keyed["LocalSecondaryIndexes"]) =>
    (list ?? [])
      .map(({ IndexName, KeySchema, Projection }) => [IndexName, attributes(KeySchema), Projection?.ProjectionType])
      .sort();
  const attributes = (keys: Keyed["KeySchema"]) => (keys ?? []).map(({ AttributeName }) => AttributeName);
  return JSON.stringify([attributes(KeySchema), indexes(LocalSecondaryIndexes), indexes(GlobalSecondaryIndexes)]);
}
