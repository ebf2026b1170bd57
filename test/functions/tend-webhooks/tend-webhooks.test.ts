import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { type Ports, tendWebhooks } from "../../../functions/tend-webhooks/tend-webhooks.ts";
import type { DeliveryRequest } from "../../../shared/domain/mailbox.ts";
import type { Job, JobStep } from "../../../shared/domain/subscription.ts";
import { WorldFault } from "../../../shared/ports.ts";
import { MemorySubscriptions } from "../../fakes/memory-subscriptions.ts";
import { MemoryTable } from "../../fakes/memory-table.ts";
import { PlayedClock } from "../../fakes/world.ts";

const NOW = 1_795_000_000_000;
const DAY = 86_400_000;

async function worldOf(ids: readonly string[] = ["sub_a"]) {
  const table = new MemoryTable();
  const subscriptions = new MemorySubscriptions();
  const clock = new PlayedClock(NOW);
  const rung: { request: DeliveryRequest; id: string }[] = [];
  for (const id of ids) {
    const times = { createdAt: 0, enabledAt: 0 };
    await subscriptions.putSubscription({
      id,
      version: 1,
      url: "",
      filters: [{ from: 0, filter: {} }],
      secrets: [],
      ...times,
    });
  }
  const ports: Ports = {
    table,
    subscriptions,
    bells: { ringDelivery: async (request, id) => void rung.push({ request, id }) },
    accounts: ["whatsapp", "sms"],
    clock,
    remaining: () => 60_000,
  };
  const waits = (id: string, log: string, dueAt: number) =>
    subscriptions.putDelivery(id, log, { version: 1, position: 0, replays: [], dueAt });
  const talks = (conversation: string, lastActivityAt: number) => {
    const about = {
      account: "whatsapp",
      channel: "whatsapp" as const,
      address: "1",
      contact: "con_1",
      status: "open" as const,
    };
    return table.putSummary({ conversation, ...about, lastActivityAt, sequence: 1 });
  };
  const job = (steps: JobStep[], more: Partial<Job> = {}): Job => ({
    ...{ id: "rpl_1", kind: "span", startedAt: NOW, notBefore: NOW, steps },
    ...more,
  });
  return { table, subscriptions, clock, rung, ports, waits, talks, job, tend: () => tendWebhooks(ports) };
}

describe("every minute", () => {
  it("rings for what is due, and for nothing else", async () => {
    const { waits, tend, rung, subscriptions } = await worldOf(["sub_a", "sub_b"]);
    await waits("sub_a", "conv_1", NOW - 1);
    await waits("sub_a", "conv_2", NOW + 1);
    await waits("sub_b", "conv_1", NOW);
    const off = subscriptions.kept.get("sub_b");
    if (off) await subscriptions.putSubscription({ ...off, version: 2, disabled: { at: 0, reason: "asked" } });
    expect(await tend()).toEqual({ due: 1, walked: 0 });
    expect(rung.map(({ request }) => request)).toEqual([{ subscription: "sub_a", log: "conv_1" }]);
  });

  it("rings for fewer where the endpoint fails or is slow, and for no other's the less", async () => {
    const { waits, tend, rung, subscriptions } = await worldOf(["sub_a", "sub_b"]);
    for (let count = 0; count < 600; count++) {
      await waits("sub_a", `conv_${count}`, NOW - count);
      await waits("sub_b", `conv_${count}`, NOW - count);
    }
    await subscriptions.noteHealth("sub_a", { failingSince: NOW - DAY });
    await tend();
    const by = Map.groupBy(rung, ({ request }) => request.subscription);
    expect(by.get("sub_a")).toHaveLength(60);
    expect(by.get("sub_b")).toHaveLength(500);
    // Those that wait longest come first.
    expect(by.get("sub_a")?.[0]?.request.log).toBe("conv_599");
  });
});

