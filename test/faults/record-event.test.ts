/**
 * The log under faults: whatever the world does to record-event, it ends without gap, loss or duplicate, the bells tell
 * of every entry, and verify finds nothing.
 */
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { Entry } from "../../shared/domain/conversation-log.ts";
import type { MailboxItem } from "../../shared/domain/mailbox.ts";
import { verifyLog } from "../../shared/domain/verify-log.ts";
import { inboundText, newToken, queued, receipt } from "../fakes/arrivals.ts";
import { pump, seeded } from "../fakes/pump.ts";
import { type Fault, faulty, world } from "../fakes/world.ts";

const RUNS = Number(process.env.RECADO_TEST_RUNS ?? 150);
const T0 = 1_795_000_000_000;
const SECOND = 1000;
const DAY = 86_400_000;

type World = ReturnType<typeof world>;

/** What must hold of every world at rest, whatever came before. */
function expectWhole({ table, bells }: World, items: readonly MailboxItem[]): void {
  const all = [...table.logs.values()].flat();
  const keys = all.map(({ key }) => key);
  expect(new Set(keys).size, "no key twice").toBe(keys.length);
  // Who closes what is closed already changes nothing, and nothing is written of it.
  const told = items.filter(({ type }) => type !== "conversation.closed");
  for (const { key } of told) expect(keys, "nothing lost").toContain(key);
  for (const [log, entries] of table.logs) {
    // Receipts are thrown in at random here, also for messages that were never queued: that alone verify may report.
    expect(verifyLog(log, entries).filter(({ code }) => code !== "unreachable")).toEqual([]);
    const rung = Math.max(...bells.bells.filter((bell) => bell.log === log).map(({ sequence }) => sequence));
    expect(rung, "the bell told of the last entry").toBe(entries.length);
    const requested = new Set(bells.requests.filter((request) => request.log === log).map(({ sequence }) => sequence));
    for (const entry of entries) if (entry.type === "message.queued") expect(requested).toContain(entry.sequence);
    const summary = table.summaries.get(log);
    const hasMessage = entries.some(({ data }) => (data as { message?: { content?: unknown } }).message?.content);
    // A message may have been announced here before it turned out to belong elsewhere.
    if (log.startsWith("conv_") && hasMessage) expect(summary?.status).toBe(entries.at(-1)?.after.status);
  }
}

/** A day in the life of two customers, one of whom shows a phone number and a user id by turns. */
function story(): MailboxItem[] {
  return [
    inboundText("in1", { time: T0 }),
    queued("msg_0000000000000000000001"),
    receipt("message.delivered", "msg_0000000000000000000001", { time: T0 + 2 * SECOND }),
    receipt("message.sent", "msg_0000000000000000000001", { time: T0 + SECOND }),
    inboundText("in2", { address: "351912345678", time: T0 }),
    inboundText("in3", { address: "BR.1", aliases: ["5511987650000"], name: "Ana" }),
    receipt("message.read", "msg_0000000000000000000001"),
    { ...inboundText("close", { address: "351912345678" }), type: "conversation.closed", data: { by: "agent" } },
    inboundText("in4", { address: "351912345678", time: T0 - DAY }),
    inboundText("in5", { address: "BR.1", aliases: ["5511987650000"], time: T0 + DAY }),
  ];
}

describe("one fault at every call", () => {
  for (const crash of [false, true]) {
    for (const when of ["before", "after"] satisfies Fault[]) {
      test(`${crash ? "the process dies" : "the world fails"} ${when} the call took effect`, async () => {
        const happy = world();
        const count = { calls: 0 };
        happy.mailbox.waiting.push(...story());
        const calm = { ...happy.ports };
        for (const name of ["table", "mailbox", "doorbells", "sendQueues", "mediaRequests"] as const) {
          Object.assign(calm, { [name]: faulty(happy.ports[name], () => undefined, { count }) });
        }
        await pump(happy.mailbox, () => calm);
        expect(count.calls).toBeGreaterThan(50);

        for (let fatal = 0; fatal < count.calls; fatal++) {
          const played = world();
          const items = story();
          played.mailbox.waiting.push(...items);
          const counter = { calls: 0 };
          const ports = { ...played.ports };
          for (const name of ["table", "mailbox", "doorbells", "sendQueues", "mediaRequests"] as const) {
            const choose = (call: number) => (call === fatal ? when : undefined);
            Object.assign(ports, { [name]: faulty(played.ports[name], choose, { count: counter, crash }) });
          }
          await pump(played.mailbox, () => ports);
          expectWhole(played, items);
        }
      });
    }
  }
});

