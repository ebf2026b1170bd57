/** Endpoints that events are delivered to. Needs a key with the scope `admin`. */
import type {
  AddedSecret,
  ApiAttempt,
  ApiSubscription,
  CreatedSubscription,
  ReplayToStart,
  ShownSubscription,
  StartedReplay,
  SubscriptionChange,
  SubscriptionToCreate,
  TestedSubscription,
} from "../domain/subscription-shapes.ts";
import type { Access } from "./access.ts";
import { type ListOptions, rowsOf } from "./list.ts";
import { type Call, request } from "./request.ts";

export interface Subscriptions {
  list(options?: ListOptions): AsyncGenerator<ApiSubscription, void>;
  /** The answer alone holds the secret that webhooks are signed with. */
  create(subscription: SubscriptionToCreate): Promise<CreatedSubscription["subscription"]>;
  get(id: string): Promise<ApiSubscription>;
  change(id: string, change: SubscriptionChange): Promise<ApiSubscription>;
  delete(id: string): Promise<void>;
  /** Delivers an event that nothing has happened for, and tells what came of it. */
  test(id: string): Promise<ApiAttempt>;
  /** Delivers again; gives the id of the replay. */
  replay(id: string, what: ReplayToStart): Promise<string>;
  attempts(id: string, options?: ListOptions): AsyncGenerator<ApiAttempt, void>;
  /** Makes another secret; those before it go on signing for a day, or for so many seconds. */
  addSecret(id: string, options?: { expireOldAfterSeconds?: number }): Promise<AddedSecret>;
}

export function subscriptionsOf(access: Access): Subscriptions {
  const at = (id: string, what = "") => `/v1/subscriptions/${encodeURIComponent(id)}${what}`;
  const ask = <Shape>(method: NonNullable<Call["method"]>, path: string, body?: unknown) =>
    // A second one made by a repetition would be one too many.
    request<Shape>(access, { method, path, body, isRepeatable: method !== "POST" });
  return {
    list: (options = {}) => rowsOf(access, "/v1/subscriptions", options),
    create: async (wanted) => (await ask<CreatedSubscription>("POST", "/v1/subscriptions", wanted)).subscription,
    get: async (id) => (await ask<ShownSubscription>("GET", at(id))).subscription,
    change: async (id, change) => (await ask<ShownSubscription>("PATCH", at(id), change)).subscription,
    delete: async (id) => void (await ask("DELETE", at(id))),
    test: async (id) => (await ask<TestedSubscription>("POST", at(id, "/test"))).attempt,
    replay: async (id, what) => (await ask<StartedReplay>("POST", at(id, "/replay"), what)).replay.id,
    attempts: (id, options = {}) => rowsOf(access, at(id, "/attempts"), options),
    addSecret: (id, options) => ask("POST", at(id, "/secrets"), options),
  };
}
