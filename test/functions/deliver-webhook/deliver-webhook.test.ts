import fc from "fast-check";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { RETRY_SECONDS } from "../../../shared/domain/subscription.ts";
import { signingKeys } from "../../../shared/domain/webhook-secret.ts";
import { FAULTS, Faults } from "../../fakes/faults.ts";
import { seeded } from "../../fakes/pump.ts";
import { type Endpoint, HOUR, ID_SECRET, MINUTE, START, webhookWorld } from "../../fakes/webhook-world.ts";

const LOG = "conv_AAAAAAAAAAAAAAAAAAAAAA";
const OTHER = "conv_BBBBBBBBBBBBBBBBBBBBBB";
const DAY = 24 * HOUR;
const down: Endpoint = () => ({ status: 500, error: "status" });

beforeEach(() => {
  for (const level of ["warn", "error"] as const) vi.spyOn(console, level).mockImplementation(() => {});
});
afterEach(() => vi.restoreAllMocks());

describe("an event", () => {
  it("goes to every subscription that wants it, and is on record there", async () => {
    const world = webhookWorld();
    await world.subscribe("sub_a");
    await world.subscribe("sub_b", { types: ["message.received"], match: "olá" });
    await world.subscribe("sub_c", { types: ["media.*"] });
    world.write(LOG, "Olá!");
    world.write(LOG, "Tudo bem?");
    world.write(LOG, "", { type: "message.read" });
    await world.pass(MINUTE);
    expect(world.got("sub_a")).toEqual([1, 2, 3]);
    expect(world.got("sub_b")).toEqual([1]);
    expect(world.got("sub_c")).toEqual([]);
    expect(world.attempts("sub_a").map(({ sequence, outcome, status }) => [sequence, outcome, status])).toEqual([
      [1, "delivered", 204],
      [2, "delivered", 204],
      [3, "delivered", 204],
    ]);
  });

  it("belongs to the account of its conversation, whoever stood in to carry it", async () => {
    const world = webhookWorld();
    await world.subscribe("sub_a", { accounts: ["whatsapp"] });
    await world.subscribe("sub_b", { accounts: ["stand-in"] });
    world.write(LOG, "Olá!");
    world.write(LOG, "", { type: "message.sent", account: "stand-in" });
    world.write(LOG, "", { type: "message.delivered", account: "stand-in", ring: false });
    world.write("account:stand-in", "", { type: "account.alert", account: "stand-in" });
    await world.pass(MINUTE);
    expect(world.got("sub_a")).toEqual([1, 2, 3]);
    const others = world.arrived.filter(({ subscription }) => subscription === "sub_b");
    expect(others.map(({ event }) => event.type)).toEqual(["account.alert"]);
  });

  it("from before the subscription is not delivered, however long the log was", async () => {
    const world = webhookWorld();
    for (let count = 0; count < 200; count++) world.write(LOG, "old");
    await world.pass(MINUTE);
    await world.subscribe("sub_a");
    world.write(LOG, "new");
    await world.pass(MINUTE);
    expect(world.got("sub_a")).toEqual([201]);
  });

  it("whose bell was lost or doubled comes once and in its order with the next", async () => {
    const world = webhookWorld();
    await world.subscribe("sub_a");
    world.write(LOG, "1", { ring: false });
    world.write(LOG, "2", { ring: false });
    world.write(LOG, "3");
    world.queue.push({ body: { log: LOG, sequence: 1 }, group: LOG, visibleAt: 0, received: 0 });
    await world.pass(MINUTE);
    expect(world.got("sub_a")).toEqual([1, 2, 3]);
  });

  it("is judged by the filter that held when it was recorded", async () => {
    const world = webhookWorld();
    await world.subscribe("sub_a", { match: "sim" }, () =>
      world.clock.time < START + HOUR ? down({} as never, 0) : undefined,
    );
    world.write(LOG, "sim");
    world.write(LOG, "não");
    await world.pass(MINUTE);
    await world.change("sub_a", ({ filters }) => ({
      filters: [...filters, { from: world.clock.time, filter: { match: "não" } }],
    }));
    world.write(LOG, "sim");
    world.write(LOG, "não");
    world.endpoints.delete("sub_a");
    await world.pass(HOUR);
    expect([...new Set(world.got("sub_a"))]).toEqual([1, 4]);
  });
});

