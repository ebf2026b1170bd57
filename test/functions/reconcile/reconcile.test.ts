import { beforeEach, describe, expect, it } from "vitest";
import { type Ports, reconcile } from "../../../functions/reconcile/reconcile.ts";
import type { OpenMessage, Parsed, Reconciler } from "../../../shared/channels/connector.ts";
import { type Arrival, advance } from "../../../shared/domain/conversation-log.ts";
import { erasedEntry } from "../../../shared/domain/erased-entry.ts";
import { conversationId, encodeCorrelation } from "../../../shared/domain/ids.ts";
import type { MailboxItem } from "../../../shared/domain/mailbox.ts";
import { WorldFault } from "../../../shared/ports.ts";
import { inboundText, queued, receipt, SECRET } from "../../fakes/arrivals.ts";
import { MemoryTable } from "../../fakes/memory-table.ts";
import { Crash, faulty, MemoryMailbox, PlayedClock } from "../../fakes/world.ts";

const HOUR = 3_600_000;
const DAY = 24 * HOUR;
const NOW = 1_795_000_000_000;
const CUSTOMER = "5511987650000";
const CONVERSATION = conversationId(SECRET, "whatsapp", CUSTOMER);

let table: MemoryTable;
let mailbox: MemoryMailbox;
let clock: PlayedClock;
let asked: { since: number; until: number; open: readonly OpenMessage[] }[];

beforeEach(() => {
  table = new MemoryTable();
  mailbox = new MemoryMailbox();
  clock = new PlayedClock(NOW);
  asked = [];
});

/** A provider that knows all of this, whenever it happened. */
function provider(parsed: readonly Parsed[], { isComplete = true, asksAboutOpen = false } = {}): Reconciler {
  return {
    ...(asksAboutOpen && { asksAboutOpen }),
    async missed({ since, until, open }) {
      asked.push({ since, until, open });
      return { parsed: [...parsed], isComplete };
    },
  };
}

const account = { name: "whatsapp", settings: {}, secrets: {} };

function run(reconciler: Reconciler, ports: Partial<Ports> = {}) {
  return reconcile(account, reconciler, {
    table,
    mailbox,
    clock,
    random: (bytes) => new Uint8Array(bytes),
    objects: { put: async () => {} },
    connector: "whatsapp-cloud",
    channel: "whatsapp",
    joinByNumber: false,
    idSecret: SECRET,
    http: async () => ({ kind: "not_sent", detail: "nobody is there" }),
    others: [],
    remaining: () => 300_000,
    ...ports,
  });
}

/** Records what lies in the mailbox, or these, as record-event keeps it: each key once. */
function record(items: MailboxItem[] = mailbox.waiting.splice(0)): void {
  for (const { log, aliases: _, contact, hops: __, ...item } of items) {
    const entries = table.logs.get(log) ?? [];
    if (entries.some(({ key }) => key === item.key)) continue;
    const arrival = {
      ...item,
      ...(contact && { contact: contact.id }),
      at: { ...item.at, recorded: item.at.received },
    } as Arrival;
    const entry = advance(entries.at(-1)?.after, arrival);
    table.logs.set(log, [...entries, entry]);
    if (!log.startsWith("conv_")) continue;
    const summary = { conversation: log, account: item.account, channel: item.channel, address: item.address ?? "" };
    const { n: sequence, status } = entry.after;
    table.summaries.set(log, { ...summary, contact: "", status, lastActivityAt: item.at.received, sequence });
  }
}

const wrote = (id: string, time?: number): Parsed => ({
  account: "whatsapp",
  subject: `${id}#received`,
  address: CUSTOMER,
  ...(time !== undefined && { time }),
  happening: {
    type: "message.received",
    message: { providerMessageId: id, author: { type: "contact" }, content: { type: "text", text: "Olá" } },
  },
});
/** A message of the business's in the provider's list. */
const listed = (id: string, text: string, time = NOW): Parsed => ({
  account: "whatsapp",
  subject: `${id}#sent`,
  address: CUSTOMER,
  time,
  happening: {
    type: "message.sent",
    message: { providerMessageId: id, author: { type: "agent", origin: "other_app" }, content: { type: "text", text } },
  },
});
const delivered = (id: string): Parsed => ({
  account: "whatsapp",
  subject: `${id}#delivered`,
  address: CUSTOMER,
  happening: { type: "message.delivered", receipt: { providerMessageId: id } },
});
const types = () => mailbox.waiting.map(({ type }) => type);

