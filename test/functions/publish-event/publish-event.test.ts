import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { publishEvents } from "../../../functions/publish-event/publish-event.ts";
import { advance, type Entry } from "../../../shared/domain/conversation-log.ts";
import { Envelope } from "../../../shared/domain/envelope.ts";
import type { EventStream } from "../../../shared/ports.ts";
import { WorldFault } from "../../../shared/ports.ts";
import { MemoryTable } from "../../fakes/memory-table.ts";

const LOG = "conv_AAAAAAAAAAAAAAAAAAAAAA";
const DONE = { kind: "done" };
const LARGEST = 100_000;

/** A stream that takes what it is told to take, and keeps it. */
class MemoryStream implements EventStream {
  readonly published: Envelope[] = [];
  /** How many of each call are accepted; all where nothing is said. */
  readonly accepting: number[] = [];

  fits(envelope: Envelope): boolean {
    return JSON.stringify(envelope).length < LARGEST;
  }
  async publish(envelopes: readonly Envelope[]): Promise<number> {
    const accepted = Math.min(this.accepting.shift() ?? envelopes.length, envelopes.length);
    this.published.push(...envelopes.slice(0, accepted));
    return accepted;
  }
  sequences(): number[] {
    return this.published.map(({ sequence }) => Number(sequence));
  }
}

function worldOf(entries: number, text = "Hi") {
  const table = new MemoryTable();
  const log: Entry[] = [];
  for (let n = 1; n <= entries; n++) {
    const message = {
      id: `msg_${n}`,
      direction: "inbound",
      author: { type: "contact" },
      content: { type: "text", text },
    };
    const at = { received: n, recorded: n };
    const arrival = {
      key: `k${n}`,
      token: "t",
      type: "message.received",
      account: "whatsapp",
      channel: "whatsapp",
    } as const;
    log.push(advance(log.at(-1)?.after, { ...arrival, contact: "con_1", at, data: { message } }));
  }
  table.logs.set(LOG, log);
  const stream = new MemoryStream();
  const ports = { table, stream, consumer: "publish-event", epoch: 3, remaining: () => 30_000 };
  return { table, stream, ports, cursor: () => table.cursor("publish-event", LOG) };
}

const numbers = (from: number, to: number) => Array.from({ length: to - from + 1 }, (_, index) => from + index);

describe("a doorbell", () => {
  it("publishes everything behind the cursor, in order, as envelopes", async () => {
    const { ports, stream, cursor } = worldOf(23);
    expect(await publishEvents({ log: LOG, sequence: 3 }, ports)).toEqual(DONE);
    expect(stream.sequences()).toEqual(numbers(1, 23));
    expect(await cursor()).toBe(23);
    expect(Envelope.parse(stream.published[22])).toMatchObject({
      subject: LOG,
      type: "message.received",
      epoch: 3,
      id: "evt_k23",
    });
  });

  it("that is doubled, late or out of order costs nothing", async () => {
    const { ports, stream } = worldOf(5);
    for (const sequence of [5, 5, 2, 4, 1]) await publishEvents({ log: LOG, sequence }, ports);
    expect(stream.sequences()).toEqual(numbers(1, 5));
  });

  it("that was lost is made good by the next one", async () => {
    const { ports, stream, table } = worldOf(12);
    await table.moveCursor("publish-event", LOG, 0, 4);
    await publishEvents({ log: LOG, sequence: 12 }, ports);
    expect(stream.sequences()).toEqual(numbers(5, 12));
  });

  it("that comes before its entry can be read publishes what there is", async () => {
    const { ports, stream, cursor } = worldOf(2);
    expect(await publishEvents({ log: LOG, sequence: 9 }, ports)).toEqual(DONE);
    expect(stream.sequences()).toEqual([1, 2]);
    expect(await cursor()).toBe(2);
  });

  it("of a very long log comes back for the rest", async () => {
    const { ports, stream, cursor } = worldOf(505);
    expect(await publishEvents({ log: LOG, sequence: 505 }, ports)).toMatchObject({ kind: "retry" });
    expect(await cursor()).toBe(500);
    expect(await publishEvents({ log: LOG, sequence: 505 }, ports)).toEqual(DONE);
    expect(stream.sequences()).toEqual(numbers(1, 505));
  });
});

