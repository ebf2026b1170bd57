import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { toItem } from "../../shared/aws/entry-item.ts";
import { type After, type Arrival, advance, type Entry, fold } from "../../shared/domain/conversation-log.ts";
import { verifyCursor, verifyLog } from "../../shared/domain/verify-log.ts";
import { inboundText } from "../fakes/arrivals.ts";

const RUNS = Number(process.env.RECADO_TEST_RUNS ?? 200);
const T0 = 1_795_000_000_000;
const LOG = "conv_aaaaaaaaaaaaaaaaaaaaaa";

const alias = fc.constantFrom("a", "b").map((address) => ({ address, conversation: `conv_${address.repeat(22)}` }));
const profile = fc.option(
  fc.record({ name: fc.constantFrom("Ana", "Bia"), aliases: fc.array(alias, { maxLength: 2 }) }),
  { nil: undefined },
);
/** Options that go out as numbered text. */
const asking = {
  type: "message.queued",
  data: {
    message: { id: "msg_out", content: { type: "buttons", text: "Qual?", buttons: [{ id: "s", title: "S" }] } },
    parts: [{ type: "text", text: "Qual?\n\n1. S" }],
  },
};
const payload = fc.oneof(
  fc.constant({ type: "message.received", data: { message: { id: "msg_in", content: { type: "text", text: "oi" } } } }),
  fc.constant({ type: "conversation.closed", data: { by: "agent" } }),
  fc.constant({ type: "conversation.opened", data: { by: "agent" } }),
  fc
    .integer({ min: 0, max: 60 })
    .map((minutes) => ({ type: "message.read", data: { message: {}, watermark: T0 + minutes * 60_000 } })),
  fc
    .integer({ min: 0, max: 60 })
    .map((minutes) => ({ type: "message.delivered", data: { message: {}, watermark: T0 + minutes * 60_000 } })),
  fc.constant({ type: "message.sent", data: { message: { providerMessageId: "x" } } }),
  fc.constant({ type: "contact.merged", data: { into: "conv_b" } }),
  fc.constant({ type: "message.failed", data: { message: { providerMessageId: "x" } } }),
  fc.constantFrom(asking, { type: "message.queued", data: { message: asking.data.message } }),
);

/** Arrivals with times that are missing, equal, late and in the future; our own clock only moves on. */
const arrivals: fc.Arbitrary<Arrival[]> = fc
  .array(
    fc.record({
      payload,
      profile,
      minutes: fc.integer({ min: 0, max: 30 }),
      skew: fc.option(fc.integer({ min: -100_000_000, max: 100_000_000 }), { nil: undefined }),
    }),
    { minLength: 1, maxLength: 30 },
  )
  .map((steps) => {
    let now = T0;
    return steps.map(({ payload, profile, minutes, skew }, index) => {
      now += minutes * 60_000;
      return {
        key: `key${index}`,
        token: `token${index}`,
        ...payload,
        account: "whatsapp",
        channel: "whatsapp",
        contact: "con_a",
        ...(profile && { profile }),
        at: { received: now, recorded: now, ...(skew !== undefined && { provider: now + skew }) },
      } as Arrival;
    });
  });

function write(all: readonly Arrival[], before?: After): Entry[] {
  let state = before;
  return all.map((arrival) => {
    const entry = advance(state, arrival);
    state = entry.after;
    return entry;
  });
}