describe("the span", () => {
  it("is a day at first, then from the end of the last one with an hour before", async () => {
    await run(provider([]));
    clock.time += 2 * HOUR;
    await run(provider([]));
    expect(asked).toEqual([
      { since: NOW - DAY, until: NOW, open: [] },
      { since: NOW - HOUR, until: NOW + 2 * HOUR, open: [] },
    ]);
  });

  it("is never longer than seven days, and asked for a day at a time", async () => {
    await table.reconciled("whatsapp", NOW - 30 * DAY);
    await run(provider([]));
    expect(asked.map(({ since }) => (NOW - since) / DAY)).toEqual([7, 6, 5, 4, 3, 2, 1]);
    expect(asked.map(({ until }) => until).slice(0, -1)).toEqual(asked.map(({ since }) => since).slice(1));
    expect(await table.reconciledUntil("whatsapp")).toBe(NOW);
  });

  it("is given up in time where the provider answers too slowly, and what it has told is kept", async () => {
    let remaining = 300_000;
    const slow = async () => {
      remaining -= 20_000;
      return { kind: "answer" as const, status: 200, headers: {}, body: "" };
    };
    const endless: Reconciler = {
      async missed(_, http) {
        const parsed = [wrote("wamid.1")];
        while (remaining > 0) {
          const answer = await http({ method: "GET", url: "https://provider.test/", headers: {} });
          if (answer.kind !== "answer") return { parsed, isComplete: false };
        }
        throw new Error("the function was ended");
      },
    };
    const report = await run(endless, { http: slow, remaining: () => remaining });
    expect(report).toMatchObject({ isComplete: false, missed: { "message.received": 1 } });
    expect(types()).toEqual(["message.received"]);
  });

  it("is left where it is when the time runs out, and gone on with the next time", async () => {
    await table.reconciled("whatsapp", NOW - 3 * DAY);
    let remaining = 300_000;
    const tiring = provider([]);
    const answer = await run(
      {
        async missed(...given) {
          remaining -= 150_000;
          return tiring.missed(...given);
        },
      },
      { remaining: () => remaining },
    );
    expect(asked).toHaveLength(2);
    expect(await table.reconciledUntil("whatsapp")).toBe(asked[1]?.until);
    expect(answer.until).toBe(asked[1]?.until);
    asked = [];
    await run(provider([]));
    expect(asked[0]?.since).toBe(answer.until - HOUR);
    expect(asked.at(-1)?.until).toBe(NOW);
  });

  it("is asked for again where the provider did not tell everything; what it told is kept", async () => {
    expect(await run(provider([wrote("wamid.1")], { isComplete: false }))).toMatchObject({ isComplete: false });
    expect(types()).toEqual(["message.received"]);
    expect(await table.reconciledUntil("whatsapp")).toBeUndefined();
    clock.time += HOUR;
    await run(provider([wrote("wamid.1")]));
    expect(asked[1]).toMatchObject({ since: NOW + HOUR - DAY, until: NOW + HOUR });
  });

  it("that is too much for the provider does not keep what is missed today from being found", async () => {
    await table.reconciled("whatsapp", NOW - 3 * DAY);
    const busy: Reconciler = {
      async missed({ since, until }) {
        asked.push({ since, until, open: [] });
        return { parsed: until === NOW ? [wrote("wamid.1")] : [], isComplete: until === NOW };
      },
    };
    expect(await run(busy)).toMatchObject({ isComplete: false, until: NOW - 3 * DAY - HOUR });
    expect(asked.map(({ since, until }) => [NOW - since, NOW - until])).toEqual([
      [3 * DAY + HOUR, 2 * DAY + HOUR],
      [2 * HOUR, 0],
    ]);
    expect(types()).toEqual(["message.received", "account.alert"]);
    expect(await table.reconciledUntil("whatsapp")).toBe(NOW - 3 * DAY);
  });

  it("that stays behind for more than a day is told to the account, once a day", async () => {
    await table.reconciled("whatsapp", NOW - 2 * DAY);
    const refusing = provider([], { isComplete: false });
    await run(refusing);
    expect(mailbox.waiting).toMatchObject([{ log: "account:whatsapp", data: { code: "reconcile_behind" } }]);
    record();
    await run(refusing);
    expect(mailbox.waiting).toEqual([]);
  });
});

