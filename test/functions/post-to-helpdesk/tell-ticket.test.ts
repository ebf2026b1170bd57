/** A desk of tickets, as post-to-helpdesk tells it of a conversation's log. */
import fc from "fast-check";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import type { DeskRules, Ports } from "../../../functions/post-to-helpdesk/ports.ts";
import { postToHelpdesk } from "../../../functions/post-to-helpdesk/post-to-helpdesk.ts";
import { capabilities as channels } from "../../../shared/channels/capabilities.ts";
import type { Content } from "../../../shared/domain/content.ts";
import { advance, type Entry, type Profile } from "../../../shared/domain/conversation-log.ts";
import { erasedEntry } from "../../../shared/domain/erased-entry.ts";
import { type Channel, type EventType, eventData, type Failure } from "../../../shared/domain/event.ts";
import type { DeskCapabilities } from "../../../shared/helpdesks/helpdesk.ts";
import { FAULTS, Faults } from "../../fakes/faults.ts";
import { MemoryDeskTickets } from "../../fakes/memory-desk-tickets.ts";
import { MemoryTable } from "../../fakes/memory-table.ts";
import { CAN_ALL, PlayedTicketDesk } from "../../fakes/played-ticket-desk.ts";
import { MemoryMailbox, PlayedClock } from "../../fakes/world.ts";

const LOG = "conv_AAAAAAAAAAAAAAAAAAAAAA";
const NOW = 1_795_000_000_000;
const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;
const DONE = { kind: "done" };

beforeEach(() => {
  for (const level of ["warn", "error"] as const) vi.spyOn(console, level).mockImplementation(() => {});
});
afterEach(() => vi.restoreAllMocks());

interface Given {
  capabilities?: Partial<DeskCapabilities>;
  rules?: Partial<DeskRules>;
  faults?: Faults;
  /** When the desk was put into the configuration. */
  since?: number;
  channel?: Channel;
}

function worldOf({ capabilities = {}, rules = {}, faults = new Faults(), since, channel = "whatsapp" }: Given = {}) {
  const table = new MemoryTable();
  const tickets = new MemoryDeskTickets();
  const clock = new PlayedClock(NOW);
  const desk = new PlayedTicketDesk();
  const mailbox = new MemoryMailbox();
  const written: Entry[] = [];
  table.logs.set(LOG, written);
  if (since !== undefined) tickets.since.set("desk whatsapp", since);
  const write = (type: EventType, data: object, more: { profile?: Profile; key?: string } = {}) => {
    const { key = `k${written.length + 1}`, ...rest } = more;
    const at = { received: clock.time, recorded: clock.time };
    const about = { key, token: "t", type, account: "whatsapp", channel, contact: "con_1", at };
    written.push(advance(written.at(-1)?.after, { ...about, address: "5511987650000", data, ...rest }));
    return written.at(-1)?.sequence ?? 0;
  };
  let messages = 0;
  const message = (direction: "inbound" | "outbound", content: Content | string, more: object) => {
    const id = `msg_${++messages}`;
    const said = typeof content === "string" ? { type: "text" as const, text: content } : content;
    const author = { type: direction === "inbound" ? "contact" : "agent" };
    return { id, message: { id, direction, author, content: said, ...more } };
  };
  const ports: Ports = {
    table: faults.on(table),
    tickets: faults.on(tickets),
    mailbox: faults.on(mailbox),
    desk: { name: "desk", onSolved: "reopen", receiptNotes: false, ...rules },
    capabilities: { ...CAN_ALL, ...capabilities },
    reach: async () => ({ name: "desk", settings: {}, secrets: {} }),
    way: desk,
    http: () => Promise.reject(new Error("no request of its own")),
    files: { read: async () => undefined, linkToRead: () => Promise.reject(new Error("no file")) },
    linksUrl: "https://recado.example/v1/links",
    account: () => ({ capabilities: channels["whatsapp-cloud"], templates: ["order_shipped"] }),
    clock,
    random: (bytes) => new Uint8Array(bytes),
    idSecret: async () => "secret",
  };
  return {
    table,
    tickets,
    clock,
    desk,
    mailbox,
    written,
    rules: ports.desk,
    write,
    /** The customer writes. */
    hears: (content: Content | string, more: { profile?: Profile; referral?: object } = {}) => {
      const { profile, ...about } = more;
      const { id, message: said } = message("inbound", content, about);
      write("message.received", { message: said }, profile ? { profile } : {});
      return id;
    },
    /** The business writes, at the desk unless it says otherwise. */
    says: (content: Content | string, more: object = { helpdesk: { name: "desk", id: `r${messages + 1}` } }) => {
      const { id, message: said } = message("outbound", content, more);
      write("message.queued", { message: said, expiresAt: NOW + HOUR_MS });
      return id;
    },
    becomes: (type: EventType, id: string, more: object = {}) => write(type, { message: { id }, ...more }),
    ring: (more: { closing?: true } = {}, received = 1) =>
      postToHelpdesk({ log: LOG, sequence: Math.max(written.length, 1), ...more }, received, 1, ports),
    invocation: () =>
      faults.invocation(() => postToHelpdesk({ log: LOG, sequence: Math.max(written.length, 1) }, 1, 1, ports)),
  };
}