describe("a deployment without any subscription", () => {
  it("pays one small read in a while for all of its events, and sends nothing", async () => {
    const world = webhookWorld();
    for (let count = 0; count < 100; count++) world.write(LOG, "1");
    const entries = vi.spyOn(world.table, "entry");
    await world.pass(0);
    expect(world.queue).toEqual([]);
    expect(world.subscriptions.reads).toBe(1);
    expect(entries).not.toHaveBeenCalled();
  });
});

describe("an endpoint that fails", () => {
  it("is tried ten times over 75.6 hours, then switched off, and told of in the account's log", async () => {
    const world = webhookWorld();
    await world.subscribe("sub_a", {}, down);
    world.write(LOG, "1");
    world.write(LOG, "2");
    await world.pass(5 * DAY);
    const times = world.arrived.map(({ at }) => at);
    expect(world.got("sub_a")).toEqual(Array(10).fill(1));
    const waits = times.slice(1).map((at, index) => (at - (times[index] ?? 0)) / 1000);
    for (const [index, seconds] of RETRY_SECONDS.entries()) {
      expect(waits[index]).toBeGreaterThanOrEqual(seconds);
      // Jitter, and the minute of the schedule.
      expect(waits[index]).toBeLessThanOrEqual(seconds * 1.2 + 61);
    }
    expect(world.subscriptions.kept.get("sub_a")?.disabled?.reason).toBe("failing");
    expect(world.mailbox.waiting).toMatchObject([
      { log: "account:whatsapp", type: "account.alert", data: { code: "webhook_disabled" } },
    ]);
    expect(world.attempts("sub_a")).toHaveLength(10);
    expect(world.queue).toEqual([]);
  });

  it("keeps nothing in the queue while it waits", async () => {
    const world = webhookWorld();
    await world.subscribe("sub_a", {}, down);
    for (let count = 0; count < 20; count++) world.write(`conv_${count}`, "1");
    await world.pass(MINUTE);
    expect(world.queue).toEqual([]);
    expect(await world.subscriptions.due("sub_a", { until: START + DAY, limit: 100 })).toHaveLength(20);
  });

  it("goes on where it stopped when it is switched on again, new conversations included", async () => {
    const world = webhookWorld();
    await world.subscribe("sub_a", {}, down);
    world.write(LOG, "1");
    await world.pass(4 * DAY);
    const before = world.arrived.length;
    world.write(LOG, "2");
    world.write(OTHER, "1");
    await world.pass(MINUTE);
    expect(world.arrived).toHaveLength(before);
    world.endpoints.delete("sub_a");
    const { time } = world.clock;
    const job = { id: "rpl_1", kind: "resume", startedAt: time, notBefore: time, since: time - DAY } as const;
    await world.subscriptions.putJob("sub_a", { ...job, steps: ["waiting", "active", "again", "accounts"] });
    await world.change("sub_a", () => ({ disabled: undefined, enabledAt: time }));
    await world.pass(2 * MINUTE);
    expect(
      world.arrived
        .slice(before)
        .map(({ event }) => `${event.subject} ${Number(event.sequence)}`)
        .sort(),
    ).toEqual([`${LOG} 1`, `${LOG} 2`, `${OTHER} 1`]);
  });

  it("is tried anew over the whole schedule when it is switched on too early", async () => {
    const world = webhookWorld();
    await world.subscribe("sub_a", {}, down);
    world.write(LOG, "1");
    await world.pass(4 * DAY);
    const { time } = world.clock;
    const job = { id: "rpl_1", kind: "resume", startedAt: time, notBefore: time, since: time - DAY } as const;
    await world.subscriptions.putJob("sub_a", { ...job, steps: ["waiting", "active", "again", "accounts"] });
    await world.change("sub_a", () => ({ disabled: undefined, enabledAt: time }));
    await world.pass(3 * DAY);
    expect(world.subscriptions.kept.get("sub_a")?.disabled).toBeUndefined();
    await world.pass(DAY);
    expect(world.got("sub_a")).toEqual(Array(20).fill(1));
    expect(new Set(world.mailbox.waiting.map(({ key }) => key)).size).toBe(2);
  });

  it("is tried once more when somebody asks for it, which uses up none of its tries", async () => {
    const world = webhookWorld();
    await world.subscribe("sub_a", {}, down);
    world.write(LOG, "1");
    await world.pass(HOUR);
    for (let asked = 0; asked < 3; asked++) {
      const times = { startedAt: world.clock.time, notBefore: world.clock.time };
      await world.subscriptions.putJob("sub_a", {
        id: `rpl_${asked}`,
        kind: "failed",
        ...times,
        steps: ["failed", "waiting"],
      });
      await world.pass(5 * MINUTE);
    }
    await world.pass(5 * DAY);
    expect(world.got("sub_a")).toEqual(Array(13).fill(1));
  });

  it("is back: what waits for hours comes within minutes, in order", async () => {
    const world = webhookWorld();
    await world.subscribe("sub_a", {}, down);
    for (const text of ["1", "2", "3"]) world.write(LOG, text);
    await world.pass(9 * HOUR);
    world.endpoints.delete("sub_a");
    const before = world.arrived.length;
    world.write(OTHER, "1");
    await world.pass(3 * MINUTE);
    expect(world.got("sub_a", LOG).slice(-3)).toEqual([1, 2, 3]);
    expect(world.arrived).toHaveLength(before + 4);
  });

  it("with 410 is switched off at once", async () => {
    const world = webhookWorld();
    await world.subscribe("sub_a", {}, () => ({ status: 410, error: "status" }));
    world.write(LOG, "1");
    await world.pass(DAY);
    expect(world.subscriptions.kept.get("sub_a")?.disabled?.reason).toBe("gone");
    expect(world.got("sub_a")).toEqual([1]);
    expect(world.mailbox.waiting).toHaveLength(1);
  });

  it.each([429, 503])("with %i and Retry-After is left alone so long, by all of its conversations", async (status) => {
    const world = webhookWorld();
    await world.subscribe("sub_a", {}, (_, count) =>
      count === 1 ? { status, error: "status", retryAfterMs: 20 * MINUTE } : undefined,
    );
    world.write(LOG, "1");
    await world.pass(MINUTE);
    world.write(OTHER, "1");
    await world.pass(18 * MINUTE);
    expect(world.arrived).toHaveLength(1);
    await world.pass(5 * MINUTE);
    expect(world.arrived).toHaveLength(3);
    expect(world.arrived[1]?.at).toBeGreaterThanOrEqual(START + 20 * MINUTE);
  });

  it("that asks to be left alone for ever is left alone for a day", async () => {
    const world = webhookWorld();
    await world.subscribe("sub_a", {}, (_, count) =>
      count === 1 ? { status: 503, error: "status", retryAfterMs: 999_999_999_999_000 } : undefined,
    );
    world.write(LOG, "1");
    await world.pass(DAY - MINUTE);
    expect(world.got("sub_a")).toEqual([1]);
    await world.pass(5 * MINUTE);
    expect(world.got("sub_a")).toEqual([1, 1]);
  });

  it("holds up neither its other conversations nor other subscribers", async () => {
    const world = webhookWorld();
    await world.subscribe("sub_a", {}, ({ event }) => (event.subject === LOG ? { error: "timeout" } : undefined));
    await world.subscribe("sub_b");
    for (const log of [LOG, OTHER, LOG, OTHER]) world.write(log, "1");
    await world.pass(MINUTE);
    expect(world.got("sub_a", OTHER)).toEqual([1, 2]);
    expect(world.got("sub_b", LOG)).toEqual([1, 2]);
    expect(world.got("sub_a", LOG)).toEqual([1, 1]);
  });

  it("on one event alone is given up on that one after the whole schedule, and can have it replayed", async () => {
    const world = webhookWorld();
    await world.subscribe("sub_a", {}, ({ event }) =>
      event.sequence.endsWith("02") && event.subject === LOG ? { status: 500, error: "status" } : undefined,
    );
    for (const text of ["1", "2", "3"]) world.write(LOG, text);
    for (let day = 0; day < 5; day++) {
      world.write(OTHER, "1");
      await world.pass(DAY);
    }
    expect([...new Set(world.got("sub_a", LOG))]).toEqual([1, 2, 3]);
    expect(world.subscriptions.kept.get("sub_a")?.disabled).toBeUndefined();
    expect(world.mailbox.waiting).toMatchObject([{ data: { code: "webhook_missed" } }]);
    world.endpoints.delete("sub_a");
    const before = world.arrived.length;
    const times = { startedAt: world.clock.time, notBefore: world.clock.time };
    await world.subscriptions.putJob("sub_a", { id: "rpl_1", kind: "failed", ...times, steps: ["failed", "waiting"] });
    await world.pass(2 * MINUTE);
    expect(world.arrived.slice(before).map(({ event, headers }) => [Number(event.sequence), headers])).toEqual([
      [2, { "recado-replay": "rpl_1.2" }],
    ]);
    expect(world.subscriptions.missing.size).toBe(0);
  });

  it("slowly gets a few requests at once, and the rest when there is room", async () => {
    const world = webhookWorld();
    await world.subscribe("sub_a");
    await world.subscriptions.noteHealth("sub_a", { slowUntil: START + HOUR });
    for (let slot = 0; slot < 10; slot++)
      await world.subscriptions.takeSlot("sub_a", slot, "another", START, START + 90_000);
    world.write(LOG, "1");
    await world.pass(MINUTE - 1);
    expect(world.arrived).toEqual([]);
    expect(world.queue).toEqual([]);
    await world.pass(3 * MINUTE);
    expect(world.got("sub_a")).toEqual([1]);
    expect([...world.subscriptions.slots.values()].filter(({ holder }) => holder !== "another")).toEqual([]);
  });
});

