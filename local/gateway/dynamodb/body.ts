/** The parts of DynamoDB's requests that permissions, limits and capacity depend on. */
import * as z from "zod";
import type { TableServer } from "./table.ts";

export const ItemElement = z.record(z.string(), z.record(z.string(), z.unknown()));
const Names = z.record(z.string(), z.string()).optional();

const Write = {
  TableName: z.string(),
  Item: ItemElement.optional(),
  Key: ItemElement.optional(),
  ConditionExpression: z.string().optional(),
  UpdateExpression: z.string().optional(),
  ExpressionAttributeNames: Names,
};
export const TransactItem = z.looseObject({
  Put: z.looseObject(Write).optional(),
  Update: z.looseObject(Write).optional(),
  Delete: z.looseObject(Write).optional(),
  ConditionCheck: z.looseObject(Write).optional(),
  Get: z.looseObject({ ...Write, ProjectionExpression: z.string().optional() }).optional(),
});

/** The body of any operation. */
export const Body = z.looseObject({
  ...Write,
  TableName: z.string().optional(),
  IndexName: z.string().optional(),
  ConsistentRead: z.boolean().optional(),
  KeyConditionExpression: z.string().optional(),
  KeyConditions: z
    .record(z.string(), z.looseObject({ AttributeValueList: z.array(ItemElement.valueType).optional() }))
    .optional(),
  FilterExpression: z.string().optional(),
  ProjectionExpression: z.string().optional(),
  AttributesToGet: z.array(z.string()).optional(),
  AttributeUpdates: z.record(z.string(), z.unknown()).optional(),
  Expected: z.record(z.string(), z.unknown()).optional(),
  Select: z.string().optional(),
  ReturnValues: z.string().optional(),
  ReturnConsumedCapacity: z.string().optional(),
  ExpressionAttributeValues: ItemElement.optional(),
  /** BatchGetItem has an object for each table, BatchWriteItem a list. */
  RequestItems: z
    .record(
      z.string(),
      z.union([
        z.array(
          z.looseObject({
            PutRequest: z.looseObject({ Item: ItemElement }).optional(),
            DeleteRequest: z.looseObject({ Key: ItemElement }).optional(),
          }),
        ),
        z.looseObject({
          Keys: z.array(ItemElement),
          ConsistentRead: z.boolean().optional(),
          ProjectionExpression: z.string().optional(),
          AttributesToGet: z.array(z.string()).optional(),
          ExpressionAttributeNames: Names,
        }),
      ]),
    )
    .optional(),
  TransactItems: z.array(TransactItem).optional(),
});
export type Body = z.output<typeof Body>;
export type TransactItem = z.output<typeof TransactItem>;

/** One request to the table. */
export interface Context {
  operation: string;
  body: Body;
  server: TableServer;
}
