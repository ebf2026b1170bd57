import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { type After, type Arrival, advance, type Entry } from "../../shared/domain/conversation-log.ts";
import { toEnvelope } from "../../shared/domain/envelope.ts";
import { erasedEntry } from "../../shared/domain/erased-entry.ts";
import { EventType, eventData } from "../../shared/domain/event.ts";
import { foldMessages } from "../../shared/domain/message-status.ts";
import { verifyLog } from "../../shared/domain/verify-log.ts";

const RUNS = Number(process.env.RECADO_TEST_RUNS ?? 200);
const LOG = "conv_aaaaaaaaaaaaaaaaaaaaaa";
const T0 = 1_795_000_000_000;

/** What a customer, an agent or a vendor may have written: recognizable wherever it is left. */
const word = fc.stringMatching(/^[a-z0-9]{6}$/).map((text) => `SAID-${text}`);
const id = fc.constantFrom("msg_one", "msg_two");
const reference = fc.record({ id, part: fc.constantFrom(0, 1), providerMessageId: word }, { requiredKeys: ["id"] });
const author = fc.record(
  { type: fc.constantFrom("contact", "agent", "bot", "system"), name: word, origin: word, participant: word },
  { requiredKeys: ["type"] },
);
const media = fc.record(
  { providerMediaId: word, url: word, contentType: word, fileName: word, sha256: word },
  { requiredKeys: ["contentType"] },
);
const content = fc.oneof(
  fc.record({ type: fc.constant("text"), text: word }),
  fc.record({ type: fc.constantFrom("image", "document"), media, caption: word }),
  fc.record({ type: fc.constant("location"), latitude: fc.constant(38.7), longitude: fc.constant(-9.1), name: word }),
  fc.record({ type: fc.constant("contacts"), contacts: fc.array(fc.record({ name: word })) }),
  fc.record({ type: fc.constant("choice"), id: word, title: word, text: word }),
  fc.record({ type: fc.constant("form"), values: fc.dictionary(word, word) }),
  fc.record({ type: fc.constant("unsupported"), reason: word, raw: fc.record({ from: word }) }),
  fc.record({ type: fc.constant("template"), name: word, language: word, parameters: fc.array(word) }),
);
const messageIn = (direction: "inbound" | "outbound") =>
  fc.record(
    {
      id,
      direction: fc.constant(direction),
      author,
      content,
      replyTo: fc.record({ id, providerMessageId: word, story: word }),
      referral: fc.dictionary(word, word),
      providerMessageId: word,
      helpdesk: fc.record({ name: word, id: word }),
    },
    { requiredKeys: ["id", "direction", "author", "content"] },
  );
const failure = fc.record({ class: fc.constant("rate"), code: word, reason: word });
const receipt = fc.record(
  { message: reference, participant: word, pricing: fc.dictionary(word, word), watermark: fc.constant(T0) },
  { requiredKeys: ["message"] },
);
const helpdesk = fc.constant("desk");
const by = fc.constantFrom("contact", "agent", "system");

/** Everything that may be personal in each type. What is chosen in the configuration (names of desks) is not. */
const data: Record<EventType, fc.Arbitrary<object>> = {
  "message.received": fc.record({ message: messageIn("inbound") }),
  "message.queued": fc.record(
    {
      message: messageIn("outbound"),
      expiresAt: fc.constant(T0),
      parts: fc.array(content),
      fallback: content,
      unsendable: failure,
    },
    { requiredKeys: ["message", "expiresAt"] },
  ),
  "message.uncertain": fc.record({ message: reference, detail: word }),
  "message.sent": fc.oneof(fc.record({ message: messageIn("outbound") }), receipt),
  "message.delivered": receipt,
  "message.read": receipt,
  "message.played": receipt,
  "message.failed": fc.record({ message: reference, failure, participant: word }),
  "message.edited": fc.record({ message: reference, content, author }),
  "message.deleted": fc.record({ message: reference, author }),
  "message.reacted": fc.record({ message: reference, emoji: word, author }),
  "media.stored": fc.record({
    message: reference,
    media: fc.record({
      ...{ id: fc.constant("med_one"), contentType: word, size: fc.nat(), sha256: word, fileName: word },
    }),
  }),
  "media.failed": fc.record({ message: reference, reason: word, code: fc.constant("expired") }),
  "conversation.opened": fc.record({ by, helpdesk }),
  "conversation.closed": fc.record({ by, helpdesk }),
  "conversation.assigned": fc.record({ assignee: fc.record({ id: word, name: word }), helpdesk }),
  "conversation.tagged": fc.record({ tags: fc.array(word), helpdesk }),
  "contact.updated": fc.record({ change: word, text: word, raw: fc.dictionary(word, word) }),
  "contact.merged": fc.record({ into: fc.constant("conv_b") }),
  "contact.split": fc.constant({ into: "con_a", from: "con_b" }),
  "contact.erased": fc.constant({ erasure: "era_a_1", contact: "con_a" }),
  "consent.changed": fc.record({
    topic: fc.constantFrom("all", "marketing"),
    state: fc.constantFrom("opted_out", "opted_in"),
    source: fc.constant("keyword"),
  }),
  "helpdesk.linked": fc.record({ helpdesk, ticket: word }),
  "helpdesk.failed": fc.record({ helpdesk, message: fc.record({ id }), reply: word, detail: word }),
  "account.alert": fc.record({ code: fc.constant("foreign"), reason: word, reference: word, raw: word }),
};

