import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { toItem } from "../../shared/aws/entry-item.ts";
import { type After, type Arrival, advance, type Entry, fold } from "../../shared/domain/conversation-log.ts";
import { erasedEntry } from "../../shared/domain/erased-entry.ts";
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
  fc.constantFrom("contact", "agent").chain((type) =>
    fc.option(fc.constant("👍"), { nil: undefined }).map((emoji) => ({
      type: "message.reacted",
      data: { message: {}, author: { type }, ...(emoji && { emoji }) },
    })),
  ),
  fc.constant({ type: "contact.merged", data: { into: "conv_b" } }),
  fc.constant({ type: "contact.erased", data: { erasure: "era_1", contact: "con_a" } }),
  fc.constant({ type: "message.failed", data: { message: { providerMessageId: "x" } } }),
  fc.constantFrom(asking, { type: "message.queued", data: { message: asking.data.message } }),
  fc
    .record({ topic: fc.constantFrom("all", "marketing", "orders"), state: fc.constantFrom("opted_out", "opted_in") })
    .map((said) => ({ type: "consent.changed", data: { ...said, source: "keyword" } })),
);

/** Nobody, an address, or a person by either of two numbers. */
const contact = fc.constantFrom(
  {},
  { contact: "con_address" },
  { contact: "con_person", contactBy: "number" },
  { contact: "con_other", contactBy: "number" },
);

/** Arrivals with times that are missing, equal, late and in the future; our own clock only moves on. */
const arrivals: fc.Arbitrary<Arrival[]> = fc
  .array(
    fc.record({
      payload,
      profile,
      contact,
      minutes: fc.integer({ min: 0, max: 30 }),
      skew: fc.option(fc.integer({ min: -100_000_000, max: 100_000_000 }), { nil: undefined }),
    }),
    { minLength: 1, maxLength: 30 },
  )
  .map((steps) => {
    let now = T0;
    return steps.map(({ payload, profile, contact, minutes, skew }, index) => {
      now += minutes * 60_000;
      return {
        key: `key${index}`,
        token: `token${index}`,
        ...payload,
        account: "whatsapp",
        channel: "whatsapp",
        ...contact,
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
    const state = { ...(first?.after as After), laterKey: ["later"] };
    expect(write([arrival("two")], state)[0]?.after).toMatchObject({ n: 2, laterKey: ["later"] });
  });

  test("a contact is whoever was named first, until the number says who it is; then it stays", () => {
    const named = (contact: string, by?: "number") =>
      ({ ...arrival(`${contact}${by}`), contact, ...(by && { contactBy: by }), profile: {} }) as Arrival;
    const entries = write([
      named("con_address"),
      named("con_spelling"),
      named("con_person", "number"),
      named("con_address"),
      named("con_other", "number"),
    ]);
    expect(entries.map(({ contact, after }) => [contact, after.contact])).toEqual([
      ["con_address", "con_address"],
      [undefined, "con_address"],
      ["con_person", "con_person"],
      [undefined, "con_person"],
      [undefined, "con_person"],
    ]);
    // Whoever takes the other's place is to be written down under the new name, though nothing else is new of them.
    expect(entries.map(({ profile }) => profile !== undefined)).toEqual([true, false, true, false, false]);
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

  test("knows what the customer wants to hear nothing about, until they want to again", () => {
    const consent = (topic: string, state: string) =>
      ({
        ...arrival(`${topic} ${state}`),
        type: "consent.changed",
        data: { topic, state, source: "agent" },
      }) as Arrival;
    const said = [consent("orders", "opted_out"), consent("all", "opted_out"), arrival("one")];
    const entries = write([...said, consent("all", "opted_in"), consent("orders", "opted_in")]);
    expect(entries.map(({ after }) => after.optedOut)).toEqual([
      ["orders"],
      ["all", "orders"],
      ["all", "orders"],
      ["orders"],
      undefined,
    ]);
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
    const erased = entries.map((entry) => (entry.sequence === 2 ? erasedEntry(entry) : entry));
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

test.each([
  ["on Messenger", "messenger", { emoji: "👍", author: { type: "contact" } }, T0],
  ["taken back", "messenger", { author: { type: "contact" } }, undefined],
  ["of the business", "messenger", { emoji: "👍", author: { type: "agent" } }, undefined],
  ["on WhatsApp", "whatsapp", { emoji: "👍", author: { type: "contact" } }, undefined],
] as const)("a reaction %s and the window for replies", (_, channel, said, inbound) => {
  const at = { provider: T0, received: T0 + 1, recorded: T0 + 1 };
  const data = { message: { providerMessageId: "m_1" }, ...said };
  const { after } = advance(undefined, {
    key: "k",
    token: "t",
    type: "message.reacted",
    account: "a",
    channel,
    at,
    data,
  });
  expect(after.inbound).toBe(inbound);
});