const failure = (kind: Failure["class"], reason: string): Failure => ({ class: kind, reason });

describe("a ticket", () => {
  it("is opened by the customer's first words, under their name, and linked both ways", async () => {
    const { hears, ring, desk, tickets, mailbox } = worldOf();
    hears("Olá", { profile: { name: "Maria" } });
    expect(await ring()).toEqual(DONE);
    expect(desk.read()).toEqual(["customer: Olá"]);
    expect(desk.tickets).toMatchObject([{ id: "t1", name: "Maria" }]);
    expect(desk.places[0]?.conversation).toMatchObject({
      channel: "whatsapp",
      title: "WhatsApp: Maria",
      customer: { id: "con_1", name: "Maria", phone: "+5511987650000" },
      replyUntil: NOW + 24 * HOUR_MS,
      fields: { recado_channel: "WhatsApp", recado_account: "whatsapp" },
    });
    expect(tickets.links).toEqual(new Map([["desk t1", LOG]]));
    // A minute before it: an agent may have answered while the desk's own answer was on its way, or lost.
    expect(tickets.states.get(`desk ${LOG}`)).toMatchObject({ openedAt: NOW - MINUTE_MS });
    const [linked] = mailbox.waiting;
    expect(linked).toMatchObject({ log: LOG, type: "helpdesk.linked" });
    expect(eventData["helpdesk.linked"].parse(linked?.data)).toEqual({ helpdesk: "desk", ticket: "t1" });
  });

  it("has a number only where the channel's addresses are numbers", async () => {
    const { hears, ring, desk } = worldOf({ channel: "messenger" });
    hears("Olá");
    await ring();
    expect(desk.places[0]?.conversation).toMatchObject({ title: "Messenger: customer" });
    expect(desk.places[0]?.conversation.customer).not.toHaveProperty("phone");
  });

  it("that agents merged into another goes on under that one's id, and is not new there", async () => {
    const { hears, ring, desk, tickets } = worldOf({ capabilities: { fields: false } });
    hears("Olá");
    await ring();
    const before = tickets.states.get(`desk ${LOG}`);
    const say = desk.say.bind(desk);
    vi.spyOn(desk, "say").mockImplementationOnce(async (saying, place) => {
      const outcome = await say(saying, place);
      await place.keep({ id: "t9" });
      return outcome;
    });
    hears("Mais uma");
    await ring();
    expect(tickets.states.get(`desk ${LOG}`)).toMatchObject({ id: "t9", openedAt: before?.openedAt });
    expect(tickets.links.get("desk t9")).toBe(LOG);
    expect(desk.read().filter((line) => line.startsWith("recado"))).toHaveLength(1);
  });

  it("shows the last ten of what was said before it", async () => {
    const { hears, says, ring, desk } = worldOf();
    for (let count = 1; count <= 12; count++) says(`aviso ${count}.`, {});
    hears("Quero!");
    await ring();
    const [, note = ""] = desk.read();
    expect(note.match(/aviso \d+/g)).toEqual(Array.from({ length: 10 }, (_, index) => `aviso ${index + 3}`));
  });

  it("goes on although the desk serves its account no more", async () => {
    const { hears, ring, desk, rules } = worldOf();
    hears("Olá");
    await ring();
    rules.accounts = ["sms"];
    hears("Mais uma");
    await ring();
    expect(desk.read()).toEqual(["customer: Olá", "customer: Mais uma"]);
  });

  it("is not opened by what the business sends, which its first answer shows", async () => {
    const { hears, says, ring, desk } = worldOf();
    says({ type: "template", name: "promo", language: "pt_BR", parameters: ["Maria"] }, {});
    await ring();
    expect(desk.tickets).toEqual([]);
    hears("Quero!");
    await ring();
    const [first, note = ""] = desk.read();
    expect(first).toBe("customer: Quero!");
    expect(note).toMatch(/^recado: Earlier in this conversation:\n.* We: Template promo \(pt_BR\)\nMaria/);
    expect(desk.tickets[0]?.sayings[1]).toMatchObject({ isPrivate: true });
  });

  it("says in a note what the desk has no fields for", async () => {
    const { hears, ring, desk } = worldOf({ capabilities: { fields: false } });
    hears("Olá", { referral: { headline: "Sapatos", ctwa_clid: "abc" } });
    await ring();
    const [, note = ""] = desk.read();
    expect(note).toContain("💬 WhatsApp: +5511987650000 (+5511987650000), account whatsapp");
    expect(note).toContain("⏳ Free replies until 2026-11-19T");
    expect(note).toContain("Ad: headline: Sapatos; ctwa_clid: abc");
  });

  it("shows until when a free reply is possible, set right when it is an hour off, and where the customer came from", async () => {
    const { hears, ring, desk, clock } = worldOf();
    hears("Olá");
    clock.time += HOUR_MS / 2;
    hears("Alô?");
    await ring();
    expect(desk.shown).toEqual([]);
    clock.time += HOUR_MS;
    hears("Ainda aí?");
    hears("Vi o anúncio", { referral: { headline: "Sapatos" } });
    await ring();
    expect(desk.shown).toMatchObject([
      { recado_reply_until: new Date(clock.time + 24 * HOUR_MS).toISOString() },
      { recado_ad: "headline: Sapatos" },
    ]);
  });

  it("learns the customer's name when it becomes known", async () => {
    const { hears, write, ring, desk } = worldOf();
    hears("Olá");
    await ring();
    write("contact.updated", { change: "name" }, { profile: { name: "Maria" } });
    await ring();
    expect(desk.tickets).toMatchObject([{ name: "Maria" }]);
  });
});

