import { beforeEach, describe, expect, it, vi } from "vitest";
import { type Ports, tendHelpdesk } from "../../../functions/tend-helpdesk/tend-helpdesk.ts";
import type { QueuedDeskItem } from "../../../shared/domain/desk-queue.ts";
import { NEW_STATE } from "../../../shared/domain/desk-state.ts";
import type { Doorbell } from "../../../shared/domain/mailbox.ts";
import type { DeskCapabilities, DeskReconciler } from "../../../shared/helpdesks/helpdesk.ts";
import { type Summary, WorldFault } from "../../../shared/ports.ts";
import { MemoryDeskTickets } from "../../fakes/memory-desk-tickets.ts";
import { MemoryTable } from "../../fakes/memory-table.ts";
import { CAN_ALL } from "../../fakes/played-ticket-desk.ts";
import { PlayedClock } from "../../fakes/world.ts";

const NOW = 1_795_000_000_000;
const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;
const DAY_MS = 24 * HOUR_MS;

/** What it serves unless it is told otherwise. */
const SERVED = ["former", "sms", "whatsapp"];

type Changed = Awaited<ReturnType<NonNullable<DeskReconciler["changed"]>>>;

interface Given {
  accounts?: string[];
  capabilities?: Partial<DeskCapabilities>;
  /** What the desk answers about what has changed, one each time, and nothing has from then on; absent: it has no answer. */
  changes?: Changed[];
  /** Whether it can be asked at all. */
  isAsked?: boolean;
}

function worldOf({ accounts, capabilities = {}, changes, isAsked = changes !== undefined }: Given = {}) {
  const table = new MemoryTable();
  const tickets = new MemoryDeskTickets();
  const clock = new PlayedClock(NOW);
  const rung: Doorbell[] = [];
  const queued: QueuedDeskItem[] = [];
  const questions: number[] = [];
  const secrets = { areStored: true };
  const time = { left: 300_000, perPage: 0 };
  const reconciler: DeskReconciler = {
    heard: () => Promise.reject(new Error("only take-reply listens")),
    ...(changes && {
      changed: async ({ since }) => {
        questions.push(since);
        return changes.shift() ?? { kind: "changed", tickets: [] };
      },
    }),
  };
  const ports: Ports = {
    table: {
      conversations: async (page) => {
        time.left -= time.perPage;
        return table.conversations(page);
      },
    },
    tickets,
    desk: {
      name: "desk",
      accounts: accounts ?? SERVED,
      capabilities: { ...CAN_ALL, window: "none", ...capabilities },
      ...(isAsked && { reconciler }),
    },
    reach: async () => (secrets.areStored ? { name: "desk", settings: {}, secrets: {} } : undefined),
    http: () => Promise.reject(new Error("no request of its own")),
    ring: async (bell) => void rung.push(bell),
    queue: async (item) => void queued.push(item),
    clock,
    remaining: () => time.left,
  };
  return {
    table,
    tickets,
    clock,
    rung,
    queued,
    questions,
    secrets,
    time,
    tend: (changed: Partial<Ports> = {}) => tendHelpdesk({ ...ports, ...changed }),
    progress: () => tickets.progress.get("desk"),
    /** A conversation of this name, as its list shows it. */
    talks: async (name: string, more: Partial<Summary> = {}) => {
      const about = { account: "whatsapp", channel: "whatsapp" as const, address: name, contact: `con_${name}` };
      const rest = { status: "open" as const, lastActivityAt: NOW - HOUR_MS, sequence: 3 };
      await table.putSummary({ conversation: `conv_${name}`, ...about, ...rest, ...more });
    },
    /** Its ticket at the desk. */
    hasTicket: async (name: string, ticket: string) => {
      await tickets.linkTicket("desk", ticket, `conv_${name}`);
      await tickets.putDeskState("desk", `conv_${name}`, { ...NEW_STATE, id: ticket, openedAt: NOW });
    },
  };
}

const lines: string[] = [];
beforeEach(() => {
  lines.length = 0;
  vi.spyOn(console, "warn").mockImplementation((line) => void lines.push(line));
});