describe("a replay", () => {
  const replayed = (world: ReturnType<typeof webhookWorld>, from: number) =>
    world.arrived.slice(from).map(({ event, headers }) => [Number(event.sequence), headers["recado-replay"]]);

  it("of a conversation from a number on comes before what is new, once", async () => {
    const world = webhookWorld();
    await world.subscribe("sub_a");
    for (const text of ["1", "2", "3"]) world.write(LOG, text);
    await world.pass(MINUTE);
    const request = { subscription: "sub_a", log: LOG, replay: { id: "rpl_1", from: 2 } };
    await world.bells.ringDelivery(request, "one");
    await world.bells.ringDelivery(request, "two");
    world.write(LOG, "4");
    await world.pass(MINUTE);
    expect(replayed(world, 3)).toEqual([
      [2, "rpl_1"],
      [3, "rpl_1"],
      [4, undefined],
    ]);
  });

  it("of a span of time takes in every conversation, and nothing outside of it", async () => {
    const world = webhookWorld();
    world.write(LOG, "before");
    await world.pass(HOUR);
    const since = world.clock.time;
    world.write(LOG, "in");
    world.write(OTHER, "in");
    await world.pass(HOUR);
    const until = world.clock.time - 1;
    world.write(LOG, "behind");
    await world.pass(MINUTE);
    await world.subscribe("sub_a");
    const job = { id: "rpl_1", kind: "span", startedAt: world.clock.time, notBefore: 0, since, until } as const;
    await world.subscriptions.putJob("sub_a", { ...job, steps: ["active", "again", "accounts"] });
    await world.pass(2 * MINUTE);
    expect(world.arrived.map(({ event }) => `${event.subject} ${Number(event.sequence)}`).sort()).toEqual([
      `${LOG} 2`,
      `${OTHER} 1`,
    ]);
  });

  it("that fails is tried like anything else and not begun anew", async () => {
    const world = webhookWorld();
    await world.subscribe("sub_a");
    for (const text of ["1", "2", "3"]) world.write(LOG, text);
    await world.pass(MINUTE);
    world.endpoints.set("sub_a", (_, count) => (count < 8 ? down({} as never, 0) : undefined));
    await world.bells.ringDelivery({ subscription: "sub_a", log: LOG, replay: { id: "rpl_1", from: 1 } }, "one");
    await world.pass(DAY);
    expect(world.got("sub_a").slice(3)).toEqual([1, 1, 1, 1, 1, 2, 3]);
  });

  it("that is asked for in the very moment in which the subscription is switched on again comes, too", async () => {
    const world = webhookWorld();
    await world.subscribe("sub_a");
    world.write(LOG, "1");
    await world.pass(1_000);
    const disabled = { at: world.clock.time, reason: "asked" } as const;
    await world.change("sub_a", () => ({ disabled }));
    await world.pass(2_000);
    // Whoever delivers has just looked, and seen it switched off.
    world.write(LOG, "2");
    await world.pass(0);
    await world.change("sub_a", () => ({ disabled: undefined, enabledAt: world.clock.time }));
    await world.bells.ringDelivery({ subscription: "sub_a", log: LOG, replay: { id: "rpl_1", from: 1 } }, "one");
    await world.pass(1_000);
    expect(replayed(world, 1)).toEqual([
      [1, "rpl_1"],
      [2, undefined],
    ]);
  });
});