describe("a solved ticket to which the customer writes", () => {
  const solved = async (rules: Partial<DeskRules>, isFinal = false) => {
    const world = worldOf({ rules });
    world.desk.isFinal = isFinal;
    world.hears("Olá");
    world.write("conversation.closed", { by: "agent", helpdesk: "desk" });
    await world.ring();
    const [ticket] = world.desk.tickets;
    if (ticket) ticket.status = "closed";
    return world;
  };

  it("is opened again, unless the owner wants otherwise", async () => {
    const { hears, ring, desk } = await solved({});
    hears("Mais uma");
    await ring();
    expect(desk.tickets).toMatchObject([{ id: "t1", status: "open" }]);
    expect(desk.read()).toEqual(["customer: Olá", "customer: Mais uma"]);
  });

  it("is followed by a new one, where the owner wants that, which shows what came before", async () => {
    const { hears, ring, desk, tickets } = await solved({ onSolved: "new" });
    hears("Mais uma");
    await ring();
    expect(desk.tickets).toMatchObject([
      { id: "t1", status: "closed" },
      { id: "t2", status: "open", follows: "t1" },
    ]);
    const [, , note = ""] = desk.read();
    expect(note).toContain("🔁 The ticket before was t1.");
    expect(note).toContain("Customer: Olá");
    expect([...tickets.links.keys()]).toEqual(["desk t1", "desk t2"]);
  });

  it.each([
    [23, 1],
    [25, 2],
  ])("within so many hours is opened again, and later followed: after %i, there are %i", async (hours, count) => {
    const { hears, ring, desk, clock } = await solved({ onSolved: { newAfterHours: 24 } });
    clock.time += hours * HOUR_MS;
    hears("Mais uma");
    await ring();
    expect(desk.tickets).toHaveLength(count);
  });

  it("is followed by a new one where the desk takes nothing more for it", async () => {
    const { hears, ring, desk } = await solved({}, true);
    hears("Mais uma");
    await ring();
    expect(desk.tickets).toMatchObject([{ status: "closed" }, { status: "open", follows: "t1" }]);
    expect(desk.tickets[1]?.sayings[0]?.text).toBe("Mais uma");
  });
});

