/** The real code of subscriptions' items on dynalite, held to the same promises as the one in memory. */
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { SubscriptionTable } from "../../shared/aws/subscription-table.ts";
import type { Attempt, Subscription } from "../../shared/domain/subscription.ts";
import { MemorySubscriptions } from "../fakes/memory-subscriptions.ts";
import { type Dynalite, startDynalite } from "./dynalite.ts";

let dynalite: Dynalite;
beforeAll(async () => {
  dynalite = await startDynalite();
});
afterAll(() => dynalite.close());

const ID = `sub_${"a".repeat(26)}`;
const OTHER = `sub_${"b".repeat(26)}`;
const NOW = Date.now();
const made = (id: string, version = 1): Subscription => ({
  ...{ id, version, url: "https://a.example/", createdAt: NOW, enabledAt: NOW },
  filters: [{ from: NOW, filter: { types: ["message.*"] } }],
  secrets: [{ salt: "AAAA", createdAt: NOW }],
});
const waiting = (version: number, dueAt?: number) => ({
  ...{ version, position: 3, replays: [{ id: "rpl_1", next: 1, until: 2 }], lastReplay: "rpl_1" },
  failing: { since: NOW, tries: 2, last: NOW, plannedAt: NOW + 1 },
  ...(dueAt !== undefined && { dueAt }),
});

describe.each([
  ["on dynalite", async () => new SubscriptionTable({ tableName: await dynalite.newTable(), client: dynalite.client })],
  ["in memory", async () => new MemorySubscriptions()],
])("%s", (_, open) => {
  it("keeps subscriptions with their health and walks, each change by its version", async () => {
    const table = await open();
    expect(await table.putSubscription(made(OTHER))).toBe(true);
    expect(await table.putSubscription(made(ID))).toBe(true);
    expect(await table.putSubscription(made(ID))).toBe(false);
    expect(await table.putSubscription(made(ID, 3))).toBe(false);
    expect(await table.putSubscription(made(ID, 2))).toBe(true);
    await table.noteHealth(ID, { failingSince: 1, slowUntil: 2 });
    await table.noteHealth(ID, { failingSince: null, pausedUntil: 3 });
    const job = { id: "rpl_1", kind: "failed", startedAt: 1, notBefore: 1, steps: ["failed" as const] } as const;
    await table.putJob(ID, { ...job, steps: ["failed"] });
    expect(await table.moveJob(ID, { ...job, id: "rpl_2", steps: [] })).toBe(false);
    expect(await table.moveJob(ID, { ...job, steps: [], isCancelled: true })).toBe(true);
    expect(await table.moveJob(ID, { ...job, steps: ["failed"] })).toBe(false);
    expect((await table.subscription(ID))?.jobs).toEqual([{ ...job, steps: [], isCancelled: true }]);
    await table.putJob(ID, { ...job, steps: [] });
    const known = {
      subscription: made(ID, 2),
      health: { slowUntil: 2, pausedUntil: 3 },
      jobs: [{ ...job, steps: [] }],
    };
    expect(await table.subscription(ID)).toEqual(known);
    expect(await table.subscriptions()).toEqual([known, { subscription: made(OTHER), health: {}, jobs: [] }]);
    expect(await table.deleteSubscription(ID, 9)).toBe(false);
    expect(await table.deleteSubscription(ID, 3)).toBe(true);
    expect(await table.subscription(ID)).toBeUndefined();
    expect(await table.subscriptions()).toHaveLength(1);
    expect(await table.putSubscription(made(ID))).toBe(false);
  });

  it("keeps deliveries by their version, and finds those that wait by their time", async () => {
    const table = await open();
    expect(await table.delivery(ID, "conv_1")).toBeUndefined();
    expect(await table.putDelivery(ID, "conv_1", waiting(1, NOW))).toBe(true);
    expect(await table.putDelivery(ID, "conv_1", waiting(1, NOW))).toBe(false);
    expect(await table.delivery(ID, "conv_1")).toEqual(waiting(1, NOW));
    for (const [log, dueAt] of [
      ["conv_2", NOW - 5],
      ["account:sms", NOW - 5],
      ["account:sms-2", NOW - 5],
      ["conv_3", NOW + 5],
    ] as const)
      await table.putDelivery(ID, log, waiting(1, dueAt));
    await table.putDelivery(OTHER, "conv_1", waiting(1, NOW));
    const logs: string[] = [];
    for (let cursor: string | undefined; ; ) {
      const [row] = await table.due(ID, { until: NOW, limit: 1, cursor });
      if (!row) break;
      logs.push(row.log);
      cursor = row.cursor;
    }
    expect(logs).toEqual(["account:sms", "account:sms-2", "conv_2", "conv_1"]);
    expect(await table.putDelivery(ID, "conv_1", { version: 2, position: 4, replays: [] })).toBe(true);
    expect(await table.due(ID, { until: NOW, limit: 10 })).toHaveLength(3);
    expect(await table.delivery(ID, "conv_1")).toEqual({ version: 2, position: 4, replays: [] });
  });

  it("remembers what was missed until it is taken", async () => {
    const table = await open();
    for (const sequence of [9, 10, 11]) await table.noteMissed(ID, "conv_1", sequence);
    await table.takeMissed(ID, "conv_1", 9);
    const [first] = await table.missed(ID, { limit: 1 });
    expect(first).toMatchObject({ log: "conv_1", sequence: 10 });
    expect(await table.missed(ID, { limit: 5, cursor: first?.cursor })).toMatchObject([{ sequence: 11 }]);
    expect(await table.missed(OTHER, { limit: 5 })).toEqual([]);
  });

  it("gives each place to one at a time", async () => {
    const table = await open();
    expect(await table.takeSlot(ID, 0, "a", 10, 20)).toBe(true);
    expect(await table.takeSlot(ID, 0, "b", 15, 25)).toBe(false);
    expect(await table.takeSlot(ID, 0, "a", 15, 25)).toBe(true);
    await table.freeSlot(ID, 0, "b");
    expect(await table.takeSlot(ID, 0, "b", 16, 25)).toBe(false);
    await table.freeSlot(ID, 0, "a");
    expect(await table.takeSlot(ID, 0, "b", 16, 25)).toBe(true);
    expect(await table.takeSlot(ID, 0, "c", 26, 36)).toBe(true);
  });

  it("lists attempts newest first, of all logs, page by page", async () => {
    const table = await open();
    const attempts = Array.from(
      { length: 25 },
      (_, index): Attempt => ({
        ...{
          at: NOW + index,
          event: `evt_${index}`,
          type: "message.received",
          log: `conv_${index % 7}`,
          sequence: index + 1,
        },
        ...{ outcome: "failed", status: 500, error: "status", durationMs: 3 },
      }),
    );
    for (const attempt of attempts) await table.noteAttempt(ID, attempt);
    const listed: Attempt[] = [];
    for (let cursor: string | undefined, pages = 0; pages < 10; pages++) {
      const page = await table.attempts(ID, { limit: 10, ...(cursor !== undefined && { cursor }) });
      listed.push(...page.attempts);
      cursor = page.nextCursor;
      if (cursor === undefined) break;
    }
    expect(listed).toEqual(attempts.toReversed());
    expect(await table.attempts(OTHER, { limit: 10 })).toEqual({ attempts: [] });
  });
});
