/** Messages to many. */
import type { ApiBatch, ApiBatchRecipient, BatchPlanAnswer, NewBatch, ShownBatch } from "../domain/batch-shapes.ts";
import type { Access, SendOptions } from "./access.ts";
import { type ListOptions, rowsOf } from "./list.ts";
import { ask, once } from "./request.ts";

export interface Batches {
  /** Begins to send. What becomes of each recipient tells `recipients`. */
  create(batch: NewBatch, options?: SendOptions): Promise<ApiBatch>;
  /** What would become of a batch now; nothing is sent. */
  plan(batch: NewBatch): Promise<BatchPlanAnswer["plan"]>;
  /** Newest first. */
  list(options?: ListOptions): AsyncGenerator<ApiBatch, void>;
  get(id: string): Promise<ApiBatch>;
  /** In the order in which they were given. */
  recipients(id: string, options?: ListOptions): AsyncGenerator<ApiBatchRecipient, void>;
  /** Cancels what has not been put on its way. */
  cancel(id: string): Promise<ApiBatch>;
}

export function batchesOf(access: Access): Batches {
  const all = "/v1/batches";
  const at = (id: string, what = "") => `${all}/${encodeURIComponent(id)}${what}`;
  return {
    create: async (body, options = {}) =>
      (await ask<ShownBatch>(access, "POST", all, { body, headers: once(options) })).batch,
    plan: async (body) => (await ask<BatchPlanAnswer>(access, "POST", all, { body, query: { dryRun: true } })).plan,
    list: (options = {}) => rowsOf(access, all, options),
    get: async (id) => (await ask<ShownBatch>(access, "GET", at(id))).batch,
    recipients: (id, options = {}) => rowsOf(access, at(id, "/recipients"), options),
    cancel: async (id) => (await ask<ShownBatch>(access, "DELETE", at(id))).batch,
  };
}