describe("what became of an agent's reply", () => {
  const replied = async (given: Given = {}) => {
    const world = worldOf(given);
    world.hears("Olá");
    const id = world.says("Já vai a caminho");
    await world.ring();
    return { ...world, id };
  };

  it("is shown step by step, and never goes back", async () => {
    const { becomes, ring, desk, id } = await replied();
    for (const type of ["message.sent", "message.delivered", "message.sent", "message.read"] as const) {
      becomes(type, id);
      await ring();
    }
    expect(desk.statuses.map(({ status }) => status)).toEqual(["sent", "delivered", "read"]);
    expect(desk.read()).toEqual(["customer: Olá"]);
  });

  it("is shown as failed, with the reason and what to do", async () => {
    const { becomes, ring, desk, id } = await replied();
    becomes("message.failed", id, { failure: failure("window", "The customer last wrote 25 hours ago.") });
    await ring();
    expect(desk.statuses).toMatchObject([{ message: "r2", status: "failed" }]);
    expect(desk.statuses[0]?.reason).toContain("The customer last wrote 25 hours ago.");
    expect(desk.statuses[0]?.reason).toContain("order_shipped");
  });

  it("is said to be uncertain as long as nobody knows, and then what is known", async () => {
    const { becomes, ring, desk, id } = await replied();
    becomes("message.uncertain", id, { detail: "no answer" });
    await ring();
    expect(desk.read().at(-1)).toMatch(/^recado: ❔ Nobody knows yet whether this has arrived: “Já vai a caminho”/);
    becomes("message.delivered", id);
    await ring();
    expect(desk.statuses.map(({ status }) => status)).toEqual(["delivered"]);
  });

  it.each([
    [false, ["recado: ⚠️ Not delivered: “Já vai a caminho”"]],
    [true, ["recado: ✓ Sent: “Já vai a caminho”", "recado: ✓✓ Delivered: “Já vai a caminho”"]],
  ])(
    "is a note where the desk shows nothing itself: every step only if the owner wants it (%s)",
    async (all, notes) => {
      const { becomes, ring, desk, id } = await replied({
        capabilities: { statusBack: "note" },
        rules: { receiptNotes: all },
      });
      Reflect.set(desk, "status", undefined);
      becomes("message.sent", id);
      await ring();
      if (all) becomes("message.delivered", id);
      else becomes("message.failed", id, { failure: failure("unreachable", "The number is not on WhatsApp.") });
      await ring();
      const said = desk.read().slice(1);
      expect(said.map((line) => line.split("\n")[0])).toEqual(notes);
      if (!all) expect(said[0]).toContain("The number is not on WhatsApp. Check the number");
    },
  );

  it("is told in the end, where the desk has heard that nobody knew", async () => {
    const { becomes, ring, desk, id } = await replied({ capabilities: { statusBack: "note" } });
    Reflect.set(desk, "status", undefined);
    becomes("message.uncertain", id, { detail: "no answer" });
    await ring();
    becomes("message.delivered", id);
    await ring();
    expect(desk.read().at(-1)).toBe("recado: ✓✓ Delivered: “Já vai a caminho”");
  });

  it("is still told of the oldest of many of which nothing is known yet", async () => {
    const { says, becomes, ring, desk, id } = await replied();
    const other = says("Mais");
    becomes("message.delivered", other);
    await ring();
    for (let count = 0; count < 19; count++) says("E mais");
    await ring();
    becomes("message.failed", id, { failure: failure("transient", "Try later.") });
    await ring();
    expect(desk.statuses.at(-1)).toMatchObject({ message: "r2", status: "failed" });
  });

  it("is that of the part behind all others, where a reply became several messages", async () => {
    const { hears, says, becomes, ring, desk } = worldOf();
    hears("Olá");
    const ids = ["um", "dois"].map((text) => says(text, { helpdesk: { name: "desk", id: "r1" } }));
    const [first = "", second = ""] = ids;
    await ring();
    for (const id of ids) becomes("message.sent", id);
    becomes("message.read", first);
    await ring();
    expect(desk.statuses).toEqual([{ message: "r1", status: "sent" }]);
    becomes("message.failed", second, { failure: failure("payload", "Too large.") });
    await ring();
    expect(desk.statuses.at(-1)).toMatchObject({ message: "r1", status: "failed" });
  });

  it("is told anew of one that the agent had sent again", async () => {
    const { says, becomes, ring, desk, id } = await replied();
    becomes("message.failed", id, { failure: failure("transient", "Try later.") });
    const again = says("Já vai a caminho", { helpdesk: { name: "desk", id: "r2", attempt: 1 } });
    becomes("message.sent", again);
    await ring();
    expect(desk.statuses.map(({ message, status }) => [message, status])).toEqual([
      ["r2", "failed"],
      ["r2", "sent"],
    ]);
  });
});

describe("what happens elsewhere", () => {
  it("is shown: another desk's reply, with what became of it, and that it was closed", async () => {
    const { hears, says, write, becomes, ring, desk } = worldOf();
    hears("Olá");
    const id = says("Já respondi", { author: { type: "agent", name: "Bia" }, helpdesk: { name: "other", id: "x" } });
    becomes("message.failed", id, { failure: failure("payload", "Too long.") });
    write("conversation.closed", { by: "agent", helpdesk: "other" });
    await ring();
    expect(desk.read()).toEqual(["customer: Olá", "business: Já respondi"]);
    expect(desk.tickets[0]?.sayings[1]).toMatchObject({ author: "Bia", isPrivate: false });
    expect(desk.statuses).toMatchObject([{ message: `d_${id}`, status: "failed" }]);
    expect(desk.tickets).toMatchObject([{ status: "closed" }]);
  });

  it("is told again where the desk could not take it at first", async () => {
    const { hears, write, ring, desk } = worldOf();
    hears("Olá");
    await ring();
    write("conversation.closed", { by: "agent", helpdesk: "other" });
    vi.spyOn(desk, "state").mockResolvedValueOnce({ kind: "unavailable", detail: "HTTP 503" });
    expect(await ring()).toMatchObject({ kind: "retry" });
    expect(await ring()).toEqual(DONE);
    expect(desk.tickets).toMatchObject([{ status: "closed" }]);
  });

  it("is not told back to the desk where it was done", async () => {
    const { hears, says, write, ring, desk } = worldOf();
    hears("Olá");
    says("Resposta");
    write("conversation.closed", { by: "agent", helpdesk: "desk" });
    write("conversation.tagged", { tags: ["vip"], helpdesk: "desk" });
    await ring();
    expect(desk.read()).toEqual(["customer: Olá"]);
    expect(desk.states).toEqual([]);
    expect(desk.tags).toEqual([]);
  });

  it("is told of tags that another desk has, and not of what it refused, or of what the business changed", async () => {
    const { hears, says, becomes, write, ring, desk } = worldOf();
    hears("Olá");
    const id = says("Bom dia", {});
    write("conversation.tagged", { tags: ["vip"], helpdesk: "other" });
    write("helpdesk.failed", { helpdesk: "other", message: { id }, detail: "Nothing can be taken back." });
    becomes("message.edited", id, { content: { type: "text", text: "Boa noite" }, author: { type: "agent" } });
    await ring();
    expect(desk.tags).toEqual([["vip"]]);
    expect(desk.read()).toEqual(["customer: Olá", "business: Bom dia"]);
  });

  it("that the customer said holds up what comes behind it, as long as the desk may still take it", async () => {
    const { hears, ring, desk, clock } = worldOf();
    hears("um");
    await ring();
    hears("dois");
    hears("três");
    const refused = { kind: "refused", detail: "HTTP 422" } as const;
    desk.orders.push(refused);
    expect(await ring()).toMatchObject({ kind: "retry" });
    expect(desk.read()).toEqual(["customer: um"]);
    clock.time += 10 * MINUTE_MS;
    desk.orders.push(refused);
    expect(await ring()).toEqual(DONE);
    expect(desk.read()).toEqual(["customer: um", "customer: três"]);
  });

  it("that the desk refuses to have noted holds up nothing", async () => {
    const { hears, write, ring, desk } = worldOf();
    hears("Olá");
    write("consent.changed", { topic: "all", state: "opted_out", source: "keyword" });
    hears("Ainda aí?");
    desk.orders.push({ kind: "ok" }, { kind: "refused", detail: "HTTP 422" });
    expect(await ring()).toEqual(DONE);
    expect(desk.read()).toEqual(["customer: Olá", "customer: Ainda aí?"]);
  });

  it.each<[EventType, object, string]>([
    ["message.edited", { content: { type: "text", text: "Boa noite" }, author: { type: "contact" } }, "Boa noite"],
    ["message.deleted", { author: { type: "contact" } }, "deleted"],
    ["message.reacted", { emoji: "❤️", author: { type: "contact" } }, "❤️"],
  ])("%s by the customer is a note about the message", async (type, data, words) => {
    const { hears, becomes, ring, desk } = worldOf();
    const id = hears("Bom dia");
    becomes(type, id, data);
    await ring();
    expect(desk.tickets[0]?.sayings[1]).toMatchObject({
      from: "recado",
      isPrivate: true,
      text: expect.stringContaining(words),
      replyTo: `d_${id}`,
    });
  });

  it("an opt-out, and what an agent tried in vain, are notes", async () => {
    const { hears, write, ring, desk } = worldOf();
    const id = hears("STOP");
    write("consent.changed", { topic: "all", state: "opted_out", source: "keyword" });
    write("helpdesk.failed", { helpdesk: "desk", message: { id }, detail: "Nothing can be taken back." });
    write("helpdesk.failed", { helpdesk: "desk", event: "evt_1", detail: "It was refused." });
    await ring();
    expect(desk.read().slice(1)).toEqual([
      "recado: 🚫 The customer wants no more messages. Replies will be refused.",
      "recado: ⚠️ Nothing can be taken back.",
    ]);
  });
});

