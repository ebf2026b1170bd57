import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import type { Ports } from "../../../functions/post-to-helpdesk/ports.ts";
import { postToHelpdesk } from "../../../functions/post-to-helpdesk/post-to-helpdesk.ts";
import { advance, type Entry } from "../../../shared/domain/conversation-log.ts";
import { Envelope } from "../../../shared/domain/envelope.ts";
import { type EventType, eventData } from "../../../shared/domain/event.ts";
import { capabilities } from "../../../shared/helpdesks/generic/capabilities.ts";
import type { EventWay, PostOutcome } from "../../../shared/helpdesks/helpdesk.ts";
import { MemoryDeskTickets } from "../../fakes/memory-desk-tickets.ts";
import { MemoryTable } from "../../fakes/memory-table.ts";
import { Crash, faulty, MemoryMailbox, PlayedClock } from "../../fakes/world.ts";

const LOG = "conv_AAAAAAAAAAAAAAAAAAAAAA";
const DONE = { kind: "done" };
const NOW = 1_795_000_000_000;

beforeEach(() => {
  for (const level of ["warn", "error"] as const) vi.spyOn(console, level).mockImplementation(() => {});
});
afterEach(() => vi.restoreAllMocks());

/** A desk that answers as it is told, posts that it took first to last; it takes what nothing is said about. */
class PlayedDesk implements EventWay {
  readonly got: Envelope[] = [];
  readonly answers: PostOutcome[] = [];
  readonly refusing = new Set<number>();
  isDown = false;
  /** Milliseconds that each post takes. */
  takesMs = 0;
  readonly clock: PlayedClock;
  constructor(clock: PlayedClock) {
    this.clock = clock;
  }

  async post(envelope: Envelope): Promise<PostOutcome> {
    this.clock.time += this.takesMs;
    const told = this.answers.shift();
    if (told) return told;
    if (this.isDown) return { kind: "unavailable", detail: "HTTP 503" };
    if (this.refusing.has(Number(envelope.sequence))) return { kind: "refused", detail: "HTTP 422" };
    this.got.push(Envelope.parse(envelope));
    return { kind: "posted" };
  }
  sequences(): number[] {
    return this.got.map(({ sequence }) => Number(sequence));
  }
}

interface Written {
  type?: EventType;
  account?: string;
  data?: object;
  recorded?: number;
}

function worldOf(entries: number, { accounts, log = LOG }: { accounts?: string[]; log?: string } = {}) {
  const table = new MemoryTable();
  const clock = new PlayedClock(NOW);
  const desk = new PlayedDesk(clock);
  const mailbox = new MemoryMailbox();
  const secrets = { areStored: true };
  const written: Entry[] = [];
  const write = ({ type = "message.received", account = "whatsapp", data, recorded = NOW }: Written = {}) => {
    const n = written.length + 1;
    const content = { type: "text", text: String(n) };
    const message = { id: `msg_${n}`, direction: "inbound", author: { type: "contact" }, content };
    const at = { received: recorded, recorded };
    const about = { key: `k${n}`, token: "t", type, account, channel: "whatsapp" as const, contact: "con_1", at };
    written.push(advance(written.at(-1)?.after, { ...about, data: data ?? { message } }));
    table.logs.set(log, written);
  };
  for (let n = 0; n < entries; n++) write();
  const ports: Ports = {
    table,
    mailbox,
    tickets: new MemoryDeskTickets(),
    desk: { name: "desk", accounts, onSolved: "reopen", receiptNotes: false },
    capabilities,
    files: { read: async () => undefined, linkToRead: () => Promise.reject(new Error("no file")) },
    linksUrl: "https://recado.example/v1/links",
    account: () => undefined,
    reach: async () => (secrets.areStored ? { name: "desk", settings: {}, secrets: {} } : undefined),
    way: desk,
    http: () => Promise.reject(new Error("no request of its own")),
    clock,
    random: (bytes) => new Uint8Array(bytes),
    idSecret: async () => "secret",
  };
  const ring = (sequence = written.length, received = 1, changed: Partial<Ports> = {}) =>
    postToHelpdesk({ log, sequence }, received, 3, { ...ports, ...changed });
  return {
    table,
    clock,
    desk,
    mailbox,
    secrets,
    write,
    ring,
    cursor: () => table.cursor("post-to-helpdesk-desk", log),
  };
}

const numbers = (from: number, to: number) => Array.from({ length: to - from + 1 }, (_, index) => from + index);

