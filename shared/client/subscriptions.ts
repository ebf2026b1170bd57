/** Endpoints that events are delivered to. Needs a key with the scope `admin`. */
import type {
  AddedSecret,
  ApiAttempt,
  ApiReplay,
  ApiSubscription,
  CancelledReplays,
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
import { ask } from "./request.ts";

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
  /** Those that are under way or were the last of their kind; one conversation's stands in attempts alone. */
  replays(id: string, options?: ListOptions): AsyncGenerator<ApiReplay, void>;
  /** Cancels those under way and gives them. */
  cancelReplays(id: string): Promise<ApiReplay[]>;
  attempts(id: string, options?: ListOptions): AsyncGenerator<ApiAttempt, void>;
  /** Makes another secret; those before it go on signing for a day, or for so many seconds. */
  addSecret(id: string, options?: { expireOldAfterSeconds?: number }): Promise<AddedSecret>;
}

export function subscriptionsOf(access: Access): Subscriptions {
  const all = "/v1/subscriptions";
  const at = (id: string, what = "") => `${all}/${encodeURIComponent(id)}${what}`;
  // A second one made by a repetition would be one too many.
  const post = <Shape>(path: string, body?: unknown) => ask<Shape>(access, "POST", path, { body, isRepeatable: false });
  return {
    list: (options = {}) => rowsOf(access, all, options),
    create: async (wanted) => (await post<CreatedSubscription>(all, wanted)).subscription,
    get: async (id) => (await ask<ShownSubscription>(access, "GET", at(id))).subscription,
    change: async (id, body) => (await ask<ShownSubscription>(access, "PATCH", at(id), { body })).subscription,
    delete: async (id) => void (await ask(access, "DELETE", at(id))),
    test: async (id) => (await post<TestedSubscription>(at(id, "/test"))).attempt,
    replay: async (id, what) => (await post<StartedReplay>(at(id, "/replay"), what)).replay.id,
    replays: (id, options = {}) => rowsOf(access, at(id, "/replays"), options),
    cancelReplays: async (id) => (await ask<CancelledReplays>(access, "DELETE", at(id, "/replays"))).cancelled,
    attempts: (id, options = {}) => rowsOf(access, at(id, "/attempts"), options),
    addSecret: (id, options) => post(at(id, "/secrets"), options),
  };
}