it("what the business writes for later is shown with when it goes out", async () => {
  const { hears, write, ring, desk } = worldOf();
  hears("Olá");
  const content = { type: "text", text: "Até amanhã!" };
  const message = { id: "msg_later", direction: "outbound", author: { type: "system" }, content };
  write("message.queued", { message, sendAt: Date.parse("2026-12-01T09:00:00Z"), expiresAt: 0 });
  await ring();
  expect(desk.read().slice(1)).toEqual([
    "business: Até amanhã!",
    "recado: ⏰ This goes out at 2026-12-01T09:00:00.000Z, unless it is cancelled.",
  ]);
});

it("words in whose place a template goes out are shown with its name, whoever wrote them", async () => {
  const { hears, write, ring, desk } = worldOf();
  hears("Olá");
  const about = { direction: "outbound", author: { type: "agent" }, content: { type: "text", text: "Já chegou" } };
  const parts = [{ type: "template", name: "update", language: "pt_BR", parameters: ["Já chegou"] }];
  write("message.queued", { message: { id: "msg_api", ...about }, parts, expiresAt: 0 });
  write("message.queued", {
    message: { id: "msg_desk", helpdesk: { name: "desk", id: "r1" }, ...about },
    ...{ parts, expiresAt: 0 },
  });
  await ring();
  const note = "recado: ℹ️ The customer last wrote too long ago for a free reply: it goes out as the template “update”.";
  expect(desk.read().slice(1)).toEqual(["business: Já chegou", note, note]);
});

describe("a conversation that goes on under another name", () => {
  const INTO = "conv_BBBBBBBBBBBBBBBBBBBBBB";

  it("takes its ticket along, which leads to all that was said in it under the old one", async () => {
    const { hears, says, write, ring, tickets } = worldOf();
    hears("Olá");
    says("Pois não?");
    write("contact.merged", { into: INTO });
    expect(await ring()).toEqual(DONE);
    // What becomes of the messages under the old one stands in no entry of the new one.
    expect(tickets.states.get(`desk ${INTO}`)).toMatchObject({ id: "t1", following: [] });
    // From there a reader follows it; from the new one nobody would find what was answered before.
    expect(tickets.links).toEqual(new Map([["desk t1", LOG]]));
  });

  it("leaves alone what that one has of its own", async () => {
    const { hears, write, ring, tickets, desk, clock } = worldOf();
    await tickets.putDeskState("desk", INTO, { kept: {}, following: [], waiting: [], id: "t7" });
    hears("Olá");
    write("contact.merged", { into: INTO });
    expect(await ring()).toEqual(DONE);
    expect(tickets.states.get(`desk ${INTO}`)).toMatchObject({ id: "t7" });
    // Nor is anybody told in the old one that the time to answer there ends.
    clock.time += 23.5 * HOUR_MS;
    await ring({ closing: true });
    expect(desk.read()).toEqual(["customer: Olá"]);
  });
});