describe("a replay that is cancelled", () => {
  const cancel = (world: ReturnType<typeof webhookWorld>) => {
    const times = { startedAt: world.clock.time, notBefore: world.clock.time };
    return world.subscriptions.putJob("sub_a", { id: "rpl_1", kind: "span", ...times, steps: [], isCancelled: true });
  };
  const replay = (world: ReturnType<typeof webhookWorld>) =>
    world.bells.ringDelivery({ subscription: "sub_a", log: LOG, replay: { id: "rpl_1", from: 1 } }, "one");

  it("stands in the way of what is new no longer, however far it had come", async () => {
    const world = webhookWorld();
    await world.subscribe("sub_a");
    for (const text of ["1", "2", "3"]) world.write(LOG, text);
    await world.pass(MINUTE);
    world.endpoints.set("sub_a", ({ event }, count) =>
      count > 3 && event.sequence.endsWith("2") ? down({} as never, 0) : undefined,
    );
    await replay(world);
    await world.pass(MINUTE);
    expect(world.got("sub_a")).toEqual([1, 2, 3, 1, 2, 2]);
    await cancel(world);
    await world.pass(MINUTE);
    world.write(LOG, "4");
    await world.pass(DAY);
    expect(world.got("sub_a").slice(6)).toEqual([4]);
  });

  it("does not come back with the next one of its kind", async () => {
    const world = webhookWorld();
    await world.subscribe("sub_a");
    for (const text of ["1", "2", "3"]) world.write(LOG, text);
    await world.pass(MINUTE);
    world.endpoints.set("sub_a", (_, count) => (count > 3 ? down({} as never, 0) : undefined));
    await replay(world);
    await world.pass(MINUTE);
    const tried = world.got("sub_a").length;
    await cancel(world);
    world.endpoints.delete("sub_a");
    const times = { startedAt: world.clock.time, notBefore: world.clock.time, since: world.clock.time };
    const next = { id: "rpl_2", kind: "span", ...times } as const;
    await world.subscriptions.putJob("sub_a", { ...next, steps: [], cancelled: ["rpl_1"] });
    await world.pass(DAY);
    expect(world.got("sub_a").slice(tried)).toEqual([]);
  });

  it("is not begun where it was rung for before", async () => {
    const world = webhookWorld();
    await world.subscribe("sub_a");
    world.write(LOG, "1");
    await world.pass(MINUTE);
    await cancel(world);
    await replay(world);
    world.write(LOG, "2");
    await world.pass(DAY);
    expect(world.got("sub_a")).toEqual([1, 2]);
  });
});

