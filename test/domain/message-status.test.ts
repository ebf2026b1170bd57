import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { type Arrival, advance, type Entry } from "../../shared/domain/conversation-log.ts";
import type { EventType, Failure } from "../../shared/domain/event.ts";
import { foldMessages } from "../../shared/domain/message-status.ts";

const T0 = 1_795_000_000_000;
const REFUSED: Failure = { class: "unreachable", code: "131026", reason: "Not on WhatsApp." };
const ASSUMED: Failure = { class: "unconfirmed", reason: "Nobody confirmed it.", assumed: true };

/** `by`: in whose words; ours have no time of the provider's. */
type Step = [what: string, at: number, more?: object, by?: "provider"];

/** The view of one message of ours after these events, each at so many seconds. */
function viewAfter(...steps: Step[]) {
  const whole = {
    id: "msg_1",
    direction: "outbound",
    author: { type: "agent" },
    content: { type: "text", text: "oi" },
  };
  const entries: Entry[] = [];
  const isQueued = steps[0]?.[0] === "queued";
  for (const [what, seconds, more, by] of isQueued ? steps : [["queued", 0] as Step, ...steps]) {
    const message = what === "queued" ? whole : { id: "msg_1", providerMessageId: "wamid.1" };
    const time = T0 + seconds * 1000;
    const arrival: Arrival = {
      key: `${what}${entries.length}`,
      token: "t",
      type: `message.${what}` as EventType,
      account: "whatsapp",
      channel: "whatsapp",
      at: { received: time, recorded: time, ...(by && { provider: time }) },
      data: { message, ...more },
    };
    entries.push(advance(entries.at(-1)?.after, arrival));
  }
  return foldMessages("conv_x", entries)[0];
}

describe("a message's status", () => {
  test.each<[string, Step[], string]>([
    ["nothing yet", [], "queued"],
    [
      "a late sent does not undo delivered",
      [
        ["delivered", 2],
        ["sent", 3],
      ],
      "delivered",
    ],
    ["read implies what was skipped", [["read", 2]], "read"],
    [
      "the provider's failure ends it",
      [
        ["sent", 1],
        ["failed", 2, { failure: REFUSED }],
      ],
      "failed",
    ],
    [
      "a failure after delivery changes nothing",
      [
        ["delivered", 1],
        ["failed", 2, { failure: REFUSED }],
      ],
      "delivered",
    ],
    [
      "a sent after the provider's failure changes nothing",
      [
        ["failed", 1, { failure: REFUSED }],
        ["sent", 2],
      ],
      "failed",
    ],
    [
      "delivery beats even the provider's failure",
      [
        ["failed", 1, { failure: REFUSED }],
        ["delivered", 2],
      ],
      "delivered",
    ],
    ["an uncertain send is said to be uncertain", [["uncertain", 1, { detail: "x" }]], "uncertain"],
    [
      "its receipt settles it",
      [
        ["uncertain", 1, { detail: "x" }],
        ["sent", 700],
      ],
      "sent",
    ],
    [
      "what we assumed gives way to a receipt",
      [
        ["failed", 600, { failure: ASSUMED }],
        ["sent", 700],
      ],
      "sent",
    ],
    [
      "a failure of the provider replaces the assumed one",
      [
        ["failed", 1, { failure: ASSUMED }],
        ["failed", 2, { failure: REFUSED }],
      ],
      "failed",
    ],
  ])("%s", (_, steps, status) => {
    expect(viewAfter(...steps)?.status).toBe(status);
  });

  test("keeps the first time of each, and tells a failure that came after delivery", () => {
    const message = viewAfter(["delivered", 5], ["sent", 6], ["delivered", 3], ["failed", 9, { failure: REFUSED }]);
    expect(message).toMatchObject({ statusAt: { delivered: T0 + 3000, sent: T0 + 6000 }, failure: REFUSED });
  });

  test("is the same in whatever order its receipts come", () => {
    const step = fc.tuple(fc.constantFrom("sent", "delivered", "read", "uncertain", "failed", "assumed"), fc.nat(99));
    const steps = fc.uniqueArray(step, { selector: ([what]) => what, maxLength: 6 });
    const written = ([what, at]: [string, number]): Step =>
      what === "assumed"
        ? ["failed", at, { failure: ASSUMED }]
        : [what, at, what === "failed" ? { failure: REFUSED } : {}];
    fc.assert(
      fc.property(steps, fc.nat(), (all, seed) => {
        const shuffled = all.toSorted((a, b) => ((a[1] * 7 + seed) % 13) - ((b[1] * 7 + seed) % 13));
        expect(viewAfter(...shuffled.map(written))).toMatchObject({ ...viewAfter(...all.map(written)) });
      }),
    );
  });
});

