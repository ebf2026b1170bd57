/** Performs DynamoDB's operations and counts what they consume. */
import type { Answer, Ask } from "../service.ts";
import type { Received } from "../upstream.ts";
import { transactParts } from "./asks.ts";
import type { Body, Context } from "./body.ts";
import { entry, readUnits, refusedWriteUnits, type TableShape, type Units, writeUnits } from "./capacity.ts";
import { used } from "./expressions.ts";
import { type Item, itemSize } from "./item-size.ts";
import { type Result, resultOf } from "./table.ts";

/** Performs any operation, and notes in its asks what it consumed. */
export async function perform(context: Context, asks: readonly Ask[]): Promise<Answer> {
  const { operation, body } = context;
  if (body.TransactItems) return performTransaction(context, asks);
  if (operation === "BatchGetItem") return performBatchGet(context, asks);
  if (operation === "BatchWriteItem") return performBatchWrite(context, asks);
  const shape = body.TableName === undefined ? undefined : await context.server.shapeOf(body.TableName);
  const [ask] = asks;
  if (!shape || !ask) return answerOf(await context.server.call(operation, body));
  if (operation === "GetItem") return performGet(context, shape, ask);
  if (operation === "Query" || operation === "Scan") return performQuery(context, shape, ask);
  if (operation === "PutItem" || operation === "DeleteItem") return performReplacement(context, shape, ask);
  if (operation === "UpdateItem") return performUpdate(context, shape, ask);
  return answerOf(await context.server.call(operation, body));
}

async function performGet({ body, server }: Context, shape: TableShape, ask: Ask): Promise<Answer> {
  const received = await server.call("GetItem", body);
  if (received.status !== 200) return answerOf(received);
  const result = resultOf(received);
  const isWhole = !body.ProjectionExpression && !body.AttributesToGet;
  const item = isWhole || !result.Item ? result.Item : await server.itemAt(shape, body.Key ?? {});
  ask.readUnits = readUnits(item ? itemSize(item) : 0, body.ConsistentRead === true);
  return withCapacity(result, body, shape.name, { total: ask.readUnits, indexes: {} });
}

async function performQuery({ operation, body, server }: Context, shape: TableShape, ask: Ask): Promise<Answer> {
  const received = await server.call(operation, body);
  if (received.status !== 200) return answerOf(received);
  const result = resultOf(received);
  const isConsistent = body.ConsistentRead === true;
  const index = shape.indexes.find(({ name }) => name === body.IndexName);
  const read = await itemsRead({ operation, body, server, result });
  const bytes = read.reduce((sum, item) => sum + itemSize((index && entry(index, item)) ?? item), 0);
  const own = readUnits(bytes, isConsistent);
  // What an index does not carry is fetched from the table, item by item.
  const isFetched = index !== undefined && index.carried !== "all" && body.Select === "ALL_ATTRIBUTES";
  const fetched = isFetched ? read.reduce((sum, item) => sum + readUnits(itemSize(item), isConsistent), 0) : 0;
  ask.readUnits = own + fetched;
  return withCapacity(result, body, shape.name, { total: ask.readUnits, indexes: index ? { [index.name]: own } : {} });
}

/** Whole items (or index entries) that a query went through, also where it shows only parts or some of them. */
async function itemsRead(query: {
  operation: string;
  body: Body;
  server: Context["server"];
  result: Result;
}): Promise<readonly Item[]> {
  const { operation, body, server, result } = query;
  const isPart =
    body.ProjectionExpression || body.AttributesToGet || body.FilterExpression || body.QueryFilter || body.ScanFilter;
  if (!isPart && body.Select !== "COUNT") return result.Items ?? [];
  if (!result.ScannedCount) return [];
  const { TableName, IndexName, KeyConditionExpression, KeyConditions, ExclusiveStartKey, ScanIndexForward } = body;
  const { ConsistentRead, Segment, TotalSegments, ExpressionAttributeNames, ExpressionAttributeValues } = body;
  const names = used(ExpressionAttributeNames ?? {}, KeyConditionExpression ?? "");
  const again = await server.call(operation, {
    ...{ TableName, IndexName, KeyConditionExpression, KeyConditions, ExclusiveStartKey, ScanIndexForward },
    ...{ ConsistentRead, Segment, TotalSegments, Limit: result.ScannedCount },
    ...(body.Select === "ALL_ATTRIBUTES" && { Select: body.Select }),
    ...(Object.keys(names).length > 0 && { ExpressionAttributeNames: names }),
    ...(KeyConditionExpression && {
      ExpressionAttributeValues: used(ExpressionAttributeValues ?? {}, KeyConditionExpression),
    }),
  });
  return resultOf(again).Items ?? [];
}