describe("a new desk", () => {
  it("is handed over every open conversation that it serves, once, and follows from then on", async () => {
    const { tend, talks, rung, tickets, clock, progress } = worldOf({ accounts: ["whatsapp"] });
    await talks("a", { lastActivityAt: NOW - 400 * DAY_MS, sequence: 7 });
    await talks("b");
    await talks("c", { status: "closed" });
    await talks("d", { account: "sms" });
    expect(await tend()).toEqual({ desk: "desk", handedOver: 2, closing: 0, lookedAt: 0 });
    expect(rung).toEqual([
      { log: "conv_b", sequence: 3 },
      { log: "conv_a", sequence: 7 },
    ]);
    expect(progress()).toMatchObject({ handedOver: "all" });
    clock.time += 5 * MINUTE_MS;
    expect(await tend()).toMatchObject({ handedOver: 0 });
    expect(rung).toHaveLength(2);
    expect(tickets.since.get("desk whatsapp")).toBe(NOW);
  });

  it("that gets another account is handed over its conversations, too", async () => {
    const { tend, talks, rung, tickets } = worldOf({ accounts: ["whatsapp", "sms"] });
    await tickets.putDeskProgress("desk", { handedOver: "all", served: ["whatsapp"] });
    await talks("a", { account: "sms" });
    expect(await tend()).toMatchObject({ handedOver: 1 });
    expect(rung).toHaveLength(1);
    expect(tickets.since.get("desk sms")).toBe(NOW);
    expect(await tend()).toMatchObject({ handedOver: 0 });
  });

  it("of all accounts is handed over those of all", async () => {
    const { tend, talks, rung } = worldOf();
    await talks("a");
    await talks("b", { account: "sms" });
    await tend();
    expect(rung).toHaveLength(2);
  });

  it("is handed them over page by page, and the next run goes on where this one's time was over", async () => {
    const { tend, talks, rung, time, progress } = worldOf();
    for (let n = 0; n < 250; n++) await talks(String(n).padStart(3, "0"), { lastActivityAt: NOW - n * MINUTE_MS });
    time.left = 50_000;
    time.perPage = 20_000;
    expect(await tend()).toMatchObject({ handedOver: 200 });
    expect(progress()?.handedOver).toMatchObject({ cursor: expect.stringContaining("#conv_199") });
    time.left = 300_000;
    expect(await tend()).toMatchObject({ handedOver: 50 });
    const logs = rung.map(({ log }) => log);
    expect(new Set(logs).size).toBe(250);
    expect(logs).toHaveLength(250);
    expect(progress()?.handedOver).toBe("all");
  });

  it("whose run fails in the middle of a page gets that page again, and none is left out", async () => {
    const { tend, talks, rung, progress } = worldOf();
    for (const name of ["a", "b", "c"]) await talks(name);
    let calls = 0;
    const failing = async (bell: Doorbell) => {
      if (++calls === 2) throw new WorldFault("sqs");
      rung.push(bell);
    };
    await expect(tend({ ring: failing })).rejects.toThrow(WorldFault);
    expect(progress()).toBeUndefined();
    await tend();
    expect(new Set(rung.map(({ log }) => log)).size).toBe(3);
  });
});

describe("the end of free replies", () => {
  const noted = async (given: Given) => {
    const made = worldOf(given);
    await made.tickets.putDeskProgress("desk", { handedOver: "all" });
    await made.tickets.putClosing("desk", "conv_a", NOW - 10 * MINUTE_MS);
    await made.tickets.putClosing("desk", "conv_soon", NOW + 30 * MINUTE_MS);
    await made.tickets.putClosing("other", "conv_b", NOW - 10 * MINUTE_MS);
    return made;
  };

  it("is rung for where it was noted down, once", async () => {
    const { tend, rung, clock } = await noted({ capabilities: { window: "note" } });
    expect(await tend()).toMatchObject({ closing: 1 });
    expect(rung).toEqual([{ log: "conv_a", sequence: 1, closing: true }]);
    await tend();
    expect(rung).toHaveLength(1);
    clock.time += 40 * MINUTE_MS;
    await tend();
    expect(rung.at(-1)).toMatchObject({ log: "conv_soon" });
  });

  it.each(["native", "none"] as const)(
    "is not rung for where the desk shows it itself, or not at all: %s",
    async (window) => {
      const { tend, rung } = await noted({ capabilities: { window } });
      expect(await tend()).toMatchObject({ closing: 0 });
      expect(rung).toEqual([]);
    },
  );

  it("is rung for no earlier than in the slot behind its own, which may still get others, and for an hour", async () => {
    const { tend, tickets, rung, clock } = worldOf({ capabilities: { window: "note" } });
    const asked = vi.spyOn(tickets, "closings");
    await tickets.putDeskProgress("desk", { handedOver: "all" });
    await tickets.putClosing("desk", "conv_a", NOW);
    await tend();
    expect(rung).toEqual([]);
    expect(asked).toHaveBeenCalledTimes(12);
    await tickets.putClosing("desk", "conv_b", NOW);
    clock.time += 5 * MINUTE_MS;
    await tend();
    expect(rung.map(({ log }) => log)).toEqual(["conv_a", "conv_b"]);
  });

  it("leaves nobody out, however the runs lie, and fails without leaving anybody out", async () => {
    const { tend, tickets, rung, clock } = worldOf({ capabilities: { window: "note" } });
    await tickets.putDeskProgress("desk", { handedOver: "all" });
    for (let n = 0; n < 60; n++) await tickets.putClosing("desk", `conv_${n}`, NOW + n * MINUTE_MS);
    for (const minutes of [3, 4, 20, 1, 30, 12]) {
      clock.time += minutes * MINUTE_MS;
      const failing = async () => Promise.reject(new WorldFault("planned"));
      await tend({ ring: failing }).catch(() => {});
      await tend();
    }
    expect(new Set(rung.map(({ log }) => log)).size).toBe(60);
  });
});