describe("any order, any repetition, many faults", () => {
  const scenario = fc.record({
    seed: fc.nat(),
    workers: fc.constantFrom(1, 1, 2, 3),
    events: fc.array(
      fc.record({
        what: fc.constantFrom("in", "out", "sent", "delivered", "read", "close", "phone", "user"),
        id: fc.nat(6),
        customer: fc.nat(2),
        time: fc.oneof(
          fc.constant(undefined),
          fc.constant(T0),
          fc.integer({ min: -7 * DAY, max: 7 * DAY }).map((skew) => T0 + skew),
        ),
        /** How the same event comes again: by the provider with a new token and perhaps another time, or by the queue. */
        again: fc.array(
          fc.record({
            by: fc.constantFrom("provider", "queue"),
            after: fc.constantFrom(SECOND, 300 * SECOND, 6 * DAY),
            time: fc.option(fc.integer({ min: -DAY, max: DAY }), { nil: undefined }),
          }),
          { maxLength: 3 },
        ),
      }),
      { minLength: 1, maxLength: 14 },
    ),
  });

  function items({
    events,
  }: {
    events: {
      what: string;
      id: number;
      customer: number;
      time: number | undefined;
      again: { by: string; after: number; time?: number | undefined }[];
    }[];
  }) {
    const first: MailboxItem[] = [];
    const rest: { due: number; item: MailboxItem }[] = [];
    for (const { what, id, customer, time, again } of events) {
      const address = `55119876${customer}`;
      const message = `msg_${String(id + 10 * customer).padStart(22, "0")}`;
      const when = time === undefined ? {} : { time };
      const item =
        what === "in" || what === "phone"
          ? inboundText(`in${id}.${customer}`, { address, ...when })
          : what === "user"
            ? inboundText(`user${id}.${customer}`, {
                address: `BR.${customer}`,
                aliases: [address],
                name: "Ana",
                ...when,
              })
            : what === "out"
              ? queued(message, { address })
              : what === "close"
                ? {
                    ...inboundText(`close${id}.${customer}`, { address }),
                    type: "conversation.closed" as const,
                    data: { by: "agent" },
                  }
                : receipt(`message.${what}` as "message.sent", message, { address, ...when });
      first.push(item);
      for (const { by, after, time: moved } of again) {
        const repeat =
          by === "queue"
            ? item
            : { ...item, token: newToken(), at: { ...item.at, ...(moved !== undefined && { provider: T0 + moved }) } };
        rest.push({ due: after, item: repeat });
      }
    }
    return { first, rest: rest.sort((a, b) => a.due - b.due) };
  }

  test("the log ends without gap, loss or duplicate", async () => {
    await fc.assert(
      fc.asyncProperty(scenario, async ({ seed, workers, events }) => {
        const played = world();
        const random = seeded(seed);
        const { first, rest } = items({ events });
        const count = { calls: 0 };
        const ports = () => {
          const crash = random() < 0.5;
          const faults = { ...played.ports };
          for (const name of ["table", "mailbox", "doorbells", "sendQueues", "mediaRequests"] as const) {
            const choose = (): Fault | undefined =>
              random() < 0.06 ? (random() < 0.5 ? "before" : "after") : undefined;
            Object.assign(faults, { [name]: faulty(slowed(played.ports[name], random), choose, { count, crash }) });
          }
          return faults;
        };
        played.mailbox.waiting.push(...first);
        await pump(played.mailbox, ports, { workers });
        for (const { due, item } of rest) {
          played.clock.time = T0 + due;
          played.mailbox.waiting.push(item);
          await pump(played.mailbox, ports, { workers });
        }
        expectWhole(played, first);
      }),
      { numRuns: RUNS },
    );
  });

  test("a repetition after 10,000 other events is still known", async () => {
    const played = world();
    const early = inboundText("early", { time: T0 });
    played.mailbox.waiting.push(early);
    await pump(played.mailbox, () => played.ports);
    const [log, entries] = [...played.table.logs][0] as [string, Entry[]];
    const tail = entries[0] as Entry;
    const filler = Array.from({ length: 10_000 }, (_, index) => ({
      ...tail,
      sequence: index + 2,
      key: `k${index}`,
      after: { ...tail.after, n: index + 2 },
    }));
    played.table.logs.set(log, [tail, ...filler]);

    played.mailbox.waiting.push({ ...early, token: newToken() });
    await pump(played.mailbox, () => played.ports);
    expect(played.table.logs.get(log)).toHaveLength(10_001);
  });
});

/** Lets other workers run between calls, a seeded number of turns. */
function slowed<Port extends object>(port: Port, random: () => number): Port {
  return new Proxy(port, {
    get(target, name) {
      const method: unknown = Reflect.get(target, name);
      if (typeof method !== "function") return method;
      return async (...args: unknown[]) => {
        for (let turn = Math.floor(random() * 6); turn > 0; turn--) await null;
        return Reflect.apply(method, target, args);
      };
    },
  });
}