describe("the state of a log", () => {
  test("is the same step by step and as a plain fold over the whole", () => {
    fc.assert(
      fc.property(arrivals, (all) => {
        const entries = write(all);
        const { chain: _, ...state } = entries.at(-1)?.after ?? { chain: "" };
        expect(state).toEqual(fold(entries));
      }),
      { numRuns: RUNS },
    );
  });

  test("keeps what a later release wrote into it", () => {
    const [first] = write([arrival("one")]);
    const state = { ...(first?.after as After), optedOut: ["marketing"] };
    expect(write([arrival("two")], state)[0]?.after).toMatchObject({ n: 2, optedOut: ["marketing"] });
  });

  test("a message from the provider's future does not hold the window open", () => {
    const [entry] = write([{ ...arrival("one"), at: { provider: T0 + 3_600_000, received: T0, recorded: T0 } }]);
    expect(entry?.after.inbound).toBe(T0);
  });

  test("a customer who writes to a closed conversation opens it, once", () => {
    const closed = { ...arrival("two"), type: "conversation.closed" as const, data: { by: "agent" } };
    const entries = write([arrival("one"), closed, arrival("three"), arrival("four")]);
    expect(entries.map(({ after }) => [after.status, after.reopened])).toEqual([
      ["open", undefined],
      ["closed", undefined],
      ["open", 3],
      ["open", 3],
    ]);
  });

  test("knows the options that went out as numbered text, until somebody says something more or they fail", () => {
    const question = { ...arrival("two"), ...asking } as Arrival;
    const told = (type: string) => ({ ...arrival(type), type, data: { message: { id: "msg_out" } } }) as Arrival;
    const asked = (...more: Arrival[]) => write([arrival("one"), question, ...more]).at(-1)?.after.asked;
    expect(asked()).toBe(2);
    expect(asked(told("message.sent"), told("message.delivered"))).toBe(2);
    expect(asked(told("message.failed"))).toBeUndefined();
    expect(asked(arrival("three"))).toBeUndefined();
    expect(asked({ ...question, data: { message: asking.data.message } })).toBeUndefined();
  });

  test("stays small, and an entry with 300 characters of text is one write unit", () => {
    const message = inboundText("wamid.HBgNNTUxMTk4NzY1MDAwMBUCABIYFjNFQjBDNDMxRDU2QUMwMjdDMEE5AA==", {
      text: "x".repeat(300),
      time: T0,
      name: "Ana Carolina de Souza",
      aliases: ["5511987650000"],
      address: "BR.4410000000000000001",
    });
    const { log, key, token, type, account, channel, address, data, contact, aliases, at } = message;
    const arrivalOf = (recorded: number): Arrival => ({
      ...{ key, token, type, account, channel, address: address ?? "", data },
      contact: contact?.id ?? "",
      profile: { name: contact?.name ?? "", aliases: aliases ?? [] },
      at: { ...at, recorded },
    });
    const second = write([arrivalOf(T0), { ...arrivalOf(T0 + 1000), key: "k".repeat(22) }])[1] as Entry;
    expect(JSON.stringify(second.after).length).toBeLessThanOrEqual(300);
    const bytes = Object.entries(toItem(log, second)).reduce((sum, [name, value]) => {
      const [written] = Object.values(value);
      return sum + Buffer.byteLength(name) + Buffer.byteLength(String(written));
    }, 0);
    expect(bytes).toBeLessThan(1024);
  });
});

describe("verify", () => {
  test("finds nothing in what append wrote", () => {
    fc.assert(
      fc.property(arrivals, (all) => {
        expect(verifyLog(LOG, write(all.filter(({ type }) => type !== "message.sent")))).toEqual([]);
      }),
      { numRuns: RUNS },
    );
  });

  test("names exactly the entry that was removed, changed or added by hand", () => {
    const change = fc.constantFrom<(entry: Entry) => Entry>(
      (entry) => ({ ...entry, data: { ...(entry.data as object), text: "another word" } }),
      (entry) => ({ ...entry, at: { ...entry.at, recorded: entry.at.recorded + 1 } }),
      (entry) => ({ ...entry, key: `${entry.key}x` }),
      (entry) => ({ ...entry, after: { ...entry.after, status: entry.after.status === "open" ? "closed" : "open" } }),
      (entry) => ({ ...entry, after: { ...entry.after, inbound: 1 } }),
    );
    fc.assert(
      fc.property(arrivals, fc.nat(), change, (all, at, changed) => {
        const entries = write(all);
        const index = at % entries.length;
        const sequence = index + 1;

        const altered = entries.map((entry, place) => (place === index ? changed(entry) : entry));
        expect(verifyLog(LOG, altered)[0]).toMatchObject({ sequence });

        const removed = entries.filter((_, place) => place !== index);
        const [first] = [
          ...verifyLog(LOG, removed),
          ...verifyCursor(LOG, removed.at(-1)?.sequence ?? 0, read(entries.length)),
        ];
        expect(first).toMatchObject({ sequence, code: sequence === entries.length ? "cursor_ahead" : "missing" });

        const forged = { ...(entries.at(-1) as Entry), sequence: entries.length + 1, key: "forged" };
        const added = verifyLog(LOG, [...entries, forged]);
        expect(new Set(added.map((problem) => problem.sequence))).toEqual(new Set([entries.length + 1]));
      }),
      { numRuns: RUNS },
    );
  });

  test("an erased entry keeps its place and the rest its proof", () => {
    const entries = write([arrival("one"), arrival("two"), arrival("three")]);
    const erased = entries.map((entry) =>
      entry.sequence === 2 ? { ...entry, data: {}, erased: true as const } : entry,
    );
    expect(verifyLog(LOG, erased)).toEqual([]);
  });

  test("tells a consumer that has not read on, and a receipt for a message that never was", () => {
    const strange = { ...arrival("two"), type: "message.read" as const, data: { message: { id: "msg_unheard" } } };
    const problems = [...verifyLog(LOG, write([arrival("one"), strange])), ...verifyCursor(LOG, 2, read(1))];
    expect(problems.map(({ sequence, code }) => [sequence, code])).toEqual([
      [2, "unreachable"],
      [2, "cursor_behind"],
    ]);
  });
});

function read(position: number) {
  return { consumer: "publish-event", position, isBusy: false };
}

function arrival(key: string): Arrival {
  return {
    key,
    token: `token of ${key}`,
    type: "message.received",
    account: "whatsapp",
    channel: "whatsapp",
    at: { received: T0, recorded: T0 },
    data: { message: { id: `msg_${key}`, content: { type: "text", text: "oi" } } },
  };
}