describe("what a desk did not tell", () => {
  const looks = (queued: readonly QueuedDeskItem[]) =>
    queued.map(({ body }): { type: string; ticket: string } => JSON.parse(body).happening);

  it("is looked for in the tickets that changed since the last time, and are ours", async () => {
    const { tend, hasTicket, queued, questions, clock } = worldOf({
      changes: [
        { kind: "changed", tickets: ["t1", "foreign", "t1", "t2"] },
        { kind: "changed", tickets: [] },
      ],
    });
    await hasTicket("a", "t1");
    await hasTicket("b", "t2");
    expect(await tend()).toMatchObject({ lookedAt: 2 });
    expect(looks(queued)).toMatchObject([
      { type: "look", ticket: "t1" },
      { type: "look", ticket: "t2" },
    ]);
    expect(queued.map(({ body }) => JSON.parse(body))).toMatchObject([
      { desk: "desk", receivedAt: NOW },
      { desk: "desk", receivedAt: NOW },
    ]);
    clock.time += 5 * MINUTE_MS;
    await tend();
    // A list of what has changed may lag behind: the spans overlap.
    expect(questions).toEqual([NOW - 2 * MINUTE_MS, NOW - 2 * MINUTE_MS]);
  });

  it("is looked for in the same ticket again when it changed again: the queue takes it for another one", async () => {
    const changes: Changed[] = [1, 2].map(() => ({ kind: "changed", tickets: ["t1"] }));
    const { tend, hasTicket, queued, clock } = worldOf({ changes });
    await hasTicket("a", "t1");
    await tend();
    clock.time += 5 * MINUTE_MS;
    await tend();
    expect(new Set(queued.map(({ deduplicationId }) => deduplicationId)).size).toBe(2);
    expect(new Set(queued.map(({ group }) => group)).size).toBe(1);
  });

  it("is asked for a day back at most, after a long pause", async () => {
    const { tend, tickets, questions } = worldOf({ changes: [] });
    await tickets.putDeskProgress("desk", { handedOver: "all", askedUntil: NOW - 9 * DAY_MS });
    await tend();
    expect(questions).toEqual([NOW - DAY_MS]);
  });

  it.each<Changed>([
    { kind: "unavailable", detail: "HTTP 503" },
    { kind: "throttled", retryAfterSeconds: 30, detail: "HTTP 429" },
  ])("is asked for from the same time on when the desk is $kind", async (answer) => {
    const { tend, hasTicket, questions, queued, clock, tickets } = worldOf({
      changes: [answer, { kind: "changed", tickets: ["t1"] }],
    });
    await hasTicket("a", "t1");
    await tickets.putDeskProgress("desk", { handedOver: "all", askedUntil: NOW - 5 * MINUTE_MS });
    expect(await tend()).toMatchObject({ lookedAt: 0 });
    expect([queued, lines.map((line) => JSON.parse(line))]).toMatchObject([
      [],
      [{ code: "desk_not_asked", desk: "desk", outcome: answer.kind }],
    ]);
    clock.time += 5 * MINUTE_MS;
    expect(await tend()).toMatchObject({ lookedAt: 1 });
    expect(questions).toEqual([NOW - 7 * MINUTE_MS, NOW - 7 * MINUTE_MS]);
  });

  it("is asked for from the same time on when the queue did not take it", async () => {
    const changes: Changed[] = [1, 2].map(() => ({ kind: "changed", tickets: ["t1"] }));
    const { tend, hasTicket, progress, queued } = worldOf({ changes });
    await hasTicket("a", "t1");
    await expect(tend({ queue: () => Promise.reject(new WorldFault("sqs")) })).rejects.toThrow(WorldFault);
    expect(progress()).toEqual({ handedOver: "all", served: SERVED });
    await tend();
    expect(queued).toHaveLength(1);
  });

  it("is asked for from the same time on when the desk had more to tell than it would", async () => {
    const cut = { kind: "changed", tickets: ["t1"], isCut: true } as const;
    const changes: Changed[] = [
      { ...cut, tickets: ["t1"] },
      { ...cut, tickets: [], reached: NOW - 4 * MINUTE_MS },
    ];
    const { tend, hasTicket, questions, queued, clock, tickets } = worldOf({ changes });
    await hasTicket("a", "t1");
    await tickets.putDeskProgress("desk", { handedOver: "all", served: SERVED, askedUntil: NOW - 5 * MINUTE_MS });
    for (let run = 0; run < 3; run++) {
      await tend();
      clock.time += 5 * MINUTE_MS;
    }
    // The last one from where the desk has got to.
    expect(questions).toEqual([NOW - 7 * MINUTE_MS, NOW - 7 * MINUTE_MS, NOW - 6 * MINUTE_MS]);
    expect(queued).toHaveLength(1);
  });

  it("is looked for in a ticket that becomes known to be ours a little later", async () => {
    const { tend, hasTicket, queued, clock } = worldOf({ changes: [{ kind: "changed", tickets: ["t1", "foreign"] }] });
    await tend();
    expect(queued).toEqual([]);
    await hasTicket("a", "t1");
    clock.time += 5 * MINUTE_MS;
    await tend();
    expect(looks(queued)).toMatchObject([{ type: "look", ticket: "t1" }]);
  });

  it("is not looked for any more in a ticket that has not become known in twenty minutes", async () => {
    const { tend, progress, clock } = worldOf({ changes: [{ kind: "changed", tickets: ["foreign"] }] });
    await tend();
    clock.time += 19 * MINUTE_MS;
    await tend();
    expect(progress()?.unlinked).toEqual([{ ticket: "foreign", at: NOW }]);
    clock.time += MINUTE_MS;
    await tend();
    expect(progress()?.unlinked).toEqual([]);
  });

  it("keeps how far conversations were handed over, and the other way round", async () => {
    const { tend, progress } = worldOf({ changes: [] });
    await tend();
    expect(progress()).toEqual({ handedOver: "all", served: SERVED, askedUntil: NOW, unlinked: [] });
  });

  it("is looked for in the tickets of the last day where the desk cannot be asked what has changed", async () => {
    const { tend, talks, hasTicket, queued } = worldOf({ isAsked: true, accounts: ["whatsapp"] });
    await talks("a");
    await hasTicket("a", "t1");
    // Solved, but an agent may have answered last.
    await talks("b", { status: "closed" });
    await hasTicket("b", "t2");
    await talks("old", { lastActivityAt: NOW - 25 * HOUR_MS });
    await hasTicket("old", "t3");
    await talks("foreign", { account: "sms" });
    await hasTicket("foreign", "t4");
    await talks("none");
    expect(await tend()).toMatchObject({ lookedAt: 2 });
    expect(new Set(looks(queued).map(({ ticket }) => ticket))).toEqual(new Set(["t1", "t2"]));
  });

  it("is not asked for without secrets, nor where the desk cannot be asked", async () => {
    const without = worldOf({ changes: [{ kind: "changed", tickets: ["t1"] }] });
    without.secrets.areStored = false;
    const deaf = worldOf({ isAsked: false });
    for (const { tend, hasTicket, questions, queued, progress } of [without, deaf]) {
      await hasTicket("a", "t1");
      expect(await tend()).toMatchObject({ lookedAt: 0 });
      expect([questions, queued, progress()?.askedUntil]).toEqual([[], [], undefined]);
    }
    without.secrets.areStored = true;
    expect(await without.tend()).toMatchObject({ lookedAt: 1 });
  });
});