const arrival: fc.Arbitrary<Omit<Arrival, "key">> = fc
  .tuple(fc.constantFrom(...EventType.options), fc.record({ name: word }), word, fc.boolean())
  .chain(([type, profile, address, isNamed]) =>
    data[type].map((told) => ({
      ...{
        token: address,
        type,
        account: "whatsapp",
        channel: "messenger" as const,
        address,
        data: told,
        once: address,
      },
      ...(isNamed && { contact: "con_a", profile }),
      at: { received: T0, recorded: T0 },
    })),
  );

function write(arrivals: readonly Omit<Arrival, "key">[]): Entry[] {
  let before: After | undefined;
  return arrivals.map((one, index) => {
    const entry = advance(before, { key: `key${index}`, ...one });
    before = entry.after;
    return entry;
  });
}

const known: Omit<Arrival, "key"> = {
  ...{ token: "t", type: "message.received", account: "whatsapp", channel: "messenger" },
  at: { received: T0, recorded: T0 },
  data: {
    message: { id: "msg_one", direction: "inbound", author: { type: "contact" }, content: { type: "text", text: "" } },
  },
};
const other = { ...known, data: { message: { ...(known.data as { message: object }).message, id: "msg_two" } } };
const erasure: Omit<Arrival, "key"> = {
  ...known,
  type: "contact.erased",
  data: { erasure: "era_a_1", contact: "con_a" },
};

describe("an entry that was erased", () => {
  test("says nothing that anybody said, whatever its type, and everything else about it can still be read", () => {
    fc.assert(
      fc.property(fc.array(arrival, { minLength: 1, maxLength: 12 }), (arrivals) => {
        const written = write([known, other, ...arrivals, erasure]);
        expect(JSON.stringify(written)).toContain("SAID-");
        const log = written.map((entry) => (entry.type === "contact.erased" ? entry : erasedEntry(entry)));

        const emptied = log.filter(({ erased }) => erased);
        expect(JSON.stringify(emptied)).not.toContain("SAID-");
        for (const entry of emptied) {
          expect(eventData[entry.type].safeParse(entry.data).success, `${entry.type} is not valid any more`).toBe(true);
          expect(erasedEntry(entry)).toEqual(entry);
          expect(toEnvelope(LOG, 1, entry)).toMatchObject({ type: entry.type, data: { erased: true } });
        }
        expect(log.map(({ sequence, key, type, at }) => [sequence, key, type, at])).toEqual(
          written.map(({ sequence, key, type, at }) => [sequence, key, type, at]),
        );
        expect(verifyLog(LOG, log)).toEqual([]);
        const views = foldMessages(LOG, log);
        expect(views.map(({ id: ours }) => ours)).toEqual(foldMessages(LOG, written).map(({ id: ours }) => ours));
      }),
      { numRuns: RUNS / 4 },
    );
  });

  test("is proven at every step of the way, from the last entry to the first", () => {
    fc.assert(
      fc.property(fc.array(arrival, { minLength: 1, maxLength: 6 }), (arrivals) => {
        const written = write([known, other, ...arrivals, erasure]);
        for (let from = written.length; from > 0; from--) {
          const log = written.map((entry) =>
            entry.sequence >= from && entry.type !== "contact.erased" ? erasedEntry(entry) : entry,
          );
          expect(verifyLog(LOG, log)).toEqual([]);
        }
      }),
      { numRuns: RUNS / 8 },
    );
  });

  const all = write([known, { ...other, address: "5511987650000", contact: "con_a" }, erasure]);
  const emptied = all.map((entry) => (entry.sequence < 3 ? erasedEntry(entry) : entry));
  const changed = (sequence: number, change: (entry: Entry) => Entry) =>
    verifyLog(
      LOG,
      emptied.map((entry) => (entry.sequence === sequence ? change(entry) : entry)),
    ).map((problem) => [problem.sequence, problem.code]);

  test("is none while anything of the customer is left in it", () => {
    const { data: said, address = "", token } = all[1] as Entry;
    expect(changed(2, (entry) => ({ ...entry, address }))).toEqual([[2, "not_erased"]]);
    expect(changed(2, (entry) => ({ ...entry, data: said }))).toEqual([[2, "not_erased"]]);
    expect(changed(2, (entry) => ({ ...entry, token }))).toEqual([[2, "not_erased"]]);
  });

  test("cannot be used to change what happened", () => {
    expect(changed(2, (entry) => ({ ...entry, after: { ...entry.after, status: "closed" } }))[0]).toEqual([
      2,
      "wrong_state",
    ]);
    expect(changed(2, (entry) => ({ ...entry, type: "conversation.closed", data: { by: "agent" } }))[0]).toEqual([
      2,
      "wrong_state",
    ]);
    expect(changed(3, (entry) => ({ ...entry, data: { erasure: "era_a_2", contact: "con_a" } }))).toEqual([
      [3, "changed"],
    ]);
  });
});
