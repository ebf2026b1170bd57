/** The table server behind the gateway, and what it knows of its tables. */
import * as z from "zod";
import type { Received, Upstream } from "../upstream.ts";
import { ItemElement } from "./body.ts";
import type { TableShape } from "./capacity.ts";
import type { Item } from "./item-size.ts";

export const TARGET = "DynamoDB_20120810";

const Result = z.looseObject({
  Item: ItemElement.optional(),
  Items: z.array(ItemElement).optional(),
  Attributes: ItemElement.optional(),
  ScannedCount: z.number().optional(),
  Responses: z.record(z.string(), z.array(ItemElement)).optional(),
  Table: z.unknown().optional(),
  TableNames: z.array(z.string()).optional(),
});
export type Result = z.output<typeof Result>;

const KeySchema = z.array(z.looseObject({ AttributeName: z.string(), KeyType: z.string() }));
const IndexDescription = z.looseObject({
  IndexName: z.string(),
  KeySchema,
  Projection: z.looseObject({ ProjectionType: z.string(), NonKeyAttributes: z.array(z.string()).optional() }),
});
const TableDescription = z.looseObject({
  TableName: z.string(),
  KeySchema,
  LocalSecondaryIndexes: z.array(IndexDescription).optional(),
  GlobalSecondaryIndexes: z.array(IndexDescription).optional(),
});

export interface TableServer {
  call(operation: string, body: object | Buffer): Promise<Received>;
  /** Keys and indexes; `undefined` when there is no such table. Asked for once. */
  shapeOf(tableName: string): Promise<TableShape | undefined>;
  forget(tableName: string): void;
  /** Learns every table, which the first call to each would otherwise wait for. */
  learnTables(): Promise<void>;
  /** The item with the key of this one, read consistently. */
  itemAt(shape: TableShape, item: Item): Promise<Item | undefined>;
}

export function tableServer(upstream: Upstream): TableServer {
  const shapes = new Map<string, TableShape>();

  const call = (operation: string, body: object | Buffer) =>
    upstream.send({
      method: "POST",
      path: "/",
      headers: { "content-type": "application/x-amz-json-1.0", "x-amz-target": `${TARGET}.${operation}` },
      body: Buffer.isBuffer(body) ? body : JSON.stringify(body),
    });

  const shapeOf = async (tableName: string) => {
    const known = shapes.get(tableName);
    if (known) return known;
    const received = await call("DescribeTable", { TableName: tableName });
    if (received.status !== 200) return undefined;
    const shape = shapeFrom(resultOf(received).Table);
    shapes.set(tableName, shape);
    return shape;
  };

  return {
    call,
    shapeOf,
    forget: (tableName) => shapes.delete(tableName),
    async learnTables() {
      const { TableNames = [] } = resultOf(await call("ListTables", {}));
      await Promise.all(TableNames.map(shapeOf));
    },
    async itemAt({ name, keys }, item) {
      const Key = Object.fromEntries(Object.entries(item).filter(([attribute]) => keys.includes(attribute)));
      const received = await call("GetItem", { TableName: name, Key, ConsistentRead: true });
      return received.status === 200 ? resultOf(received).Item : undefined;
    },
  };
}

export function resultOf({ body }: Received): Result {
  return Result.parse(JSON.parse(body.toString("utf8")));
}

function shapeFrom(description: unknown): TableShape {
  const { TableName, ...table } = TableDescription.parse(description);
  const keys = keyNames(table.KeySchema);
  const indexShape = (index: z.output<typeof IndexDescription>) => {
    const indexKeys = keyNames(index.KeySchema);
    const { ProjectionType, NonKeyAttributes = [] } = index.Projection;
    const carried = ProjectionType === "ALL" ? ("all" as const) : [...indexKeys, ...keys, ...NonKeyAttributes];
    return { name: index.IndexName, keys: indexKeys, carried };
  };
  return {
    name: TableName,
    keys,
    indexes: [...(table.LocalSecondaryIndexes ?? []), ...(table.GlobalSecondaryIndexes ?? [])].map(indexShape),
  };
}

function keyNames(schema: z.output<typeof KeySchema>): string[] {
  return schema
    .toSorted((left, right) => left.KeyType.localeCompare(right.KeyType))
    .map(({ AttributeName }) => AttributeName);
}