describe("what the provider tells", () => {
  it("is delivered once, in the order in which it happened, and not as late", async () => {
    const told = provider([wrote("wamid.2", NOW - 1000), wrote("wamid.1", NOW - 2000)]);
    expect(await run(told)).toMatchObject({ told: 2, known: 0, missed: { "message.received": 2 } });
    expect(mailbox.waiting).toMatchObject([
      { log: CONVERSATION, at: { provider: NOW - 2000, received: NOW } },
      { log: CONVERSATION, at: { provider: NOW - 1000 } },
    ]);
    expect(mailbox.waiting.some(({ late }) => late)).toBe(false);
    record();
    expect(await run(told)).toMatchObject({ told: 2, known: 2, missed: {} });
    expect(mailbox.waiting).toEqual([]);
  });

  it("is left alone where the webhook has told it", async () => {
    record([inboundText("wamid.1")]);
    expect(await run(provider([wrote("wamid.1"), wrote("wamid.2")]))).toMatchObject({ known: 1 });
    expect(mailbox.waiting).toMatchObject([{ data: { message: { providerMessageId: "wamid.2" } } }]);
  });

  it("is delivered again when the run dies before it can remember, and is one event all the same", async () => {
    const told = provider([wrote("wamid.1")]);
    const dying = faulty(table, (_, method) => (method === "reconciled" ? "before" : undefined), {
      count: { calls: 0 },
      crash: true,
    });
    await expect(run(told, { table: dying })).rejects.toThrow(Crash);
    await run(told);
    expect(mailbox.waiting).toHaveLength(2);
    record();
    expect(table.logs.get(CONVERSATION)).toHaveLength(1);
  });

  it("is not remembered as told when the mailbox does not take it", async () => {
    const deliver = async () => {
      throw new WorldFault("down");
    };
    await expect(run(provider([wrote("wamid.1")]), { mailbox: { deliver } })).rejects.toThrow(WorldFault);
    expect(await table.reconciledUntil("whatsapp")).toBeUndefined();
  });
});