test("a receipt that knows only the provider's id counts, though the acceptance came after it", () => {
  const message = viewAfter(["delivered", 1, { message: { providerMessageId: "wamid.1" } }], ["sent", 2]);
  expect(message).toMatchObject({ status: "delivered", providerMessageId: "wamid.1" });
});

test("a watermark reaches what was sent up to it, and nothing later", () => {
  const upTo = (seconds: number): Step => ["read", 50, { message: {}, watermark: T0 + seconds * 1000 }];
  expect(viewAfter(["sent", 10], upTo(10))?.status).toBe("read");
  expect(viewAfter(["sent", 11], upTo(10))?.status).toBe("sent");
  expect(viewAfter(upTo(10))?.status).toBe("queued");
});

describe("what a message costs", () => {
  const ours = { billable: true, category: "service" };

  test("stands with the message, whichever receipt tells it first", () => {
    const told: Step[] = [
      ["sent", 1, { pricing: { category: "service" } }],
      ["delivered", 2, { pricing: ours }],
      ["read", 3],
    ];
    expect(viewAfter(...told)).toMatchObject({ status: "read", pricing: ours });
    expect(viewAfter(...told.toReversed())).toMatchObject({ status: "read", pricing: ours });
  });

  test("is not made up where nobody tells it", () => {
    expect(viewAfter(["sent", 1])).not.toHaveProperty("pricing");
  });
});

describe("a message of several parts", () => {
  const parts = [
    { type: "text", text: "Um." },
    { type: "text", text: "Dois." },
  ];
  const of = (part: number) => ({ message: { id: "msg_1", part, providerMessageId: `wamid.${part}` } });
  const viewOf = (...steps: Step[]) => viewAfter(["queued", 0, { parts }], ...steps);

  test.each<[string, Step[], string]>([
    ["is queued while one part is", [["sent", 1, of(0)]], "queued"],
    [
      "has come as far as the part that is behind",
      [
        ["sent", 1, of(0)],
        ["read", 2, of(1)],
      ],
      "sent",
    ],
    [
      "is delivered when all parts are, or are read",
      [
        ["delivered", 1, of(0)],
        ["read", 2, of(1)],
      ],
      "delivered",
    ],
    [
      "is uncertain while one part is",
      [
        ["uncertain", 1, { ...of(0), detail: "x" }],
        ["sent", 2, of(1)],
      ],
      "uncertain",
    ],
    [
      "has failed when one part has",
      [
        ["read", 1, of(0)],
        ["failed", 2, { ...of(1), failure: REFUSED }],
      ],
      "failed",
    ],
    [
      "has not failed when the part was delivered all the same",
      [
        ["delivered", 1, of(0)],
        ["failed", 2, { ...of(1), failure: REFUSED }],
        ["delivered", 3, of(1)],
      ],
      "delivered",
    ],
  ])("%s", (_, steps, status) => {
    expect(viewOf(...steps)?.status).toBe(status);
  });

  test("reaches a status when its last part does", () => {
    const message = viewOf(["sent", 1, of(0)], ["read", 2, of(0)], ["sent", 5, of(1)], ["read", 6, of(1)]);
    expect(message?.statusAt).toEqual({ queued: T0, sent: T0 + 5000, read: T0 + 6000 });
    expect(message?.parts?.map(({ statusAt }) => statusAt.sent)).toEqual([T0 + 1000, T0 + 5000]);
  });

  test("knows a part by the provider's id alone, and is covered by a watermark part by part", () => {
    const upTo: Step = ["read", 9, { message: {}, watermark: T0 + 3000 }];
    const named: Step = ["delivered", 4, { message: { providerMessageId: "wamid.1" } }];
    const message = viewOf(["sent", 1, of(0)], named, ["sent", 5, of(1)], upTo);
    expect(message?.parts?.map(({ status }) => status)).toEqual(["read", "delivered"]);
    expect(message).toMatchObject({ status: "delivered", providerMessageId: "wamid.0" });
  });

  test("says which part failed", () => {
    expect(viewOf(["sent", 1, of(0)], ["failed", 2, { ...of(1), failure: REFUSED }])?.failure).toEqual({
      ...REFUSED,
      reason: "Part 2 of 2: Not on WhatsApp.",
    });
  });

  test("counts a part that its entry does not know of", () => {
    expect(viewAfter(["sent", 1, of(1)])).toMatchObject({ status: "queued", parts: [{ status: "queued" }, {}] });
  });

  test("is the same in whatever order the receipts of its parts come", () => {
    const step = fc.tuple(fc.constantFrom("sent", "delivered", "read", "uncertain", "failed"), fc.nat(99), fc.nat(1));
    const steps = fc.uniqueArray(step, { selector: ([what, , part]) => `${what}${part}`, maxLength: 10 });
    const both = steps.chain((all) =>
      fc.tuple(fc.constant(all), fc.shuffledSubarray(all, { minLength: all.length, maxLength: all.length })),
    );
    const written = ([what, at, part]: [string, number, number]): Step => [
      what,
      at,
      { ...of(part), ...(what === "failed" && { failure: REFUSED }) },
    ];
    fc.assert(
      fc.property(both, ([all, shuffled]) => {
        const { sequence: _, ...message } = viewOf(...all.map(written)) ?? { sequence: 0 };
        expect(viewOf(...shuffled.map(written))).toMatchObject(message);
      }),
    );
  });
});

