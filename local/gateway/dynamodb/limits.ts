/** Limits of DynamoDB that the emulator measures in UTF-16, and AWS in UTF-8. */
import type { Refusal } from "../service.ts";
import type { Context } from "./body.ts";
import type { TableShape } from "./capacity.ts";
import { type Item, itemSize, valueSize } from "./item-size.ts";

const MAX_ITEM_BYTES = 400 * 1024;
const MAX_PARTITION_KEY_BYTES = 2048;
const MAX_SORT_KEY_BYTES = 1024;

export async function limitBroken({ body, server }: Context): Promise<Refusal | undefined> {
  const puts = [
    ...(body.TableName && body.Item ? [{ table: body.TableName, item: body.Item }] : []),
    ...Object.entries(body.RequestItems ?? {}).flatMap(([table, requests]) =>
      Array.isArray(requests)
        ? requests.flatMap(({ PutRequest }) => (PutRequest ? [{ table, item: PutRequest.Item }] : []))
        : [],
    ),
    ...(body.TransactItems ?? []).flatMap(({ Put }) => (Put?.Item ? [{ table: Put.TableName, item: Put.Item }] : [])),
  ];
  for (const { table, item } of puts) {
    if (itemSize(item) > MAX_ITEM_BYTES) return invalid("Item size has exceeded the maximum allowed size");
    const shape = await server.shapeOf(table);
    const tooLong = shape && keyTooLong(shape, item);
    if (tooLong) return tooLong;
  }
  const shape = body.TableName && body.Key ? await server.shapeOf(body.TableName) : undefined;
  return shape && body.Key ? keyTooLong(shape, body.Key) : undefined;
}

function keyTooLong({ keys, indexes }: TableShape, item: Item): Refusal | undefined {
  for (const [partition, sort] of [keys, ...indexes.map((index) => index.keys)]) {
    if (partition !== undefined && valueSize(item[partition]) > MAX_PARTITION_KEY_BYTES) {
      return invalid(
        "One or more parameter values were invalid: Size of hashkey has exceeded the maximum size limit of2048 bytes",
      );
    }
    if (sort !== undefined && valueSize(item[sort]) > MAX_SORT_KEY_BYTES) {
      return invalid(
        "One or more parameter values were invalid: Aggregated size of all range keys has exceeded the size limit of 1024 bytes",
      );
    }
  }
  return undefined;
}

function invalid(message: string): Refusal {
  return { code: "ValidationException", message };
}
