/** The parts of dynalite 4 that the local run uses; it has no types of its own. */
declare module "dynalite" {
  import type { Server } from "node:http";

  /** Without `path` everything is in memory. */
  function dynalite(options?: {
    path?: string;
    createTableMs?: number;
    deleteTableMs?: number;
    updateTableMs?: number;
  }): Server;
  export = dynalite;
}

declare module "dynalite/db/index.js" {
  namespace database {
    interface Index {
      IndexName: string;
      IndexStatus?: string;
    }
    interface Table {
      TableName: string;
      TableStatus: string;
      LocalSecondaryIndexes?: Index[];
      GlobalSecondaryIndexes?: Index[];
    }
    interface Range {
      gte: string;
      lt: string;
    }
    interface Level {
      open(): Promise<void>;
      close(): Promise<void>;
      iterator(range: Range): AsyncIterable<[string, unknown]>;
      batch(operations: ({ type: "put"; key: string; value: unknown } | { type: "del"; key: string })[]): Promise<void>;
    }
    /** What is kept below `table~`. */
    interface Definitions {
      get(name: string, done: (error: unknown, table?: Table) => void): void;
      put(name: string, table: Table, done: (error?: unknown) => void): void;
      del(name: string, done: (error?: unknown) => void): void;
    }
    /**
     * One LevelDB holds everything: `table~<name>`, `item-<table>~<key>`, `index-<local|global>~<table>~<index>~<key>`.
     * A server makes its store with whatever stands here.
     */
    let create: (options: { path?: string }) => { db: Level; tableDb: Definitions };
    function getIndexActions(
      indexes: Index[],
      existing: undefined,
      item: unknown,
      table: Table,
    ): { puts: { index: string; key: string; item: unknown }[] };
  }
  export = database;
}