it("of a slow stream ends before its function does, and comes back for the rest", async () => {
  const { ports, stream, cursor } = worldOf(200);
  let left = 30_000;
  const publish = async (envelopes: readonly Envelope[]) => {
    left -= 3_000;
    return stream.publish(envelopes);
  };
  const slow = { ...ports, stream: { publish, fits: () => true }, remaining: () => left };
  expect(await publishEvents({ log: LOG, sequence: 200 }, slow)).toMatchObject({ kind: "retry" });
  expect(left).toBeGreaterThan(5_000);
  expect(stream.sequences()).toEqual(numbers(1, (await cursor()) ?? 0));
  expect(await publishEvents({ log: LOG, sequence: 200 }, ports)).toEqual(DONE);
  expect(stream.sequences()).toEqual(numbers(1, 200));
});

describe("a stream that takes only some", () => {
  it("is given the rest at once; the cursor stands behind what was taken", async () => {
    const { ports, stream, cursor } = worldOf(15);
    stream.accepting.push(4, 10, 0);
    await expect(publishEvents({ log: LOG, sequence: 15 }, ports)).rejects.toThrow(WorldFault);
    expect(await cursor()).toBe(14);
    expect(await publishEvents({ log: LOG, sequence: 15 }, ports)).toEqual(DONE);
    expect(stream.sequences()).toEqual(numbers(1, 15));
  });
});

it("goes out on each stream by a cursor of its own", async () => {
  const { ports, stream, table, cursor } = worldOf(3);
  const other = new MemoryStream();
  other.accepting.push(1, 0);
  const onOther = () => publishEvents({ log: LOG, sequence: 3 }, { ...ports, stream: other, consumer: "other" });
  await expect(onOther()).rejects.toThrow(WorldFault);
  expect(await publishEvents({ log: LOG, sequence: 3 }, ports)).toEqual(DONE);
  expect([stream.sequences(), await cursor(), await table.cursor("other", LOG)]).toEqual([[1, 2, 3], 3, 1]);
  expect(await onOther()).toEqual(DONE);
  expect(other.sequences()).toEqual([1, 2, 3]);
});

describe("an envelope over the limit of the stream", () => {
  it("goes out with its ids alone, marked, and the log goes on", async () => {
    const { ports, stream } = worldOf(2, "🕐".repeat(70_000));
    expect(await publishEvents({ log: LOG, sequence: 2 }, ports)).toEqual(DONE);
    const [first] = stream.published;
    expect(Envelope.parse(first).data).toEqual({
      conversation: LOG,
      contact: "con_1",
      channel: "whatsapp",
      account: "whatsapp",
      times: { received: "1970-01-01T00:00:00.001Z", recorded: "1970-01-01T00:00:00.001Z" },
      message: { id: "msg_1" },
      truncated: true,
    });
    expect(stream.sequences()).toEqual([1, 2]);
  });
});

it("two workers at once, in every order of their calls: nothing is missing, nothing overtakes", async () => {
  await fc.assert(
    fc.asyncProperty(fc.scheduler(), fc.integer({ min: 1, max: 25 }), async (scheduler, length) => {
      const { table, stream, cursor } = worldOf(length);
      const publish = scheduler.scheduleFunction((envelopes: readonly Envelope[]) => stream.publish(envelopes));
      const moveCursor = scheduler.scheduleFunction((consumer: string, log: string, from: number, to: number) =>
        table.moveCursor(consumer, log, from, to),
      );
      const slow = {
        stream: { publish, fits: () => true },
        consumer: "publish-event",
        epoch: 1,
        remaining: () => 30_000,
        table: Object.assign(Object.create(table) as MemoryTable, { moveCursor }),
      };
      const workers = [length, Math.ceil(length / 2)].map((sequence) => publishEvents({ log: LOG, sequence }, slow));
      await scheduler.waitFor(Promise.all(workers));
      const firsts = [...new Set(stream.sequences())];
      expect(firsts).toEqual(numbers(1, length));
      expect(await cursor()).toBe(length);
    }),
  );
});