describe("a customer who was erased", () => {
  const erased = { erasure: "era_1", contact: "con_1" };

  it("is told of in their ticket, which is forgotten: what they write then opens another one", async () => {
    const { hears, says, write, ring, desk, tickets, written } = worldOf();
    hears("Olá");
    says("Pois não?");
    write("contact.erased", erased);
    expect(await ring()).toEqual(DONE);
    expect(desk.read().at(-1)).toContain("please remove this ticket's contents");
    // Whoever erases finds by it what leads from the ticket to the conversation.
    expect(tickets.states.get(`desk ${LOG}`)).toMatchObject({ kept: {}, following: [], forgotten: ["t1"] });
    expect(tickets.states.get(`desk ${LOG}`)).not.toHaveProperty("id");

    for (const [index, entry] of written.slice(0, 2).entries()) written[index] = erasedEntry(entry);
    hears("Outra vez");
    expect(await ring()).toEqual(DONE);
    expect(desk.tickets).toHaveLength(2);
    expect(tickets.states.get(`desk ${LOG}`)).toMatchObject({ id: "t2", openedBy: 4 });
    expect(JSON.stringify(desk.tickets[1])).not.toContain("Olá");
  });

  it("is told of to a desk that is behind as one of whom nothing is known", async () => {
    const { hears, write, ring, desk, written } = worldOf();
    hears("Olá");
    write("contact.erased", erased);
    written[0] = erasedEntry(written[0] ?? expect.fail());
    expect(await ring()).toEqual(DONE);
    expect(desk.tickets).toEqual([]);
  });
});

describe("a customer's file", () => {
  const picture = {
    type: "image",
    caption: "Veja",
    media: { providerMediaId: "1", contentType: "image/jpeg" },
  } as const;
  const stored = { id: "med_1", contentType: "image/jpeg", size: 1000, sha256: "00" };

  it("is waited for, and told with its message", async () => {
    const { hears, becomes, ring, desk } = worldOf();
    const id = hears(picture);
    expect(await ring()).toEqual({ kind: "retry", afterSeconds: 1 });
    expect(desk.tickets).toEqual([]);
    becomes("media.stored", id, { media: stored });
    expect(await ring()).toEqual(DONE);
    expect(desk.read()).toEqual(["customer: Veja [image.jpg]"]);
  });

  it("that takes too long is told behind its message", async () => {
    const { hears, becomes, ring, desk, clock } = worldOf();
    const id = hears(picture);
    clock.time += MINUTE_MS;
    await ring();
    becomes("media.stored", id, { media: stored });
    await ring();
    expect(desk.read()).toEqual(["customer: Veja", "customer:  [image.jpg]"]);
    expect(desk.tickets[0]?.sayings[1]).toMatchObject({ replyTo: `d_${id}` });
  });

  it("that cannot be kept is said to be missing, and why", async () => {
    const { hears, becomes, ring, desk } = worldOf();
    const id = hears(picture);
    becomes("media.failed", id, { code: "too_large", reason: "It is larger than 100 MB." });
    await ring();
    expect(desk.read()).toEqual(["customer: Veja\n⚠️ Its file could not be kept: It is larger than 100 MB."]);
  });

  it("that the desk does not take is a link", async () => {
    const { hears, becomes, ring, desk } = worldOf();
    const id = hears(picture);
    becomes("media.stored", id, { media: { ...stored, size: 54_000_000 } });
    await ring();
    expect(desk.read()).toEqual([
      expect.stringMatching(
        /^customer: Veja\n📎 image\.jpg \(54\.0 MB\): https:\/\/recado\.example\/v1\/links\/med_1\./,
      ),
    ]);
    desk.orders.push({ kind: "refused", detail: "HTTP 422" });
    becomes("media.stored", hears({ ...picture, caption: "Outra" }), { media: stored });
    await ring();
    expect(desk.read()[1]).toMatch(/^customer: Outra\n📎 image\.jpg \(1 kB\): https:/);
  });
});