describe("a message that was accepted under one id and is told of under another", () => {
  const AWS_ID = "2abadc50-b548-4045-82d1-f5bdd677ea8d";
  const accepted: Step = ["sent", 0, { message: { id: "msg_1", providerMessageId: AWS_ID } }];
  const told = { message: { id: "msg_1", part: 0, providerMessageId: "wamid.1" } };
  const receipts: Step[] = [
    ["sent", 1, told, "provider"],
    ["delivered", 2, told, "provider"],
  ];

  test.each([
    ["after", [accepted, ...receipts]],
    ["before", [...receipts, accepted]],
  ])("is known by the id of the provider's own words, which came %s it was accepted", (_, steps) => {
    expect(viewAfter(...steps)).toMatchObject({ status: "delivered", providerMessageId: "wamid.1" });
    expect(viewAfter(accepted)?.providerMessageId).toBe(AWS_ID);
  });

  test("is found by either", () => {
    const author = { type: "contact" };
    for (const providerMessageId of [AWS_ID, "wamid.1"]) {
      const reacted: Step = ["reacted", 3, { message: { providerMessageId }, emoji: "❤️", author }];
      const read: Step = ["read", 4, { message: { providerMessageId } }];
      const view = viewAfter(accepted, ...receipts, reacted, read);
      expect(view).toMatchObject({ status: "read", reactions: [{ emoji: "❤️" }], providerMessageId: "wamid.1" });
    }
  });
});

describe("what is said about a message later", () => {
  const author = { type: "contact" };
  const edit = (text: string) => ({ content: { type: "text", text }, author });

  test("shows the last edit by its time, in whatever order they came", () => {
    const message = viewAfter(["edited", 9, edit("last")], ["edited", 5, edit("first")]);
    expect(message).toMatchObject({ content: { type: "text", text: "last" }, editedAt: T0 + 9000 });
  });

  test("shows that it was taken back, and when first", () => {
    expect(viewAfter(["deleted", 3, { author }], ["deleted", 4, { author }])?.deletedAt).toBe(T0 + 3000);
  });

  test("shows an author's last reaction, and none that was taken back", () => {
    const heart: Step = ["reacted", 1, { emoji: "❤️", author }];
    expect(viewAfter(heart, ["reacted", 2, { emoji: "👍", author }])?.reactions).toEqual([{ emoji: "👍", author }]);
    expect(viewAfter(heart, ["reacted", 2, { author }])?.reactions).toEqual([]);
  });
});