describe("a signature", () => {
  it("is made with every secret that has not expired, the newest first", () => {
    const seeds = [
      { salt: "b2xk", createdAt: 0, expiresAt: 1_000 },
      { salt: "bmV3", createdAt: 500 },
    ];
    const subscription = { id: "sub_a", secrets: seeds };
    const both = signingKeys(ID_SECRET, subscription, 999);
    expect(both).toHaveLength(2);
    expect(signingKeys(ID_SECRET, subscription, 1_000)).toEqual(both.slice(0, 1));
    expect(
      new Set([
        ...both,
        ...signingKeys("another", subscription, 0),
        ...signingKeys(ID_SECRET, { ...subscription, id: "sub_b" }, 0),
      ]).size,
    ).toBe(6);
  });

  it("is of the secrets of the moment", async () => {
    const world = webhookWorld();
    await world.subscribe("sub_a");
    world.write(LOG, "1");
    await world.pass(MINUTE);
    await world.change("sub_a", ({ secrets }) => ({
      secrets: [
        ...secrets.map((one) => ({ ...one, expiresAt: world.clock.time + DAY })),
        { salt: "BBBB", createdAt: 1 },
      ],
    }));
    world.write(LOG, "2");
    await world.pass(2 * DAY);
    world.write(LOG, "3");
    await world.pass(MINUTE);
    const [first, both, last] = world.arrived.map(({ keys }) => keys);
    expect(both).toEqual([...(last ?? []), ...(first ?? [])]);
  });
});