describe("a doorbell", () => {
  it("brings the desk everything behind its cursor, in order, as envelopes", async () => {
    const { desk, ring, cursor } = worldOf(45);
    expect(await ring(2)).toEqual(DONE);
    expect(desk.sequences()).toEqual(numbers(1, 45));
    expect(desk.got[0]).toMatchObject({ id: "evt_k1", subject: LOG, epoch: 3, type: "message.received" });
    expect(await cursor()).toBe(45);
  });

  it("that is doubled, late or out of order brings nothing twice", async () => {
    const { desk, ring, secrets } = worldOf(5);
    for (const sequence of [5, 5, 2, 4, 1]) await ring(sequence);
    expect(desk.sequences()).toEqual(numbers(1, 5));
    // It does not wait for a desk that it has nothing for.
    secrets.areStored = false;
    expect(await ring(5)).toEqual(DONE);
  });

  it("of a long log leaves the rest to another invocation before this one's time is over", async () => {
    const { desk, ring, cursor } = worldOf(10);
    desk.takesMs = 10_000;
    expect(await ring()).toEqual({ kind: "retry", afterSeconds: 1 });
    expect(desk.sequences()).toEqual([1, 2, 3]);
    expect(await cursor()).toBe(3);
    expect(await ring()).toMatchObject({ kind: "retry" });
    expect(desk.sequences()).toEqual(numbers(1, 6));
  });

  it.each(["account:whatsapp", "con_1"])("of %s, which is no conversation, brings nothing", async (log) => {
    const { desk, ring, cursor } = worldOf(2, { log });
    expect(await ring()).toEqual(DONE);
    expect(desk.got).toEqual([]);
    expect(await cursor()).toBe(0);
  });
});

describe("a desk that serves some accounts", () => {
  it("gets nothing of the others' conversations", async () => {
    const { desk, ring } = worldOf(2, { accounts: ["sms"] });
    expect(await ring()).toEqual(DONE);
    expect(desk.got).toEqual([]);
  });

  it("gets all of its own, what another account carried in its place too", async () => {
    const { desk, ring, write } = worldOf(1, { accounts: ["sms", "whatsapp"] });
    write({ type: "message.sent", account: "stand-in", data: { message: { id: "msg_9", providerMessageId: "p" } } });
    expect(await ring()).toEqual(DONE);
    expect(desk.sequences()).toEqual([1, 2]);
  });
});

describe("a desk that cannot take anything for now", () => {
  it("is tried again ever later, up to a quarter of an hour, and then gets all of it once and in order", async () => {
    const { desk, ring, cursor, clock } = worldOf(4);
    desk.isDown = true;
    const waits: number[] = [];
    for (let received = 1; received <= 24; received++) {
      const next = await ring(4, received);
      if (next.kind === "done") throw new Error("the desk took it");
      waits.push(next.afterSeconds);
      clock.time += next.afterSeconds * 1000;
    }
    expect(waits).toEqual(waits.toSorted((one, other) => one - other));
    expect([waits[0], waits.at(-1)]).toEqual([5, 900]);
    expect(await cursor()).toBe(0);
    desk.isDown = false;
    expect(await ring(4, 25)).toEqual(DONE);
    expect(desk.sequences()).toEqual(numbers(1, 4));
  });

  it("for a moment is tried again in a moment, however often the bell was handed out for other reasons", async () => {
    const { desk, ring, clock } = worldOf(1);
    clock.time += 10_000;
    desk.answers.push({ kind: "unavailable", detail: "HTTP 503" });
    expect(await ring(1, 12)).toEqual({ kind: "retry", afterSeconds: 5 });
  });

  it("for one ticket alone leaves the others of the desk as they are", async () => {
    const { desk, ring, table } = worldOf(1);
    desk.answers.push({ kind: "throttled", retryAfterSeconds: 60, detail: "HTTP 429", scope: "ticket" });
    expect(await ring(1, 1)).toEqual({ kind: "retry", afterSeconds: 60 });
    expect(table.pauses.size).toBe(0);
  });

  it("keeps what it took before: only what it did not take comes again", async () => {
    const { desk, ring } = worldOf(3);
    desk.answers.push({ kind: "uncertain", detail: "no answer in time" });
    await ring();
    expect(desk.got).toEqual([]);
    await ring();
    expect(desk.sequences()).toEqual(numbers(1, 3));
  });

  it("says how long it wants to be left alone, and longer when it is asked again and again", async () => {
    const { desk, ring, clock } = worldOf(1);
    const busy = (retryAfterSeconds: number) =>
      desk.answers.push({ kind: "throttled", retryAfterSeconds, detail: "HTTP 429" });
    busy(2);
    expect(await ring(1, 1)).toEqual({ kind: "retry", afterSeconds: 2 });
    busy(120);
    // Meanwhile no conversation of the desk is told.
    expect(await ring(1, 2)).toEqual({ kind: "retry", afterSeconds: 2 });
    clock.time += 2_000;
    expect(await ring(1, 3)).toEqual({ kind: "retry", afterSeconds: 120 });
    clock.time += 120_000;
    busy(2);
    const again = await ring(1, 6);
    expect(again.kind === "retry" && again.afterSeconds).toBeGreaterThan(30);
  });

  it("is not asked while its secrets are missing, and gets everything once they are there", async () => {
    const { desk, ring, secrets } = worldOf(2);
    secrets.areStored = false;
    expect(await ring(2, 2)).toEqual({ kind: "retry", afterSeconds: 10 });
    secrets.areStored = true;
    expect(await ring(2, 3)).toEqual(DONE);
    expect(desk.sequences()).toEqual([1, 2]);
  });
});

