import { beforeEach, describe, expect, test } from "vitest";
import { shown } from "../../../functions/api/messages.ts";
import { type ApiMessage, MessagePage } from "../../../shared/domain/api-shapes.ts";
import { advance, type Entry } from "../../../shared/domain/conversation-log.ts";
import type { EventType } from "../../../shared/domain/event.ts";
import { contactId, conversationId, eventKey, messageId } from "../../../shared/domain/ids.ts";
import type { MailboxItem } from "../../../shared/domain/mailbox.ts";
import { foldMessages } from "../../../shared/domain/message-status.ts";
import { inboundText, newToken, queued, receipt, SECRET } from "../../fakes/arrivals.ts";
import { seeded } from "../../fakes/pump.ts";
import { apiWorld } from "./api-world.ts";

const address = "5511987650000";
const conversation = conversationId(SECRET, "whatsapp", address);
const messages = `/v1/conversations/${conversation}/messages`;
const ours = "msg_0123456789abcdefghjkmnpqrs";
const START = 1_795_000_000_000;

let here: ReturnType<typeof apiWorld>;
beforeEach(() => {
  here = apiWorld();
});

const read = async (url: string) => MessagePage.parse((await here.ask("GET", url)).json);
const iso = (time: number) => new Date(time).toISOString();

async function readAll(limit: number): Promise<{ all: ApiMessage[]; pages: number }> {
  const all: ApiMessage[] = [];
  for (let pages = 1, next = ""; ; pages++) {
    const { data, nextCursor } = await read(`${messages}?limit=${limit}${next}`);
    expect(data.length).toBeLessThanOrEqual(limit);
    all.push(...data);
    if (nextCursor === null) return { all, pages };
    next = `&cursor=${nextCursor}`;
  }
}

describe("the messages of a conversation", () => {
  test("stand in the order of the log, both directions", async () => {
    await here.arrive(
      inboundText("wamid.1", { text: "Oi", time: START - 5_000 }),
      queued(ours),
      inboundText("wamid.2"),
    );
    const { data } = await read(messages);
    expect(data.map(({ direction }) => direction)).toEqual(["inbound", "outbound", "inbound"]);
    expect(data[0]).toEqual({
      id: messageId(SECRET, "whatsapp", "wamid.1"),
      conversation,
      direction: "inbound",
      author: { type: "contact" },
      content: { type: "text", text: "Oi" },
      providerMessageId: "wamid.1",
      sentAt: iso(START - 5_000),
      receivedAt: iso(START),
    });
  });

  const receipts = (["message.sent", "message.delivered", "message.read"] as const).map((type, at) =>
    receipt(type, ours, { received: START + at * 1_000 }),
  );
  test.each([
    ["in order", [0, 1, 2]],
    ["the other way round", [2, 1, 0]],
    ["mixed", [1, 2, 0]],
  ])("have the status of their receipts when these come %s", async (_, order) => {
    await here.arrive(queued(ours), ...order.flatMap((at) => receipts[at] ?? []));
    const [message] = (await read(messages)).data;
    expect(message).toMatchObject({
      status: "read",
      statusAt: { queued: iso(START), sent: iso(START), delivered: iso(START + 1_000), read: iso(START + 2_000) },
      providerMessageId: `wamid.${ours}`,
    });
  });

  test("say why they failed", async () => {
    await here.arrive(queued(ours), receipt("message.failed", ours));
    const [message] = (await read(messages)).data;
    expect(message).toMatchObject({
      status: "failed",
      failure: { class: "unreachable", code: "131026", reason: expect.any(String) },
    });
  });

  test("know of receipts that lie behind their page", async () => {
    await here.arrive(queued(ours), inboundText("wamid.1"), inboundText("wamid.2"), ...receipts);
    const { data, nextCursor } = await read(`${messages}?limit=1`);
    expect(data).toMatchObject([{ id: ours, status: "read" }]);
    expect(nextCursor).not.toBeNull();
  });

  test("end when only receipts follow", async () => {
    await here.arrive(inboundText("wamid.1"), queued(ours), ...receipts);
    expect((await read(`${messages}?limit=2`)).nextCursor).toBeNull();
    expect((await readAll(1)).pages).toBe(2);
  });

  test("do not take the cursor of another conversation", async () => {
    await here.arrive(inboundText("wamid.1"), inboundText("wamid.2"), inboundText("wamid.3", { address: "other" }));
    const { nextCursor } = await read(`${messages}?limit=1`);
    const elsewhere = `/v1/conversations/${conversationId(SECRET, "whatsapp", "other")}/messages?cursor=${nextCursor}`;
    expect((await here.ask("GET", elsewhere)).status).toBe(400);
  });
});