describe("our own reaction", () => {
  const author = { type: "agent" } as const;
  const customers = {
    id: "msg_in",
    direction: "inbound",
    author: { type: "contact" },
    content: { type: "text", text: "Obrigada!" },
    providerMessageId: "wamid.IN",
  };
  const replyTo = { id: "msg_in", providerMessageId: "wamid.IN" };

  /** The customer's message after these entries. */
  function reactionsAfter(...told: [type: EventType, data: object][]) {
    const entries: Entry[] = [];
    for (const [type, data] of [["message.received", { message: customers }] as const, ...told]) {
      const at = { received: T0, recorded: T0 };
      const key = String(entries.length);
      const arrival: Arrival = { key, token: "t", type, account: "whatsapp", channel: "whatsapp", at, data };
      entries.push(advance(entries.at(-1)?.after, arrival));
    }
    return foldMessages("conv_x", entries)[0]?.reactions;
  }
  const queued = (id: string, emoji: string): [EventType, object] => [
    "message.queued",
    { message: { id, direction: "outbound", author, content: { type: "reaction", emoji }, replyTo } },
  ];
  const sent = (id: string): [EventType, object] => ["message.sent", { message: { id, providerMessageId: `p.${id}` } }];
  const failed = (id: string): [EventType, object] => ["message.failed", { message: { id }, failure: REFUSED }];
  const theirs: [EventType, object] = [
    "message.reacted",
    { message: { providerMessageId: "wamid.IN" }, emoji: "😂", author: { type: "contact" } },
  ];

  test("is on the message once it was sent, beside that of the customer", () => {
    expect(reactionsAfter(queued("msg_1", "👍"))).toBeUndefined();
    expect(reactionsAfter(queued("msg_1", "👍"), sent("msg_1"))).toEqual([{ emoji: "👍", author }]);
    expect(reactionsAfter(queued("msg_1", "👍"), failed("msg_1"))).toBeUndefined();
    const both = reactionsAfter(theirs, queued("msg_1", "👍"), sent("msg_1"));
    expect(both?.map(({ emoji }) => emoji)).toEqual(["😂", "👍"]);
  });

  test("is one of the whole business: the next takes its place, an empty one takes it back", () => {
    const first = [queued("msg_1", "👍"), sent("msg_1")];
    expect(reactionsAfter(...first, queued("msg_2", "❤️"), sent("msg_2"))).toEqual([{ emoji: "❤️", author }]);
    const byPhone: [EventType, object] = [
      "message.reacted",
      { message: { providerMessageId: "wamid.IN" }, emoji: "🎂", author: { type: "bot" } },
    ];
    expect(reactionsAfter(...first, byPhone)?.map(({ emoji }) => emoji)).toEqual(["🎂"]);
    expect(reactionsAfter(...first, queued("msg_2", ""), sent("msg_2"))).toEqual([]);
  });
});

test("what is said about an album, under the one id that the provider has for it, is about its first picture", () => {
  const entries: Entry[] = [];
  const picture = { type: "image", media: { contentType: "image/jpeg" } };
  const about = { direction: "inbound", author: { type: "contact" }, content: picture, providerMessageId: "m_1" };
  const told: [EventType, object][] = [
    ["message.received", { message: { id: "msg_1", ...about } }],
    ["message.received", { message: { id: "msg_2", ...about } }],
    ["message.reacted", { message: { providerMessageId: "m_1" }, emoji: "👍", author: { type: "contact" } }],
  ];
  for (const [index, [type, data]] of told.entries()) {
    const at = { provider: T0, received: T0, recorded: T0 };
    const arrival: Arrival = { key: `${index}`, token: "t", type, account: "page", channel: "messenger", at, data };
    entries.push(advance(entries.at(-1)?.after, arrival));
  }
  expect(foldMessages("conv_x", entries).map(({ reactions }) => reactions?.length)).toEqual([1, undefined]);
});