describe("an event that the desk refuses", () => {
  it("is tried again for ten minutes from when it was recorded, and holds up the conversation meanwhile", async () => {
    const { desk, ring, clock, mailbox } = worldOf(3);
    desk.refusing.add(2);
    expect(await ring()).toEqual({ kind: "retry", afterSeconds: 30 });
    clock.time = NOW + 595_000;
    expect(await ring()).toEqual({ kind: "retry", afterSeconds: 5 });
    expect(desk.sequences()).toEqual([1]);
    expect(mailbox.waiting).toEqual([]);
    desk.refusing.clear();
    expect(await ring()).toEqual(DONE);
    expect(desk.sequences()).toEqual([1, 2, 3]);
  });

  it("is then left out, which the log is told once, and the conversation goes on", async () => {
    const { desk, ring, clock, mailbox, table } = worldOf(3);
    desk.refusing.add(2);
    clock.time = NOW + 600_000;
    expect(await ring()).toEqual(DONE);
    expect(desk.sequences()).toEqual([1, 3]);
    const [item] = mailbox.waiting;
    expect(item).toMatchObject({ log: LOG, type: "helpdesk.failed", account: "whatsapp" });
    expect(eventData["helpdesk.failed"].parse(item?.data)).toEqual({
      helpdesk: "desk",
      event: "evt_k2",
      detail: "The helpdesk desk refused this event for good (HTTP 422); it does not show it.",
    });
    // Whoever died before the cursor moved tells it again, as the same event.
    table.cursors.clear();
    await ring();
    expect(new Set(mailbox.waiting.map(({ key }) => key)).size).toBe(1);
  });

  it("is no news for that desk: the word of it goes to others alone", async () => {
    const { desk, ring, write, cursor } = worldOf(1);
    const failed = (helpdesk: string) =>
      write({ type: "helpdesk.failed", data: { helpdesk, event: "evt_k1", detail: "HTTP 422" } });
    failed("desk");
    failed("other");
    expect(await ring()).toEqual(DONE);
    expect(desk.sequences()).toEqual([1, 3]);
    expect(await cursor()).toBe(3);
  });
});

describe("a process that dies", () => {
  it("after a post and before the cursor moved posts that one event again, under its id, and no other", async () => {
    const { table, desk, ring } = worldOf(3);
    const dying = faulty(table, (_, method) => (method === "moveCursor" ? "before" : undefined), {
      count: { calls: 0 },
      crash: true,
    });
    await expect(ring(3, 1, { table: dying })).rejects.toThrow(Crash);
    expect(await ring()).toEqual(DONE);
    expect(desk.got.map(({ id }) => id)).toEqual(["evt_k1", "evt_k1", "evt_k2", "evt_k3"]);
  });

  it("leaves a cursor that another one has moved where that one has it", async () => {
    const { table, desk, ring, cursor } = worldOf(4);
    const overtaken = Object.assign(Object.create(table) as MemoryTable, {
      moveCursor: async () => {
        Reflect.deleteProperty(overtaken, "moveCursor");
        await table.moveCursor("post-to-helpdesk-desk", LOG, 0, 3);
        return false;
      },
    });
    expect(await ring(4, 1, { table: overtaken })).toEqual(DONE);
    expect(desk.sequences()).toEqual([1, 4]);
    expect(await cursor()).toBe(4);
  });
});