type Step = { type: EventType; subject: string; data: unknown };

/** What happens to one message of ours, in any order that a provider may tell it in. */
function lifeOf(number: number, random: () => number): Step[] {
  const id = `msg_${String(number).padStart(26, "0")}`;
  const providerMessageId = `wamid.${number}`;
  const [message, known] = [{ id }, { id, part: 0, providerMessageId }];
  const told = (word: "sent" | "delivered" | "read", of = known): Step => ({
    type: `message.${word}`,
    subject: `${of.providerMessageId}#${word}`,
    data: { message: of },
  });
  const second = { id, part: 1, providerMessageId: `${providerMessageId}b` };
  const gaveUp = { class: "unconfirmed", reason: "Nobody confirmed it.", assumed: true };
  const refused = { class: "policy", code: "131047", reason: "Refused." };
  const lives: Step[][] = [
    [],
    [told("sent")],
    [told("sent"), told("delivered"), told("read")],
    [told("delivered"), told("sent")],
    [{ type: "message.failed", subject: `${id}#failed`, data: { message, failure: refused } }],
    [
      told("sent"),
      { type: "message.failed", subject: `${providerMessageId}#failed`, data: { message: known, failure: refused } },
    ],
    [
      { type: "message.uncertain", subject: `${id}#uncertain`, data: { message, detail: "time-out" } },
      { type: "message.failed", subject: `${id}#failed`, data: { message, failure: gaveUp } },
      ...(random() < 0.5 ? [told("delivered"), told("sent")] : []),
    ],
  ];
  const content = { type: "text", text: `number ${number}` };
  const whole = { ...message, direction: "outbound", author: { type: "agent" }, content };
  const isTwo = random() < 0.2;
  const parts = isTwo && { parts: [content, content] };
  const data = { message: whole, expiresAt: 0, ...parts };
  const opening: Step = { type: "message.queued", subject: `${id}#queued`, data };
  const life = lives[Math.floor(random() * lives.length)] ?? [];
  // Behind a part that the provider refused, no other is sent.
  const isRefused = life[0]?.type === "message.failed";
  const later = isTwo && !isRefused ? [told("sent", second), ...(random() < 0.5 ? [told("read", second)] : [])] : [];
  return [opening, ...life, ...later];
}

/** A picture of the customer's, and what becomes of it. */
function lifeOfFile(number: number, random: () => number): Step[] {
  const id = `msg_file${number}`;
  const content = { type: "image", media: { providerMediaId: `${number}`, contentType: "image/jpeg" } };
  const message = { id, direction: "inbound", author: { type: "contact" }, content };
  const opening: Step = { type: "message.received", subject: `wamid.file${number}#received`, data: { message } };
  const media = { id: `med_${number}`, contentType: "image/jpeg", size: 1, sha256: "ab" };
  const failure = { code: "expired", reason: "It is gone." };
  const ends: Step[] = [
    { type: "media.stored", subject: `${id}#media`, data: { message: { id }, media } },
    { type: "media.failed", subject: `${id}#media`, data: { message: { id }, ...failure } },
  ];
  const end = ends[Math.floor(random() * 3)];
  return end ? [opening, end] : [opening];
}

