/**
 * Capacity of DynamoDB calls by the rules that AWS bills by, from the items before and after: the emulator's own
 * figures leave out indexes and count UTF-16. Source: "Read and write capacity" and "Using secondary indexes" in the
 * developer guide.
 */
import { type Item, isSameValue, itemSize } from "./item-size.ts";

export interface IndexShape {
  name: string;
  /** Attributes of the index's own key, partition key first. */
  keys: readonly string[];
  /** Attributes that its entries carry (keys of index and table included), or all of the item's. */
  carried: "all" | readonly string[];
}

export interface TableShape {
  name: string;
  keys: readonly string[];
  indexes: readonly IndexShape[];
}

/** Units of one call: in all, and the part of each index. */
export interface Units {
  total: number;
  indexes: Record<string, number>;
}

/** Units of reading `bytes` in one go (an item, or everything a query went through): 4 KB each, half when eventually consistent. */
export function readUnits(bytes: number, isConsistent: boolean): number {
  return Math.max(1, Math.ceil(bytes / 4096)) * (isConsistent ? 1 : 0.5);
}

/**
 * Units of one write that turned `before` into `after` (`undefined`: not there): 1 KB each by the larger of the two,
 * at least 1; and for each index 0 when its entry stays as it is, otherwise what is put and what is deleted.
 */
export function writeUnits(table: TableShape, before: Item | undefined, after: Item | undefined): Units {
  const indexes = Object.fromEntries(
    table.indexes.map((index) => [index.name, indexWriteUnits(index, entry(index, before), entry(index, after))]),
  );
  const own = refusedWriteUnits(before, after);
  return { total: Object.values(indexes).reduce((sum, units) => sum + units, own), indexes };
}

/** Units of a write whose condition failed: those of the table, none for indexes. */
export function refusedWriteUnits(before: Item | undefined, after: Item | undefined): number {
  return Math.max(kilobytes(before), kilobytes(after));
}

function indexWriteUnits(index: IndexShape, before: Item | undefined, after: Item | undefined): number {
  if (!before && !after) return 0;
  if (!before || !after) return kilobytes(before ?? after);
  if (index.keys.some((key) => !isSameValue(before[key], after[key]))) return kilobytes(before) + kilobytes(after);
  const names = new Set([...Object.keys(before), ...Object.keys(after)]);
  const isChanged = [...names].some((name) => !isSameValue(before[name], after[name]));
  return isChanged ? Math.max(kilobytes(before), kilobytes(after)) : 0;
}

/** What the index holds of an item: nothing when the item lacks a key of the index. */
export function entry({ keys, carried }: IndexShape, item: Item | undefined): Item | undefined {
  if (!item || keys.some((key) => item[key] === undefined)) return undefined;
  if (carried === "all") return item;
  return Object.fromEntries(Object.entries(item).filter(([name]) => carried.includes(name)));
}

function kilobytes(item: Item | undefined): number {
  return Math.max(1, Math.ceil(item ? itemSize(item) / 1024 : 0));
}