describe("what the business sent", () => {
  const ours = { conversation: CONVERSATION, message: "msg_1", part: 0 };

  it("is asked about while nobody has told its end, part by part, newest first", async () => {
    record([
      queued("msg_1", { received: NOW - 3000 }),
      queued("msg_2", { received: NOW - 2000 }),
      queued("msg_3", { received: NOW - 1000 }),
    ]);
    record([receipt("message.sent", "msg_1"), receipt("message.sent", "msg_2"), receipt("message.delivered", "msg_2")]);
    record([queued("msg_4", { received: NOW }), receipt("message.sent", "msg_4"), receipt("message.failed", "msg_4")]);
    record([queued("msg_5", { received: NOW }), receipt("message.sent", "msg_5")]);
    await run(provider([], { asksAboutOpen: true }));
    const correlation = (message: string) => encodeCorrelation({ ...ours, message });
    // msg_3 has no id of the provider's yet.
    expect(asked[0]?.open).toEqual([
      { providerMessageId: "wamid.msg_5", to: CUSTOMER, correlation: correlation("msg_5") },
      { providerMessageId: "wamid.msg_1", to: CUSTOMER, correlation: correlation("msg_1") },
    ]);
  });

  it("is asked about for a day, however short ago the provider was asked", async () => {
    record([queued("msg_1"), receipt("message.sent", "msg_1")]);
    clock.time += 20 * HOUR;
    await table.reconciled("whatsapp", clock.time - 60_000);
    await run(provider([], { asksAboutOpen: true }));
    expect(asked[0]?.open).toMatchObject([{ providerMessageId: "wamid.msg_1" }]);
  });

  it("is not looked for where it cannot be asked about, nor where nobody has written for long", async () => {
    record([queued("msg_1"), receipt("message.sent", "msg_1")]);
    await run(provider([]));
    clock.time += 3 * DAY;
    await table.reconciled("whatsapp", clock.time);
    await run(provider([], { asksAboutOpen: true }));
    expect(asked.map(({ open }) => open)).toEqual([[], []]);
  });

  it("and has an end that the provider tells by its id alone: it finds its message", async () => {
    record([queued("msg_01kat1n2v3w4x5y6z7a8b9c0d1")]);
    await table.remember("whatsapp", "wamid.1", { ...ours, message: "msg_01kat1n2v3w4x5y6z7a8b9c0d1" });
    await run(provider([delivered("wamid.1")]));
    expect(mailbox.waiting).toMatchObject([
      {
        log: CONVERSATION,
        type: "message.delivered",
        data: { message: { id: "msg_01kat1n2v3w4x5y6z7a8b9c0d1", part: 0 } },
      },
    ]);
  });

  it("and is somebody else's send is none of our business", async () => {
    expect(await run(provider([delivered("wamid.foreign")]))).toMatchObject({ foreign: 1, missed: {} });
    expect(mailbox.waiting).toEqual([]);
  });

  it("elsewhere is a message of the conversation; what we sent is a receipt at most", async () => {
    record([queued("msg_1"), receipt("message.sent", "msg_1")]);
    await table.remember("whatsapp", "wamid.msg_7", { ...ours, message: "msg_01kat1n2v3w4x5y6z7a8b9c0d7" });
    const inInbox = listed("wamid.elsewhere", "I wrote this in the inbox");
    const report = await run(provider([listed("wamid.msg_1", "Bom dia"), listed("wamid.msg_7", "Boa tarde"), inInbox]));
    expect(report).toMatchObject({ known: 1, missed: { "message.sent": 2 } });
    expect(mailbox.waiting).toMatchObject([
      { data: { message: { id: "msg_01kat1n2v3w4x5y6z7a8b9c0d7", providerMessageId: "wamid.msg_7" } } },
      {
        data: {
          message: { direction: "outbound", author: { origin: "other_app" }, providerMessageId: "wamid.elsewhere" },
        },
      },
    ]);
    expect(mailbox.waiting[0]?.data).not.toHaveProperty("message.content");
  });

  it("and was erased since is not taken for something else that has no words", async () => {
    const message = "msg_01kat1n2v3w4x5y6z7a8b9c0d3";
    record([queued(message, { received: NOW - 5000 })]);
    for (const [log, entries] of table.logs) table.logs.set(log, entries.map(erasedEntry));
    const { happening, ...rest } = listed("m_1", "");
    const content = { type: "unsupported", reason: "sticker", raw: {} } as const;
    const said = { ...(happening as { message: object }).message, content };
    await run(provider([{ ...rest, happening: { type: "message.sent", message: said } as Parsed["happening"] }]));
    expect(mailbox.waiting).toMatchObject([{ data: { message: { content } } }]);
  });

  it("and was never confirmed is recognized by what it says, and is sent", async () => {
    const message = "msg_01kat1n2v3w4x5y6z7a8b9c0d2";
    record([queued(message, { text: "Are you there?", received: NOW - 5000 })]);
    const others = [listed("m_0", "Are you there?", NOW - DAY), listed("m_2", "Hello?", NOW - 1000)];
    await run(provider([listed("m_1", "Are you there?", NOW), ...others]));
    expect(mailbox.waiting).toMatchObject([
      // Said a day before ours was written, or in other words: not ours.
      { data: { message: { providerMessageId: "m_0", content: { text: "Are you there?" } } } },
      { data: { message: { providerMessageId: "m_2", content: { text: "Hello?" } } } },
      { data: { message: { id: message, providerMessageId: "m_1" } } },
    ]);
  });
});