/** A log in which every message's receipts are as far from it as `spread` entries. */
function longLog(seed: number, { size, spread }: { size: number; spread: number }): Entry[] {
  const random = seeded(seed);
  const timeline: { at: number; step: Step }[] = [];
  for (let number = 0; timeline.length < size; number++) {
    let at = number * 3;
    const life = random() < 0.2 ? lifeOfFile(number, random) : lifeOf(number, random);
    for (const step of life) {
      timeline.push({ at, step });
      at += 1 + Math.floor(random() * (random() < 0.3 ? spread : 3));
    }
  }
  const entries: Entry[] = [];
  for (const { step } of timeline.sort((a, b) => a.at - b.at)) {
    const received = START + entries.length * 1_000;
    const isWatermark = entries.length > 0 && random() < 0.002;
    const watermark = { message: {}, watermark: received - Math.floor(random() * spread * 1_000) };
    const arrivals = isWatermark
      ? [step, { type: "message.read" as const, subject: `watermark ${received}`, data: watermark }]
      : [step];
    for (const { subject, ...arrival } of arrivals) {
      entries.push(
        advance(entries.at(-1)?.after, {
          ...arrival,
          key: eventKey(SECRET, "whatsapp", subject),
          token: newToken(),
          account: "whatsapp",
          channel: "whatsapp",
          address,
          contact: contactId(SECRET, "whatsapp", address),
          at: { received, recorded: received },
        }),
      );
    }
  }
  return entries;
}

function put(entries: Entry[]): void {
  here.table.logs.set(conversation, entries);
  here.table.summaries.set(conversation, {
    conversation,
    account: "whatsapp",
    channel: "whatsapp",
    address,
    contact: contactId(SECRET, "whatsapp", address),
    status: "open",
    lastActivityAt: START,
    sequence: 1,
  });
}

describe("pages together are the whole log", () => {
  const cases = [
    ...[1, 2, 3, 4, 5].map((seed) => ({ seed, size: 300, spread: 50, limit: 7 })),
    ...(process.env.RECADO_TEST_RUNS ? [6, 7, 8] : [6]).map((seed) => ({
      seed,
      size: 3_000,
      spread: 2_500,
      limit: 60,
    })),
  ];
  test.each(cases)(
    "with $size entries and receipts up to $spread away (seed $seed)",
    async ({ seed, size, spread, limit }) => {
      const entries = longLog(seed, { size, spread });
      put(entries);
      const { all } = await readAll(limit);
      expect(all).toEqual(foldMessages(conversation, entries).map(shown));
    },
  );

  test("a long stretch of receipts does not end the list early", async () => {
    const [first, ...rest] = longLog(9, { size: 12, spread: 3 });
    const noise = Array.from({ length: 7_000 }, (_, number) => ({
      type: "message.reacted" as const,
      subject: `reaction ${number}`,
      data: {},
    }));
    const entries: Entry[] = [];
    for (const step of [first, ...noise, ...rest]) {
      if (!step) continue;
      const arrival = "after" in step ? step : { ...first, ...step, key: `noise ${entries.length}` };
      const { sequence: _, after: __, ...placed } = arrival as Entry;
      entries.push(advance(entries.at(-1)?.after, placed));
    }
    put(entries);
    const { all } = await readAll(3);
    expect(all).toEqual(foldMessages(conversation, entries).map(shown));
    expect(all.length).toBeGreaterThan(2);
  });

  test("a page at the beginning costs the same however long the log is", async () => {
    const rowsRead = async (tail: number) => {
      const entries = settledBeginning(tail);
      put(entries);
      let rows = 0;
      const table = new Proxy(here.table, {
        get: (target, name) => {
          if (name !== "entries") return Reflect.get(target, name).bind?.(target) ?? Reflect.get(target, name);
          return async (log: string, after: number, limit: number) => {
            const found = await target.entries(log, after, limit);
            rows += found.length;
            return found;
          };
        },
      });
      here.ports.table = table;
      expect((await read(`${messages}?limit=10`)).data).toHaveLength(10);
      return rows;
    };
    const [short, long] = [await rowsRead(3_000), await rowsRead(12_000)];
    expect(long).toBe(short);
  });
});

/** Ten messages of ours that were sent, and so many of the customer's behind them. */
function settledBeginning(tail: number): Entry[] {
  const entries: Entry[] = [];
  const append = ({ key, token, type, account, channel, data }: MailboxItem) =>
    entries.push(
      advance(entries.at(-1)?.after, {
        ...{ key, token, type, account, channel, data },
        at: { received: START, recorded: START },
      }),
    );
  for (let number = 0; number < 10; number++) {
    const id = `msg_${String(number).padStart(26, "0")}`;
    append(queued(id));
    append(receipt("message.sent", id));
  }
  for (let number = 0; number < tail; number++) append(inboundText(`wamid.${number}`));
  return entries;
}