describe("a desk that is new to a conversation", () => {
  const old = (status: "open" | "closed", since = NOW + 2 * 24 * HOUR_MS) => {
    const world = worldOf({ since });
    world.hears("Olá");
    world.says("Pois não?", {});
    world.hears("Cadê o pedido?");
    if (status === "closed") world.write("conversation.closed", { by: "agent" });
    world.clock.time = since;
    return world;
  };

  it("gets an open one with its last messages", async () => {
    const { ring, hears, desk } = old("open");
    await ring();
    const [first, note = ""] = desk.read();
    expect(first).toBe("customer: Cadê o pedido?");
    expect(note).toMatch(/Customer: Olá\n.*We: Pois não\?/);
    hears("Alô?");
    await ring();
    expect(desk.read()).toHaveLength(3);
    expect(desk.tickets).toHaveLength(1);
  });

  it("gets once what was written just behind them", async () => {
    const since = NOW + 24 * HOUR_MS;
    const { hears, ring, desk, clock } = worldOf({ since, capabilities: { joinSeconds: 5 } });
    // What was recorded up to ten minutes before counts as new.
    clock.time = since - 10 * MINUTE_MS - 1_000;
    hears("Cadê o pedido?");
    clock.time += 2_000;
    hears("Alô?");
    clock.time = since;
    await ring();
    expect(desk.read().filter((line) => line.startsWith("customer"))).toEqual([
      "customer: Cadê o pedido?",
      "customer: Alô?",
    ]);
  });

  it("gets nothing of a closed one, until the customer writes", async () => {
    const { ring, hears, desk } = old("closed");
    await ring();
    expect(desk.tickets).toEqual([]);
    hears("De novo eu");
    await ring();
    expect(desk.read()[0]).toBe("customer: De novo eu");
  });

  it("gets everything that was written while it was down", async () => {
    const { hears, ring, desk, clock } = worldOf({ since: NOW });
    desk.orders.push({ kind: "unavailable", detail: "HTTP 503" });
    hears("um");
    expect(await ring()).toMatchObject({ kind: "retry" });
    clock.time += 25 * HOUR_MS;
    for (const text of ["dois", "três"]) hears(text);
    await ring();
    expect(desk.read()).toEqual(["customer: um", "customer: dois", "customer: três"]);
  });
});

describe("the end of free replies", () => {
  const nearEnd = async (given: Given = {}) => {
    const world = worldOf(given);
    world.hears("Olá");
    await world.ring();
    world.clock.time = NOW + 24 * HOUR_MS - 30 * MINUTE_MS;
    return world;
  };

  it("is noted down for the moment an hour before, once for words that come together", async () => {
    const { hears, ring, clock, tickets } = worldOf();
    hears("Olá");
    hears("Alô?");
    clock.time += HOUR_MS;
    hears("Ainda aí?");
    await ring();
    const ends = [NOW, NOW + HOUR_MS].map((at) => Math.floor((at + 23 * HOUR_MS) / 300_000));
    expect([...tickets.closing]).toEqual(ends.map((slot) => [`desk ${slot}`, [LOG]]));
  });

  it("is told in the last hour, once", async () => {
    const { ring, desk } = await nearEnd();
    for (let times = 0; times < 3; times++) await ring({ closing: true });
    expect(desk.read().slice(1)).toEqual([
      expect.stringMatching(/^recado: ⏳ Free replies on WhatsApp end in 30 minutes/),
    ]);
  });

  it("takes nothing from what is appended meanwhile", async () => {
    const { ring, desk, says, written, table } = await nearEnd();
    const entries = table.entries.bind(table);
    // An answer by the API, right after everything was read.
    vi.spyOn(table, "entries").mockImplementation(async (log, after, limit) => {
      const found = await entries(log, after, limit);
      if (written.length === 1 && after === 1) says("Já respondo", {});
      return found;
    });
    await ring({ closing: true });
    await ring();
    expect(desk.read().filter((line) => line.startsWith("business"))).toEqual(["business: Já respondo"]);
  });

  it("is no news once the customer has an answer or is done with, or where the desk shows it itself", async () => {
    const answered = await nearEnd();
    answered.says("Já respondo");
    const solved = await nearEnd();
    solved.write("conversation.closed", { by: "agent", helpdesk: "desk" });
    const native = await nearEnd({ capabilities: { window: "native" } });
    for (const { ring, desk } of [answered, solved, native]) {
      await ring({ closing: true });
      expect(desk.read()).toEqual(["customer: Olá"]);
    }
  });
});

describe("a burst", () => {
  it("is told as one where the desk allows few updates, after a moment", async () => {
    const { hears, ring, desk, clock } = worldOf({ capabilities: { joinSeconds: 5 } });
    hears("um");
    expect(await ring()).toEqual({ kind: "retry", afterSeconds: 5 });
    clock.time += 3_000;
    hears("dois");
    clock.time += 1_000;
    hears("três");
    clock.time += 1_000;
    expect(await ring()).toEqual(DONE);
    hears("quatro");
    clock.time += 5_000;
    await ring();
    expect(desk.read()).toEqual(["customer: um\ndois\ntrês", "customer: quatro"]);
  });

  it("stays what it was when it is told again", async () => {
    const { hears, ring, desk, clock } = worldOf({ capabilities: { joinSeconds: 5 } });
    hears("um");
    hears("dois");
    clock.time += 5_000;
    desk.orders.push({ kind: "lost" });
    expect(await ring()).toMatchObject({ kind: "retry" });
    clock.time -= 4_000;
    hears("três");
    clock.time += 10_000;
    expect(await ring()).toEqual(DONE);
    expect(desk.read()).toEqual(["customer: um\ndois", "customer: três"]);
  });
});