/** PutItem and DeleteItem answer with the item that was there, in the same atomic step. */
async function performReplacement({ operation, body, server }: Context, shape: TableShape, ask: Ask): Promise<Answer> {
  const received = await server.call(operation, { ...body, ReturnValues: "ALL_OLD" });
  if (received.status !== 200) return refusedWrite(received, { server, shape, body, ask });
  const { Attributes: before, ...result } = resultOf(received);
  const units = writeUnits(shape, before, body.Item);
  ask.writeUnits = units.total;
  const isWanted = body.ReturnValues === "ALL_OLD" && before !== undefined;
  return withCapacity({ ...result, ...(isWanted && { Attributes: before }) }, body, shape.name, units);
}

async function performUpdate({ body, server }: Context, shape: TableShape, ask: Ask): Promise<Answer> {
  const before = await server.itemAt(shape, body.Key ?? {});
  const returns = body.ReturnValues ?? "NONE";
  const isNewAnswered = returns === "NONE" || returns === "ALL_NEW";
  const received = await server.call("UpdateItem", isNewAnswered ? { ...body, ReturnValues: "ALL_NEW" } : body);
  if (received.status !== 200) return refusedWrite(received, { server, shape, body, ask });
  const { Attributes, ...result } = resultOf(received);
  const units = writeUnits(shape, before, isNewAnswered ? Attributes : await server.itemAt(shape, body.Key ?? {}));
  ask.writeUnits = units.total;
  const isWanted = returns !== "NONE" && Attributes !== undefined;
  return withCapacity({ ...result, ...(isWanted && { Attributes }) }, body, shape.name, units);
}

/** A failed condition consumes what the item at hand weighs; any other refusal consumes nothing. */
async function refusedWrite(
  received: Received,
  { server, shape, body, ask }: { server: Context["server"]; shape: TableShape; body: Body; ask: Ask },
): Promise<Answer> {
  if (isConditionFailed(received)) {
    const before = await server.itemAt(shape, body.Item ?? body.Key ?? {});
    ask.writeUnits = refusedWriteUnits(before, body.Item);
  }
  return answerOf(received);
}

function isConditionFailed({ body }: Received): boolean {
  return body.includes("ConditionalCheckFailedException");
}

async function performBatchGet({ body, server }: Context, asks: readonly Ask[]): Promise<Answer> {
  const received = await server.call("BatchGetItem", body);
  if (received.status !== 200) return answerOf(received);
  const result = resultOf(received);
  const consumed: Consumed[] = [];
  for (const [position, [tableName, request]] of Object.entries(body.RequestItems ?? {}).entries()) {
    const ask = asks[position];
    const shape = await server.shapeOf(tableName);
    if (Array.isArray(request) || !ask || !shape) continue;
    const isPart = request.ProjectionExpression || request.AttributesToGet;
    const found = isPart ? await itemsAt(server, shape, request.Keys) : (result.Responses?.[tableName] ?? []);
    const isConsistent = request.ConsistentRead === true;
    const missing = request.Keys.length - found.length;
    const sizes = [...found.map(itemSize), ...Array<number>(missing).fill(0)];
    ask.readUnits = sizes.reduce((sum, bytes) => sum + readUnits(bytes, isConsistent), 0);
    consumed.push({ tableName, units: { total: ask.readUnits, indexes: {} } });
  }
  return withCapacities(result, body, consumed);
}

