/** The items of the one table that belong to developers' subscriptions; docs/table.md has them all. */
import { createHash } from "node:crypto";
import type { DynamoDBClient } from "@aws-sdk/client-dynamodb";
import { marshall } from "@aws-sdk/util-dynamodb";
import type { Attempt, Delivery, Health, Job, KnownSubscription, Subscription } from "../domain/subscription.ts";
import type {
  Attempts,
  Deliveries,
  DueDeliveries,
  EndpointHealth,
  Jobs,
  MissedEvents,
  Slots,
  Subscriptions,
} from "../ports.ts";
import { Items, inDays, type Row } from "./items.ts";

/** All subscriptions stand together: they are few, and whoever delivers wants to know them all. */
const ALL = "SUBSCRIPTION#all";
const ATTEMPT_DAYS = 30;
const DELETED_DAYS = 30;
const DAY_SECONDS = 86_400;
/** A fixed number, so that no partition takes all that one subscription gets. */
const SHARDS = 8;
const BY_ACTIVITY = "byActivity";

export class SubscriptionTable
  implements Subscriptions, EndpointHealth, Jobs, Deliveries, DueDeliveries, MissedEvents, Slots, Attempts
{
  readonly #items: Items;

  constructor(table: { tableName: string; client?: DynamoDBClient }) {
    this.#items = new Items(table);
  }

  async subscriptions(): Promise<KnownSubscription[]> {
    return known(await this.#items.query({ pk: ALL, isConsistent: true }));
  }

  async subscription(id: string): Promise<KnownSubscription | undefined> {
    return known(await this.#items.query({ pk: ALL, between: [id, `${id}#~`], isConsistent: true }))[0];
  }

  async putSubscription(subscription: Subscription): Promise<boolean> {
    const { id, version } = subscription;
    return this.#putNext({ pk: ALL, sk: id, subscription, version }, version);
  }

  /** Of a subscription that is gone nothing is left that a secret could be made from, and soon nothing at all. */
  async deleteSubscription(id: string, version: number): Promise<boolean> {
    return this.#putNext({ pk: ALL, sk: id, version, expires: inDays(Date.now(), DELETED_DAYS) }, version);
  }

  async noteHealth(subscription: string, health: { [Name in keyof Health]?: number | null }): Promise<void> {
    const entries = Object.entries(health).filter(([, value]) => value !== undefined);
    const set = entries.filter(([, value]) => value !== null);
    const gone = entries.filter(([, value]) => value === null);
    await this.#items.update(
      { pk: ALL, sk: `${subscription}#health` },
      {
        UpdateExpression: [
          ...(set.length > 0 ? [`SET ${set.map(([name]) => `#${name} = :${name}`).join(", ")}`] : []),
          ...(gone.length > 0 ? [`REMOVE ${gone.map(([name]) => `#${name}`).join(", ")}`] : []),
        ].join(" "),
        ExpressionAttributeNames: Object.fromEntries(entries.map(([name]) => [`#${name}`, name])),
        ...(set.length > 0 && {
          ExpressionAttributeValues: marshall(Object.fromEntries(set.map(([name, value]) => [`:${name}`, value]))),
        }),
      },
    );
  }

  async putJob(subscription: string, job: Job): Promise<void> {
    await this.#items.put({ pk: ALL, sk: `${subscription}#job#${job.kind}`, job });
  }

  async moveJob(subscription: string, job: Job): Promise<boolean> {
    return this.#items.putIf(
      "#job.#id = :id AND attribute_not_exists(#job.#isCancelled)",
      { pk: ALL, sk: `${subscription}#job#${job.kind}`, job },
      { names: { "#job": "job", "#id": "id", "#isCancelled": "isCancelled" }, values: { ":id": job.id } },
    );
  }

  async delivery(subscription: string, log: string): Promise<Delivery | undefined> {
    const row = await this.#items.get(deliveryKey(subscription, log), "DELIVERY");
    if (!row) return undefined;
    const { version, position, replays = [], lastReplay, failing, dueAt } = row;
    return { version, position, replays, lastReplay, failing, dueAt };
  }

  /** One that waits is in the index too, under its time; the others cost no more than themselves. */
  async putDelivery(subscription: string, log: string, delivery: Delivery): Promise<boolean> {
    const { version, replays, dueAt, ...rest } = delivery;
    return this.#putNext(
      {
        ...{ pk: deliveryKey(subscription, log), sk: "DELIVERY", version, ...rest },
        ...(replays.length > 0 && { replays }),
        ...(dueAt !== undefined && { dueAt, shard: dueShard(subscription), active: `${padded(dueAt)}#${log}` }),
      },
      version,
    );
  }

  async due(
    subscription: string,
    { until, limit, cursor }: { until: number; limit: number; cursor?: string | undefined },
  ): Promise<{ log: string; cursor: string }[]> {
    const rows = await this.#items.query({
      index: { name: BY_ACTIVITY, pk: "shard", sk: "active" },
      pk: dueShard(subscription),
      between: [cursor === undefined ? "0" : `${cursor}!`, `${padded(until)}#~`],
      limit,
    });
    return rows.map(({ active }) => {
      const at = active as string;
      return { log: at.slice(at.indexOf("#") + 1), cursor: at };
    });
  }

  async noteMissed(subscription: string, log: string, sequence: number): Promise<void> {
    await this.#items.put({ ...missedKey(subscription, log, sequence), log, sequence });
  }

  async takeMissed(subscription: string, log: string, sequence: number): Promise<void> {
    const expires = inDays(Date.now(), 1);
    await this.#items.put({ ...missedKey(subscription, log, sequence), log, sequence, isTaken: true, expires });
  }

  async missed(
    subscription: string,
    { limit, cursor }: { limit: number; cursor?: string | undefined },
  ): Promise<{ log: string; sequence: number; cursor: string }[]> {
    const found: { log: string; sequence: number; cursor: string }[] = [];
    for (let from = cursor; ; ) {
      const between = [from === undefined ? "MISSED#" : `${from}!`, "MISSED#~"] as const;
      const rows = await this.#items.query({ pk: ownKey(subscription), between, limit, isConsistent: true });
      found.push(
        ...rows.flatMap(({ sk, log, sequence, isTaken }) =>
          isTaken ? [] : [{ log: log as string, sequence: sequence as number, cursor: sk as string }],
        ),
      );
      if (rows.length < limit || found.length >= limit) return found.slice(0, limit);
      from = rows.at(-1)?.sk as string;
    }
  }

  async takeSlot(subscription: string, slot: number, holder: string, now: number, until: number): Promise<boolean> {
    return this.#items.putIf(
      "attribute_not_exists(pk) OR #until < :now OR #holder = :holder",
      { pk: ownKey(subscription), sk: `SLOT#${slot}`, holder, until },
      { names: { "#until": "until", "#holder": "holder" }, values: { ":now": now, ":holder": holder } },
    );
  }

  async freeSlot(subscription: string, slot: number, holder: string): Promise<void> {
    await this.#items.putIf(
      "#holder = :holder",
      { pk: ownKey(subscription), sk: `SLOT#${slot}`, holder, until: 0 },
      { names: { "#holder": "holder" }, values: { ":holder": holder } },
    );
  }

  async noteAttempt(subscription: string, attempt: Attempt): Promise<void> {
    await this.#items.put({
      pk: attemptKey(subscription, shardOf(attempt.log)),
      sk: `${padded(attempt.at)}#${attempt.event}`,
      attempt,
      expires: inDays(attempt.at, ATTEMPT_DAYS),
    });
  }

  async attempts(
    subscription: string,
    { limit, cursor }: { limit: number; cursor?: string },
  ): Promise<{ attempts: Attempt[]; nextCursor?: string }> {
    const shards = Array.from({ length: SHARDS }, (_, shard) =>
      this.#items.query({
        pk: attemptKey(subscription, shard),
        ...(cursor !== undefined && { before: cursor }),
        limit: limit + 1,
        isBackward: true,
      }),
    );
    const newestFirst = (await Promise.all(shards)).flat().sort((a, b) => (String(a.sk) < String(b.sk) ? 1 : -1));
    const page = newestFirst.slice(0, limit);
    const last = page.at(-1);
    // The table itself forgets them up to days late.
    const oldest = Date.now() - ATTEMPT_DAYS * DAY_SECONDS * 1000;
    const attempts = page.map(({ attempt }) => attempt as Attempt).filter(({ at }) => at >= oldest);
    return { attempts, ...(last && newestFirst.length > limit && { nextCursor: last.sk as string }) };
  }

  /** @param version that the item is to have */
  #putNext(item: Row, version: number): Promise<boolean> {
    if (version === 1) return this.#items.putIf("attribute_not_exists(pk)", item);
    return this.#items.putIf("#version = :before", item, {
      names: { "#version": "version" },
      values: { ":before": version - 1 },
    });
  }
}