describe("a burst that was told in part", () => {
  it("is followed by what came behind it, although its end was not reached the first time", async () => {
    const { hears, says, ring, desk, clock, tickets } = worldOf({ capabilities: { joinSeconds: 5, fields: false } });
    says("Promoção", {});
    hears("um");
    clock.time += 6_000;
    // Its first step is told, and the second one not.
    desk.orders.push({ kind: "ok" }, { kind: "unavailable", detail: "HTTP 503" });
    expect(await ring()).toMatchObject({ kind: "retry" });
    clock.time -= 4_000;
    hears("dois");
    clock.time += 10_000;
    await ring();
    expect(desk.read().filter((line) => line.startsWith("customer"))).toEqual(["customer: um", "customer: dois"]);
    expect(tickets.states.size).toBe(1);
  });

  it("shows the file of a later message when it comes at last", async () => {
    const { hears, becomes, ring, desk, clock } = worldOf({ capabilities: { joinSeconds: 5 } });
    hears("Veja isto");
    const id = hears({ type: "image", media: { providerMediaId: "1", contentType: "image/jpeg" } });
    clock.time += MINUTE_MS;
    await ring();
    becomes("media.stored", id, { media: { id: "med_1", contentType: "image/jpeg", size: 1000, sha256: "00" } });
    await ring();
    expect(desk.read()).toEqual(["customer: Veja isto\n[image]", "customer:  [image.jpg]"]);
  });
});

describe("a long text", () => {
  it("is cut where the desk takes no more", async () => {
    const { hears, ring, desk } = worldOf();
    hears("palavra ".repeat(200));
    await ring();
    const said = desk.read();
    expect(said.length).toBeGreaterThan(1);
    expect(said.map((line) => line.replace("customer: ", "")).join(" ")).toBe("palavra ".repeat(200).trim());
  });

  it("of which the desk took a part is not begun anew", async () => {
    const { hears, ring, desk } = worldOf();
    hears("palavra ".repeat(200));
    desk.orders.push({ kind: "ok" }, { kind: "unavailable", detail: "HTTP 503" });
    expect(await ring()).toMatchObject({ kind: "retry" });
    expect(await ring()).toEqual(DONE);
    const said = desk.read();
    expect(said.map((line) => line.replace("customer: ", "")).join(" ")).toBe("palavra ".repeat(200).trim());
  });

  it("is answered at its beginning", async () => {
    const { hears, says, ring, desk } = worldOf();
    const id = hears("palavra ".repeat(200));
    says("Entendi", { replyTo: { id } });
    await ring();
    expect(desk.tickets[0]?.sayings.at(-1)).toMatchObject({ text: "Entendi", replyTo: `d_${id}` });
  });
});

describe("a fault of ours", () => {
  it("that one entry meets again and again is told in the log, and what comes behind it goes on", async () => {
    const { hears, ring, desk, mailbox } = worldOf();
    hears("um");
    await ring();
    hears("dois");
    hears("três");
    const say = desk.say.bind(desk);
    vi.spyOn(desk, "say").mockImplementation((saying, place) => {
      if (saying.text === "dois") throw new TypeError("planned");
      return say(saying, place);
    });
    for (const received of [1, 2]) await expect(ring({}, received)).rejects.toThrow(TypeError);
    expect(await ring({}, 3)).toEqual(DONE);
    expect(desk.read()).toEqual(["customer: um", "customer: três"]);
    expect(mailbox.waiting.at(-1)).toMatchObject({ type: "helpdesk.failed", data: { event: "evt_k2" } });
  });
});

describe("everything", () => {
  it("is told once and in order although the process ends, a call fails or an answer is lost anywhere", async () => {
    const place = fc.tuple(
      fc.integer({ min: 1, max: 120 }),
      fc.constantFrom(...FAULTS.filter((fault) => !fault.startsWith("bug"))),
    );
    const order = fc.option(
      fc.constantFrom(
        { kind: "lost" as const },
        { kind: "unavailable" as const, detail: "HTTP 503" },
        { kind: "throttled" as const, retryAfterSeconds: 1, detail: "HTTP 429" },
      ),
      { freq: 2 },
    );
    await fc.assert(
      fc.asyncProperty(
        fc.array(place, { maxLength: 5 }),
        fc.array(order, { maxLength: 8 }),
        async (planned, orders) => {
          const faults = new Faults(new Map(planned));
          const { hears, says, becomes, invocation, desk, clock } = worldOf({ faults, since: NOW });
          for (const one of orders) if (one) desk.orders.push(one);
          says("Promoção", {});
          hears("um");
          hears("dois");
          const id = says("resposta");
          becomes("message.failed", id, { failure: failure("window", "Late.") });
          hears("três");
          says("de outro", { helpdesk: { name: "other", id: "o1" } });
          for (let tries = 0; tries < 60; tries++) {
            const ended = await invocation().catch(() => "failed");
            clock.time += 20 * MINUTE_MS;
            if (typeof ended === "object" && ended.kind === "done") break;
          }
          const said = desk.read();
          expect(desk.tickets).toHaveLength(1);
          expect(said.filter((line) => !line.startsWith("recado:"))).toEqual([
            "customer: um",
            "customer: dois",
            "customer: três",
            "business: de outro",
          ]);
          expect(said.filter((line) => line.includes("Earlier"))).toHaveLength(1);
          expect(desk.statuses.at(-1)).toMatchObject({ status: "failed" });
        },
      ),
      { numRuns: Number(process.env.RECADO_TEST_RUNS ?? 100) },
    );
  });
});