describe("an invocation that dies, or is failed by AWS, at any call", () => {
  async function scenario(faults?: () => Faults) {
    const world = webhookWorld(faults ? { faults } : {});
    await world.subscribe("sub_a", {}, (_, count) => (count === 2 ? { status: 500, error: "status" } : undefined));
    for (const text of ["1", "2", "3"]) world.write(LOG, text);
    world.write(OTHER, "1");
    await world.pass(HOUR);
    return world;
  }

  it("loses nothing and keeps the order", async () => {
    const counted: Faults[] = [];
    await scenario(() => {
      const faults = new Faults();
      counted.push(faults);
      return faults;
    });
    for (const [invocation, { calls }] of counted.entries()) {
      for (let call = 1; call <= calls; call++) {
        for (const fault of FAULTS) {
          let at = 0;
          const world = await scenario(() => new Faults(at++ === invocation ? new Map([[call, fault]]) : new Map()));
          const told = `${fault} at call ${call} of invocation ${invocation}`;
          expect([...new Set(world.got("sub_a", LOG))], told).toEqual([1, 2, 3]);
          expect([...new Set(world.got("sub_a", OTHER))], told).toEqual([1]);
          expect(world.queue, told).toEqual([]);
        }
      }
    }
  });

  it("switches off and tells once", async () => {
    for (let call = 1; call < 30; call++) {
      for (const fault of FAULTS) {
        let at = 0;
        const world = webhookWorld({ faults: () => new Faults(at++ === 1 ? new Map([[call, fault]]) : new Map()) });
        await world.subscribe("sub_a", {}, () => ({ status: 410, error: "status" }));
        world.write(LOG, "1");
        await world.pass(HOUR);
        const told = `${fault} at call ${call}`;
        expect(world.subscriptions.kept.get("sub_a")?.disabled?.reason, told).toBe("gone");
        expect(new Set(world.mailbox.waiting.map(({ key }) => key)).size, told).toBe(1);
      }
    }
  });
});

describe("over many events, with the endpoint down in the middle", () => {
  const EVENTS = Number(process.env.RECADO_TEST_RUNS ?? 0) > 1_000 ? 10_000 : 1_000;

  it("what it has taken is the log: nothing is missing, and every conversation is in order", async () => {
    await fc.assert(
      fc.asyncProperty(fc.nat(), async (seed) => {
        const random = seeded(seed);
        const world = webhookWorld();
        const taken: { log: string; sequence: number }[] = [];
        let isDown = false;
        await world.subscribe("sub_a", {}, ({ event }) => {
          if (isDown || random() < 0.02) return random() < 0.5 ? down({} as never, 0) : { error: "timeout" };
          taken.push({ log: event.subject, sequence: Number(event.sequence) });
          // Taken, and the answer was lost.
          return random() < 0.01 ? { error: "connection_reset" } : undefined;
        });
        for (let event = 0; event < EVENTS; event++) {
          isDown = event > EVENTS * 0.3 && event < EVENTS * 0.6;
          world.write(`conv_${Math.floor(random() * 40)}`, "1", { ring: random() < 0.9 });
          if (random() < 0.2) await world.pass(Math.floor(random() * 2 * MINUTE));
        }
        for (const log of world.table.logs.keys()) world.write(log, "last");
        await world.pass(2 * DAY);
        for (const [log, entries] of world.table.logs) {
          const own = taken.filter((one) => one.log === log).map(({ sequence }) => sequence);
          expect([...new Set(own)]).toEqual(entries.map(({ sequence }) => sequence));
        }
        expect(world.queue).toEqual([]);
      }),
      { numRuns: 3 },
    );
  });
});