/** A subscription's items follow it: `sub_…`, `sub_…#health`, `sub_…#job#<kind>`. */
function known(rows: readonly Row[]): KnownSubscription[] {
  return rows
    .filter(({ subscription }) => subscription !== undefined)
    .map(({ sk, subscription }) => {
      const own = rows.filter((row) => String(row.sk).startsWith(`${sk}#`));
      const { failingSince, slowUntil, pausedUntil } = (own.find((row) => row.sk === `${sk}#health`) ?? {}) as Health;
      return {
        subscription: subscription as Subscription,
        health: { failingSince, slowUntil, pausedUntil },
        jobs: own.flatMap(({ job }) => (job ? [job as Job] : [])),
      };
    });
}

function ownKey(subscription: string): string {
  return `SUBSCRIPTION#${subscription}`;
}

function missedKey(subscription: string, log: string, sequence: number): { pk: string; sk: string } {
  return { pk: ownKey(subscription), sk: `MISSED#${log}#${String(sequence).padStart(12, "0")}` };
}

function deliveryKey(subscription: string, log: string): string {
  return `DELIVERY#${subscription}#${log}`;
}

function attemptKey(subscription: string, shard: number): string {
  return `ATTEMPT#${subscription}#${shard}`;
}

/** One partition of the index for each: those who wait for one endpoint hold up nobody else's. */
function dueShard(subscription: string): string {
  return `DUE#${subscription}`;
}

function padded(ms: number): string {
  return String(Math.max(Math.floor(ms), 0)).padStart(13, "0");
}

function shardOf(log: string): number {
  const [first = 0] = createHash("sha256").update(log).digest();
  return first % SHARDS;
}