describe("a walk", () => {
  it("over logs rings for those of the span, lagging ones included, of conversations, contacts and accounts, then ends", async () => {
    const { table, talks, tend, rung, subscriptions, job } = await worldOf();
    await talks("conv_old", NOW - 2 * DAY);
    await talks("conv_lagging", NOW - DAY - 600_000);
    await talks("conv_new", NOW - 1);
    await table.noteChange("con_old", NOW - 2 * DAY);
    await table.noteChange("con_new", NOW - DAY);
    const span = { since: NOW - DAY, until: NOW };
    await subscriptions.putJob("sub_a", job(["active", "again", "accounts"], span));
    await tend();
    const logs = rung.map(({ request }) => request.log);
    expect(new Set(logs)).toEqual(new Set(["conv_new", "conv_lagging", "con_new", "account:whatsapp", "account:sms"]));
    expect(rung[0]?.request.replay).toEqual({ id: "rpl_1", ...span });
    expect(subscriptions.jobs.get("sub_a span")).toMatchObject({ steps: [], reached: 6, endedAt: NOW });
    rung.length = 0;
    await tend();
    expect(rung).toEqual([]);
  });

  it("that is long goes on where it was, minute by minute, and dies without losing its place", async () => {
    const { talks, rung, subscriptions, job, ports } = await worldOf();
    for (let count = 0; count < 1_200; count++) await talks(`conv_${count}`, NOW - count);
    await subscriptions.putJob("sub_a", job(["active"], { since: NOW - DAY }));
    let calls = 0;
    const faulty: Ports = {
      ...ports,
      bells: {
        async ringDelivery(request, id) {
          if (++calls % 333 === 0) throw new WorldFault("planned");
          await ports.bells.ringDelivery(request, id);
        },
      },
    };
    for (let minute = 0; minute < 20; minute++) await tendWebhooks(faulty).catch(() => {});
    expect(new Set(rung.map(({ request }) => request.log)).size).toBe(1_200);
    // The queue knows those that were rung for twice by their ids.
    expect(new Set(rung.map(({ id }) => id)).size).toBe(1_200);
    expect(subscriptions.jobs.get("sub_a span")?.steps).toEqual([]);
  });

  it("misses no conversation, whichever of them become active meanwhile and however often", async () => {
    const moves = fc.array(fc.array(fc.nat(149), { minLength: 50, maxLength: 100 }), { minLength: 8, maxLength: 8 });
    await fc.assert(
      fc.asyncProperty(moves, async (minutes) => {
        const { talks, tend, rung, subscriptions, job, clock } = await worldOf();
        for (let number = 0; number < 150; number++) await talks(`conv_${number}`, NOW - DAY / 2 - number);
        // So fewer are rung for in a minute.
        await subscriptions.noteHealth("sub_a", { failingSince: NOW - DAY });
        await subscriptions.putJob("sub_a", job(["active", "again"], { since: NOW - DAY, until: NOW }));
        for (const moving of minutes) {
          await tend();
          clock.time += 60_000;
          for (const number of moving) await talks(`conv_${number}`, ++clock.time);
        }
        for (let minute = 0; minute < 20; minute++) await tend();
        expect(new Set(rung.map(({ request }) => request.log)).size).toBe(150);
      }),
      { numRuns: 50 },
    );
  });

  it("ends where it is when it is cancelled or another takes its place, also in the middle of a step", async () => {
    for (const instead of [
      { steps: [], isCancelled: true as const },
      { id: "rpl_2", steps: [] },
    ]) {
      const { talks, rung, subscriptions, job, ports, tend } = await worldOf();
      for (let count = 0; count < 300; count++) await talks(`conv_${count}`, NOW - count);
      await subscriptions.putJob("sub_a", job(["active"], { since: NOW - DAY }));
      const cancelling = async (request: DeliveryRequest, id: string) => {
        rung.push({ request, id });
        if (rung.length === 150) await subscriptions.putJob("sub_a", job([], instead));
      };
      await tendWebhooks({ ...ports, bells: { ringDelivery: cancelling } });
      await tend();
      expect(rung).toHaveLength(200);
      expect(subscriptions.jobs.get("sub_a span")).toEqual(job([], instead));
    }
  });

  it("waits until everybody knows of what began it", async () => {
    const { talks, tend, rung, subscriptions, job, clock } = await worldOf();
    await talks("conv_1", NOW);
    await subscriptions.putJob("sub_a", job(["active"], { kind: "resume", since: 0, notBefore: NOW + 5_000 }));
    await tend();
    expect(rung).toEqual([]);
    clock.time += 60_000;
    await tend();
    expect(rung.map(({ request }) => request)).toEqual([{ subscription: "sub_a", log: "conv_1" }]);
  });

  it("over what failed takes what was given up and what waits, whatever its time", async () => {
    const { waits, tend, rung, subscriptions, job } = await worldOf();
    await waits("sub_a", "conv_1", NOW + DAY);
    await subscriptions.noteMissed("sub_a", "conv_2", 7);
    await subscriptions.putJob("sub_a", job(["failed", "waiting"], { kind: "failed" }));
    await tend();
    expect(rung.map(({ request }) => request)).toEqual([
      { subscription: "sub_a", log: "conv_2", replay: { id: "rpl_1.7", from: 7, to: 7 } },
      { subscription: "sub_a", log: "conv_1", early: NOW },
    ]);
    expect(subscriptions.missing.size).toBe(0);
  });
});