async function performBatchWrite({ body, server }: Context, asks: readonly Ask[]): Promise<Answer> {
  const writes: {
    tableName: string;
    shape: TableShape;
    before: Map<string, Item>;
    requests: { key: string; after: Item | undefined }[];
  }[] = [];
  for (const [tableName, requests] of Object.entries(body.RequestItems ?? {})) {
    const shape = await server.shapeOf(tableName);
    if (!shape || !Array.isArray(requests)) continue;
    const items = requests.map(({ PutRequest, DeleteRequest }) => PutRequest?.Item ?? DeleteRequest?.Key ?? {});
    const before = await itemsAt(server, shape, items);
    writes.push({
      tableName,
      shape,
      before: new Map(before.map((item) => [keyText(shape, item), item])),
      requests: requests.map(({ PutRequest }, position) => ({
        key: keyText(shape, items[position] ?? {}),
        after: PutRequest?.Item,
      })),
    });
  }
  const received = await server.call("BatchWriteItem", body);
  if (received.status !== 200) return answerOf(received);
  const consumed = writes.map(({ tableName, shape, before, requests }): Consumed => {
    const each = requests.map(({ key, after }) => writeUnits(shape, before.get(key), after));
    return { tableName, units: added(each) };
  });
  for (const [position, tableName] of Object.keys(body.RequestItems ?? {}).entries()) {
    const ask = asks[position];
    const units = consumed.find((one) => one.tableName === tableName)?.units;
    if (ask && units) ask.writeUnits = units.total;
  }
  return withCapacities(resultOf(received), body, consumed);
}

/** A transaction does everything twice, so every part counts double. Refused ones count nothing here. */
async function performTransaction({ operation, body, server }: Context, asks: readonly Ask[]): Promise<Answer> {
  const parts = (body.TransactItems ?? []).flatMap((item) => transactParts(item));
  const state = () =>
    Promise.all(
      parts.map(async ({ part }) => {
        const shape = await server.shapeOf(part.TableName);
        return { shape, item: shape && (await server.itemAt(shape, part.Item ?? part.Key ?? {})) };
      }),
    );
  const before = await state();
  const received = await server.call(operation, body);
  if (received.status !== 200) return answerOf(received);
  const after = await state();
  for (const [position, { action }] of parts.entries()) {
    const ask = asks[position];
    const { shape, item } = before[position] ?? {};
    if (!ask || !shape) continue;
    if (action === "GetItem") ask.readUnits = 2 * readUnits(item ? itemSize(item) : 0, true);
    else ask.writeUnits = 2 * writeUnits(shape, item, after[position]?.item).total;
  }
  return answerOf(received);
}

interface Consumed {
  tableName: string;
  units: Units;
}

function added(each: readonly Units[]): Units {
  const indexes: Record<string, number> = {};
  for (const units of each) {
    for (const [name, part] of Object.entries(units.indexes)) indexes[name] = (indexes[name] ?? 0) + part;
  }
  return { total: each.reduce((sum, { total }) => sum + total, 0), indexes };
}

function withCapacity(result: object, body: Body, tableName: string, units: Units): Answer {
  const consumed = isCapacityWanted(body) ? { ConsumedCapacity: consumedCapacity(body, { tableName, units }) } : {};
  return ok({ ...result, ...consumed });
}

function withCapacities(result: object, body: Body, consumed: readonly Consumed[]): Answer {
  const list = isCapacityWanted(body) ? { ConsumedCapacity: consumed.map((one) => consumedCapacity(body, one)) } : {};
  return ok({ ...result, ...list });
}

function isCapacityWanted({ ReturnConsumedCapacity }: Body): boolean {
  return ReturnConsumedCapacity === "TOTAL" || ReturnConsumedCapacity === "INDEXES";
}

function consumedCapacity({ ReturnConsumedCapacity }: Body, { tableName, units }: Consumed) {
  const inIndexes = Object.values(units.indexes).reduce((sum, part) => sum + part, 0);
  return {
    TableName: tableName,
    CapacityUnits: units.total,
    ...(ReturnConsumedCapacity === "INDEXES" && { Table: { CapacityUnits: units.total - inIndexes } }),
  };
}

async function itemsAt(server: Context["server"], shape: TableShape, items: readonly Item[]): Promise<readonly Item[]> {
  const found = await Promise.all(items.map((item) => server.itemAt(shape, item)));
  return found.filter((item) => item !== undefined);
}

function keyText(shape: TableShape, item: Item): string {
  return JSON.stringify(shape.keys.map((key) => item[key]));
}

function ok(result: object): Answer {
  return { status: 200, headers: { "content-type": "application/x-amz-json-1.0" }, body: JSON.stringify(result) };
}

function answerOf({ status, headers, body }: Received): Answer {
  return { status, headers: { "content-type": headers["content-type"] ?? "application/x-amz-json-1.0" }, body };
}
