/** A desk of tickets, as post-to-helpdesk tells it of a conversation's log. */
import fc from "fast-check";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import type { DeskRules, Ports } from "../../../functions/post-to-helpdesk/ports.ts";
import { postToHelpdesk } from "../../../functions/post-to-helpdesk/post-to-helpdesk.ts";
import { capabilities as channels } from "../../../shared/channels/capabilities.ts";
import type { Content } from "../../../shared/domain/content.ts";
import { advance, type Entry, type Profile } from "../../../shared/domain/conversation-log.ts";
import { type EventType, eventData, type Failure } from "../../../shared/domain/event.ts";
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
}

function worldOf({ capabilities = {}, rules = {}, faults = new Faults(), since }: Given = {}) {
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
    const about = { key, token: "t", type, account: "whatsapp", channel: "whatsapp" as const, contact: "con_1", at };
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
    const [linked] = mailbox.waiting;
    expect(linked).toMatchObject({ log: LOG, type: "helpdesk.linked" });
    expect(eventData["helpdesk.linked"].parse(linked?.data)).toEqual({ helpdesk: "desk", ticket: "t1" });
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

  it("is not told back to the desk where it was done", async () => {
    const { hears, says, write, ring, desk } = worldOf();
    hears("Olá");
    says("Resposta");
    write("conversation.closed", { by: "agent", helpdesk: "desk" });
    write("conversation.tagged", { tags: ["vip"], helpdesk: "desk" });
    await ring();
    expect(desk.read()).toEqual(["customer: Olá"]);
    expect(desk.tickets).toMatchObject([{ status: "open" }]);
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

describe("a conversation that goes on under another name", () => {
  const INTO = "conv_BBBBBBBBBBBBBBBBBBBBBB";

  it("takes its ticket along, which leads to all that was said in it under the old one", async () => {
    const { hears, write, ring, tickets } = worldOf();
    hears("Olá");
    write("contact.merged", { into: INTO });
    expect(await ring()).toEqual(DONE);
    expect(tickets.states.get(`desk ${INTO}`)).toMatchObject({ id: "t1" });
    // From there a reader follows it; from the new one nobody would find what was answered before.
    expect(tickets.links).toEqual(new Map([["desk t1", LOG]]));
  });

  it("leaves alone what that one has of its own", async () => {
    const { hears, write, ring, tickets } = worldOf();
    await tickets.putDeskState("desk", INTO, { kept: {}, following: [], waiting: [], id: "t7" });
    hears("Olá");
    write("contact.merged", { into: INTO });
    expect(await ring()).toEqual(DONE);
    expect(tickets.states.get(`desk ${INTO}`)).toMatchObject({ id: "t7" });
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

  it("is no news once the customer has an answer, or where the desk shows it itself", async () => {
    const answered = await nearEnd();
    answered.says("Já respondo");
    const native = await nearEnd({ capabilities: { window: "native" } });
    for (const { ring, desk } of [answered, native]) {
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
