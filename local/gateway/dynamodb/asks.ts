/** The permissions that a DynamoDB request needs, with the condition keys of the service. */
import type { Ask } from "../service.ts";
import type { Body, Context, TransactItem } from "./body.ts";
import type { TableShape } from "./capacity.ts";
import { attributesIn, equalTo } from "./expressions.ts";
import type { AttributeValue, Item } from "./item-size.ts";

export async function asksOf(context: Context, arnOf: (table: string, index?: string) => string): Promise<Ask[]> {
  const { operation, body, server } = context;
  if (body.TransactItems) {
    const parts = body.TransactItems.flatMap((item) => transactParts(item));
    return Promise.all(
      parts.map(async ({ action, part }) => ({
        action: `dynamodb:${action}`,
        resource: arnOf(part.TableName),
        conditionKeys: {
          ...keysOf(await server.shapeOf(part.TableName), [part.Item ?? part.Key ?? {}]),
          "dynamodb:Attributes": attributesOf(part),
          "dynamodb:EnclosingOperation": [operation],
        },
      })),
    );
  }
  if (body.RequestItems) {
    return Promise.all(
      Object.entries(body.RequestItems).map(async ([tableName, requests]) => {
        const items = Array.isArray(requests)
          ? requests.map(({ PutRequest, DeleteRequest }) => PutRequest?.Item ?? DeleteRequest?.Key ?? {})
          : requests.Keys;
        const named = Array.isArray(requests) ? {} : requests;
        return {
          action: `dynamodb:${operation}`,
          resource: arnOf(tableName),
          conditionKeys: {
            ...keysOf(await server.shapeOf(tableName), items),
            "dynamodb:Attributes": [
              ...new Set([...items.flatMap((item) => Object.keys(item)), ...attributesOf(named)]),
            ],
            ...(Array.isArray(requests) ? {} : { "dynamodb:Select": [selectOf(named)] }),
          },
        };
      }),
    );
  }
  const { TableName, IndexName } = body;
  if (TableName === undefined) return [{ action: `dynamodb:${operation}`, resource: arnOf("*"), conditionKeys: {} }];
  const conditionKeys: Record<string, string[]> = {};
  if (/^(Put|Get|Update|Delete)Item$/.test(operation)) {
    Object.assign(conditionKeys, keysOf(await server.shapeOf(TableName), [body.Item ?? body.Key ?? {}]));
    if (operation !== "GetItem") conditionKeys["dynamodb:ReturnValues"] = [body.ReturnValues ?? "NONE"];
  }
  if (operation === "Query") {
    const partition = await queriedPartition(context, TableName);
    if (partition) conditionKeys["dynamodb:LeadingKeys"] = [partition];
  }
  if (/^(Query|Scan|GetItem)$/.test(operation)) conditionKeys["dynamodb:Select"] = [selectOf(body)];
  const attributes = attributesOf(body);
  if (attributes.length > 0) conditionKeys["dynamodb:Attributes"] = attributes;
  return [{ action: `dynamodb:${operation}`, resource: arnOf(TableName, IndexName), conditionKeys }];
}

/** A transaction is allowed by the permissions of what it does, not by one of its own. */
export function transactParts({ Put, Update, Delete, ConditionCheck, Get }: TransactItem) {
  const named = {
    PutItem: Put,
    UpdateItem: Update,
    DeleteItem: Delete,
    ConditionCheckItem: ConditionCheck,
    GetItem: Get,
  };
  return Object.entries(named).flatMap(([action, part]) => (part ? [{ action, part }] : []));
}

function keysOf(shape: TableShape | undefined, items: readonly Item[]): Record<string, string[]> {
  const partition = shape?.keys[0];
  if (partition === undefined) return {};
  const values = items.flatMap((item) => textOf(item[partition]) ?? []);
  return values.length > 0 ? { "dynamodb:LeadingKeys": [...new Set(values)] } : {};
}

async function queriedPartition({ body, server }: Context, tableName: string): Promise<string | undefined> {
  const shape = await server.shapeOf(tableName);
  const keys = body.IndexName ? shape?.indexes.find(({ name }) => name === body.IndexName)?.keys : shape?.keys;
  const partition = keys?.[0];
  if (partition === undefined) return undefined;
  const { KeyConditionExpression = "", ExpressionAttributeNames = {}, ExpressionAttributeValues = {} } = body;
  return textOf(
    body.KeyConditions?.[partition]?.AttributeValueList?.[0] ??
      equalTo(partition, KeyConditionExpression, ExpressionAttributeNames, ExpressionAttributeValues),
  );
}

function textOf(value: AttributeValue | undefined): string | undefined {
  const content = value && Object.values(value)[0];
  return typeof content === "string" ? content : undefined;
}

/** Attributes that a request names: those of its item or key, and those in its expressions. */
function attributesOf(body: Partial<Body>): string[] {
  const { ExpressionAttributeNames: names = {} } = body;
  const expressions = [
    body.KeyConditionExpression,
    body.ConditionExpression,
    body.UpdateExpression,
    body.FilterExpression,
    body.ProjectionExpression,
  ];
  return [
    ...new Set([
      ...Object.keys(body.Item ?? {}),
      ...Object.keys(body.Key ?? {}),
      ...Object.keys(body.KeyConditions ?? {}),
      ...Object.keys(body.AttributeUpdates ?? {}),
      ...Object.keys(body.Expected ?? {}),
      ...(body.AttributesToGet ?? []),
      ...expressions.flatMap((expression) => (expression ? attributesIn(expression, names) : [])),
    ]),
  ];
}

function selectOf({ Select, ProjectionExpression, AttributesToGet, IndexName }: Partial<Body>): string {
  if (Select) return Select;
  if (ProjectionExpression || AttributesToGet) return "SPECIFIC_ATTRIBUTES";
  return IndexName ? "ALL_PROJECTED_ATTRIBUTES" : "ALL_ATTRIBUTES";
}
