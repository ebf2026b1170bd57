/**
 * dynalite, the embedded DynamoDB. It writes index rows and item in steps of their own, so that after `kill -9` an
 * index may hold rows without an item, or lack one: a directory that was not closed is mended before it is served.
 */
import { existsSync, mkdirSync, rmSync, writeFileSync } from "node:fs";
import type { RequestListener } from "node:http";
import { join } from "node:path";
import dynalite from "dynalite";
import database, { type Definitions, getIndexActions, type Table } from "dynalite/db/index.js";

export interface EmbeddedTable {
  serve: RequestListener;
  close(): Promise<void>;
}

/** @throws Error when another process has the directory open. */
export async function startDynalite(directory: string): Promise<EmbeddedTable> {
  mkdirSync(directory, { recursive: true });
  const path = join(directory, "tables");
  const openMark = join(directory, "open");
  await mend(path, existsSync(openMark));
  writeFileSync(openMark, "");
  const { serve, store } = withStore({ path, createTableMs: 0, deleteTableMs: 0, updateTableMs: 0 });
  rememberDefinitions(store.tableDb);
  return {
    serve,
    async close() {
      await store.db.close();
      rmSync(openMark);
    },
  };
}

/** Its server is only ever asked directly, and so never has to listen; but then it does not close its store either. */
function withStore(options: Parameters<typeof dynalite>[0]) {
  const { create } = database;
  let store: ReturnType<typeof create> | undefined;
  database.create = (location) => {
    store = create(location);
    return store;
  };
  const [serve] = dynalite(options).listeners("request");
  database.create = create;
  if (!serve || !store) throw new Error("dynalite has another shape than its version had");
  return { serve: serve as RequestListener, store };
}

/** The definition of a table is looked up for every request: from memory that costs no turn of LevelDB's threads. */
function rememberDefinitions(definitions: Definitions): void {
  const { get, put, del } = definitions;
  /** As JSON, because those who ask change what they get. */
  const known = new Map<string, string>();
  let changes = 0;
  const change = () => {
    changes += 1;
    known.clear();
  };
  const afterwards =
    (done: (error?: unknown) => void) =>
    (error?: unknown): void => {
      change();
      done(error);
    };
  definitions.get = (name, done) => {
    const definition = known.get(name);
    if (definition !== undefined) return void setImmediate(done, null, JSON.parse(definition));
    const before = changes;
    get(name, (error, table) => {
      if (table && changes === before) known.set(name, JSON.stringify(table));
      done(error, table);
    });
  };
  definitions.put = (name, table, done) => {
    change();
    put(name, table, afterwards(done));
  };
  definitions.del = (name, done) => {
    change();
    del(name, afterwards(done));
  };
}

/** Opens the directory alone, which also proves that nobody else has it. */
async function mend(path: string, wasLeftOpen: boolean): Promise<void> {
  const { db } = database.create({ path });
  await db.open();
  try {
    for await (const [key, value] of db.iterator(prefixed("table~"))) {
      const table = value as Table;
      await db.batch([{ type: "put", key, value: activated(table) }]);
      if (wasLeftOpen) await mendIndexes(db, table);
    }
  } finally {
    await db.close();
  }
}

/** A table whose creation was cut short would stay in CREATING for ever. */
function activated(table: Table): Table {
  const { GlobalSecondaryIndexes } = table;
  const indexes = GlobalSecondaryIndexes?.map((index) => ({ ...index, IndexStatus: "ACTIVE" }));
  return { ...table, TableStatus: "ACTIVE", ...(indexes && { GlobalSecondaryIndexes: indexes }) };
}

async function mendIndexes(db: ReturnType<typeof database.create>["db"], table: Table): Promise<void> {
  for (const kind of ["Local", "Global"] as const) {
    const indexes = table[`${kind}SecondaryIndexes`] ?? [];
    const rowPrefix = (index: string) => `index-${kind.toLowerCase()}~${table.TableName}~${index}~`;
    const wanted = new Map<string, unknown>();
    for await (const [, item] of db.iterator(prefixed(`item-${table.TableName}~`))) {
      for (const row of getIndexActions(indexes, undefined, item, table).puts)
        wanted.set(rowPrefix(row.index) + row.key, row.item);
    }
    for (const { IndexName } of indexes) {
      for await (const [key] of db.iterator(prefixed(rowPrefix(IndexName)))) {
        if (!wanted.has(key)) await db.batch([{ type: "del", key }]);
      }
    }
    await db.batch([...wanted].map(([key, value]) => ({ type: "put" as const, key, value })));
  }
}

function prefixed(prefix: string): { gte: string; lt: string } {
  return { gte: prefix, lt: `${prefix}\u00ff` };
}
