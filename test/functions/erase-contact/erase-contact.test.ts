import { beforeEach, describe, expect, it, vi } from "vitest";
import { eraseContact } from "../../../functions/erase-contact/erase-contact.ts";
import type { Ports } from "../../../functions/erase-contact/ports.ts";
import { type Erasure, erasureId, newErasure } from "../../../shared/domain/erasure.ts";
import type { EventType } from "../../../shared/domain/event.ts";
import { contactId, conversationId, eventKey, mediaId, messageId, personId } from "../../../shared/domain/ids.ts";
import type { MailboxItem } from "../../../shared/domain/mailbox.ts";
import { verifyLog } from "../../../shared/domain/verify-log.ts";
import type { Next } from "../../../shared/ports.ts";
import { inboundText, newToken, queued, receipt, SECRET } from "../../fakes/arrivals.ts";
import { Faults } from "../../fakes/faults.ts";
import { MemoryDeskTickets } from "../../fakes/memory-desk-tickets.ts";
import {
  MemoryDeadLetters,
  MemoryErasures,
  MemoryPlaces,
  MemoryRemovableObjects,
} from "../../fakes/memory-erasures.ts";
import { pump } from "../../fakes/pump.ts";
import { world } from "../../fakes/world.ts";

const ANA = "5511987650000";
const RUI = "351912345678";
const [LOG, OTHER] = [ANA, RUI].map((address) => conversationId(SECRET, "whatsapp", address)) as [string, string];
const [CONTACT] = [contactId(SECRET, "whatsapp", ANA)];
const SENT = "msg_0000000000000000000001";
const FILE = mediaId(SECRET, "whatsapp", messageId(SECRET, "whatsapp", "photo"));
const UPLOAD = "med_01k0000000000000000000abcd";

beforeEach(() => {
  for (const level of ["info", "warn", "error"] as const) vi.spyOn(console, level).mockReturnValue();
});

function told(what: string, type: EventType, data: object, log = LOG): MailboxItem {
  const at = { received: 1_795_000_000_000 };
  const key = eventKey(SECRET, "whatsapp", what);
  return { log, key, token: newToken(), type, account: "whatsapp", channel: "whatsapp", at, data };
}

function photo(): MailboxItem {
  const item = inboundText("photo");
  const { message } = item.data as { message: object };
  const content = { type: "image", media: { providerMediaId: "77", contentType: "image/jpeg" }, caption: "SAID photo" };
  return { ...item, data: { message: { ...message, content } } };
}

class ErasingWorld {
  readonly #world = world();
  readonly table = this.#world.table;
  readonly mailbox = this.#world.mailbox;
  readonly clock = this.#world.clock;
  readonly tickets = new MemoryDeskTickets();
  readonly erasures = new MemoryErasures();
  readonly objects = new MemoryRemovableObjects();
  readonly deadLetters = new MemoryDeadLetters(this.clock);
  desks: string[] = [];

  async arrive(...items: MailboxItem[]): Promise<void> {
    await this.mailbox.deliver(items);
    await this.record();
  }

  record(): Promise<void> {
    return pump(this.mailbox, () => this.#world.ports);
  }

  ports(faults = new Faults()): Ports {
    return {
      table: faults.on(this.table),
      erasures: faults.on(this.erasures),
      places: faults.on(new MemoryPlaces(this.table, this.tickets)),
      objects: faults.on(this.objects),
      deadLetters: faults.on(this.deadLetters),
      mailbox: faults.on(this.mailbox),
      clock: this.clock,
      random: (bytes) => Buffer.alloc(bytes, 7),
      idSecret: SECRET,
      desks: this.desks,
    };
  }

  begin(contact = CONTACT as string, number = 1): Promise<boolean> {
    return this.erasures.putErasure(newErasure(contact, number, this.clock.time));
  }

  /** One invocation, and what it has put into the mailbox. */
  async step(faults?: Faults): Promise<Next | "crashed"> {
    const id = [...this.erasures.kept.keys()].at(-1) ?? "";
    const run = () => eraseContact(id, this.ports(faults));
    this.clock.time += 1;
    const next = faults ? await faults.invocation(run).catch(() => "crashed" as const) : await run();
    await this.record();
    return next;
  }

  /** Until it is done; the time passes that it wants to wait. */
  async erase(contact?: string, number?: number): Promise<Erasure> {
    await this.begin(contact, number);
    return this.goOn();
  }

  async goOn(): Promise<Erasure> {
    for (let steps = 0; steps < 1_000; steps++) {
      const next = await this.step();
      if (next !== "crashed" && next.kind === "done") return [...this.erasures.kept.values()].at(-1) as Erasure;
      if (next !== "crashed") this.clock.time += next.afterSeconds * 1000;
    }
    throw new Error("The erasure does not end");
  }

  /** Everything that is kept of everybody, as text. */
  everything(): string {
    const { table, tickets, erasures, objects, deadLetters } = this;
    const maps = [...Object.values(table), ...Object.values(tickets), erasures.kept, deadLetters.letters];
    const texts = maps.filter((one) => one instanceof Map).map((map) => JSON.stringify([...map]));
    return [...texts, ...[...objects.kept].map(([key, body]) => `${key} ${body}`)].join("\n");
  }
}

/** Two customers, of whom everything is kept that may be. */
async function lived(): Promise<ErasingWorld> {
  const here = new ErasingWorld();
  await here.arrive(
    inboundText("rui", { address: RUI, text: "SAID by Rui", name: "Rui" }),
    inboundText("ana", { text: "SAID by Ana", name: "Ana", aliases: ["BR.1"] }),
    photo(),
    told("stored", "media.stored", {
      message: { id: messageId(SECRET, "whatsapp", "photo") },
      media: { id: FILE, contentType: "image/jpeg", size: 3, sha256: "ab", fileName: "SAID.jpg" },
    }),
    { ...queued(SENT, { text: "SAID to Ana" }), once: "hash" },
    receipt("message.sent", SENT),
    receipt("message.delivered", SENT),
    told("stop", "consent.changed", { topic: "marketing", state: "opted_out", source: "keyword" }),
    told("linked", "helpdesk.linked", { helpdesk: "desk", ticket: "SAID-77" }),
    {
      ...queued("msg_0000000000000000000002"),
      data: {
        message: {
          ...{ id: "msg_0000000000000000000002", direction: "outbound", author: { type: "agent", name: "SAID Eva" } },
          content: { type: "document", media: { id: UPLOAD, contentType: "application/pdf" } },
        },
        expiresAt: here.clock.time + 86_400_000,
      },
    },
    told("failed", "message.failed", {
      message: { id: "msg_0000000000000000000002" },
      failure: { class: "rate", reason: "SAID" },
    }),
  );
  const { table, tickets, objects, deadLetters } = here;
  await table.takeClaim(SENT, 0, 1);
  await table.finishClaim(SENT, 0, { state: "done", at: 1, outcome: "sent", providerMessageId: `wamid.${SENT}` });
  await table.remember("whatsapp", `wamid.${SENT}`, { conversation: LOG, message: SENT, part: 0 });
  await table.answerOnce("hash", { bodyHash: "x", answer: "SAID to Ana" });
  await table.noteMessage(SENT, { conversation: LOG, account: "whatsapp" });
  await tickets.putDeskState("desk", LOG, {
    id: "SAID-77",
    openedBy: 1,
    kept: { contact: "SAID" },
    following: [],
    waiting: [],
  });
  await tickets.linkTicket("desk", "SAID-77", LOG);
  await tickets.linkMessage("desk", LOG, { message: SENT, deskMessage: "SAID-9", isOurs: true });
  await objects.put(`media/${FILE}`, "SAID in a file");
  await objects.put("media/med_other", "a file of somebody else's");
  for (const [name, from] of [
    ["a", RUI],
    ["b", ANA],
    ["c", `1${ANA}`],
  ] as const)
    await objects.put(`quarantine/whatsapp-cloud/${name}`, JSON.stringify({ from }));
  deadLetters.letters.set("1", JSON.stringify({ parked: JSON.stringify(inboundText("lost", { text: "SAID, lost" })) }));
  deadLetters.letters.set("2", JSON.stringify({ parked: JSON.stringify(inboundText("r", { address: RUI })) }));
  return here;
}

const others = (here: ErasingWorld) => ({
  log: here.table.logs.get(OTHER),
  summary: here.table.summaries.get(OTHER),
  profile: here.table.profiles.get(contactId(SECRET, "whatsapp", RUI)),
  quarantine: here.objects.kept.get("quarantine/whatsapp-cloud/a"),
  file: here.objects.kept.get("media/med_other"),
  letter: here.deadLetters.letters.get("2"),
});

function expectNothingLeft(here: ErasingWorld): void {
  const left = here.everything().replaceAll("SAID by Rui", "");
  expect(left).not.toContain("SAID");
  expect(left).not.toMatch(new RegExp(`(?<!\\d)${ANA}`));
  // The three letters alone may stand in any digest.
  expect(left).not.toMatch(/"Ana\\?"/);
  expect(left).not.toContain("BR.1");
  for (const [log, entries] of here.table.logs) expect(verifyLog(log, entries)).toEqual([]);
}

describe("an erasure", () => {
  it("leaves nothing of the contact anywhere, everything of everybody else, and says what it has cleaned", async () => {
    const here = await lived();
    expect(here.everything()).toContain("SAID by Ana");
    const before = others(here);
    const types = here.table.logs.get(LOG)?.map(({ type }) => type) ?? [];
    here.desks = ["desk"];
    await here.table.moveCursor("post-to-helpdesk-desk", LOG, 0, 99);

    const erasure = await here.erase();
    expectNothingLeft(here);
    expect(others(here)).toEqual(before);
    expect(here.table.logs.get(LOG)?.map(({ type }) => type)).toEqual([...types, "contact.erased"]);
    expect(here.table.logs.get(LOG)?.at(-1)).toMatchObject({
      data: { erasure: erasureId(CONTACT as string, 1), contact: CONTACT },
      after: { optedOut: ["marketing"] },
    });
    expect(erasure).toMatchObject({
      step: "done",
      desks: { desk: { removed: 3, told: true } },
      uploads: [UPLOAD],
      found: {
        ...{ conversations: 1, contacts: 1, entries: types.length, files: 1, aliases: 1, providerIds: 1, claims: 1 },
        ...{ answers: 1, places: 1, quarantine: 1, deadLetters: 1 },
      },
    });
  });

  it("comes to the same end whatever call it crashes at, or which AWS does not answer", async () => {
    const counted = new Faults();
    const calm = await lived();
    await calm.begin();
    for (let next = await calm.step(counted); next === "crashed" || next.kind !== "done"; )
      next = await calm.step(counted);
    const whole = await calm.goOn();
    const kinds = ["crash before", "crash after", "world before", "world after"] as const;
    for (let call = 1; call <= counted.calls; call++) {
      const here = await lived();
      await here.begin();
      const faults = new Faults(new Map([[call, kinds[call % kinds.length] ?? "crash before"]]));
      for (let steps = 0; faults.calls < call && steps < 20; steps++) await here.step(faults);
      const erasure = await here.goOn();
      expectNothingLeft(here);
      const told = here.table.logs.get(LOG)?.filter(({ type }) => type === "contact.erased");
      expect(told, `told once, with a fault at call ${call}`).toHaveLength(1);
      expect(erasure.step).toBe("done");
      const { conversations, contacts, entries, files } = whole.found;
      expect(erasure.found, `with a fault at call ${call}`).toMatchObject({ conversations, contacts, entries, files });
      expect(erasure.uploads).toEqual([UPLOAD]);
    }
  });

  it("has counted what it has taken away before it takes away more", async () => {
    const here = new ErasingWorld();
    const once = (number: number) => ({ ...inboundText(`${number}`, { text: "SAID" }), once: `hash ${number}` });
    await here.arrive(...Array.from({ length: 60 }, (_, number) => once(number)));
    for (let number = 0; number < 60; number++)
      await here.table.answerOnce(`hash ${number}`, { bodyHash: "x", answer: "SAID" });
    await here.begin();
    const { removeAnswer } = MemoryPlaces.prototype;
    const spy = vi.spyOn(MemoryPlaces.prototype, "removeAnswer").mockImplementation(async function (
      this: MemoryPlaces,
      hash,
    ) {
      if (hash === "hash 3" && here.table.answers.size <= 10) {
        spy.mockRestore();
        throw new Error("The process ends in the second window");
      }
      return removeAnswer.call(this, hash);
    });
    while (here.table.answers.size > 10) await here.step().catch(() => {});
    const { answers } = (await here.goOn()).found;
    expect(answers).toBeGreaterThanOrEqual(50);
  });

  it("ends what waits to be sent, and waits for what is on its way", async () => {
    const here = new ErasingWorld();
    const [waiting, sending] = ["msg_0000000000000000000003", "msg_0000000000000000000004"];
    await here.arrive(inboundText("ana"), queued(waiting), queued(sending));
    await here.table.takeClaim(sending, 0, here.clock.time);
    await here.begin();

    expect(await here.step()).toEqual({ kind: "retry", afterSeconds: 5 });
    expect(await here.table.takeClaim(waiting, 0, here.clock.time)).toMatchObject({
      state: "done",
      outcome: "rejected",
    });
    const types = () =>
      here.table.logs
        .get(LOG)
        ?.slice(3)
        .map(({ type }) => type);
    expect(types()).toEqual(["message.failed"]);
    expect(here.table.logs.get(LOG)?.at(-1)?.data).toMatchObject({ failure: { class: "cancelled", code: "erased" } });

    await here.arrive(receipt("message.sent", sending));
    expect((await here.goOn()).step).toBe("done");
    expect(types()).toEqual(["message.failed", "message.sent", "contact.erased"]);
  });

  it("says nothing more of a message that has failed, of how many parts it was", async () => {
    const here = new ErasingWorld();
    const parts = ["one", "two", "three"].map((text) => ({ type: "text" as const, text }));
    const failed = told("failed", "message.failed", { message: { id: SENT }, failure: { class: "rate", reason: "?" } });
    await here.arrive(inboundText("ana"), queued(SENT, { parts }), failed);
    await here.erase();
    const types = here.table.logs.get(LOG)?.map(({ type }) => type);
    expect(types).toEqual(["message.received", "message.queued", "message.failed", "contact.erased"]);
  });

  it("is not held up for ever by a sender that is not there any more", async () => {
    const here = new ErasingWorld();
    await here.arrive(inboundText("ana"), queued(SENT));
    await here.table.takeClaim(SENT, 0, here.clock.time);
    const began = here.clock.time;
    await here.erase();
    expect(here.clock.time - began).toBeLessThan(5 * 60_000);
  });

  it("looks once more for a file that was on its way", async () => {
    const here = new ErasingWorld();
    await here.arrive(photo());
    await here.begin();
    while ([...here.erasures.kept.values()][0]?.step !== "remove") {
      const next = await here.step();
      if (next !== "crashed" && next.kind === "retry") here.clock.time += Math.min(next.afterSeconds, 5) * 1000;
    }
    await here.objects.put(`media/${FILE}`, "SAID, at last");
    await here.goOn();
    expect([...here.objects.kept.keys()]).toEqual([]);
  });

  it("waits for a helpdesk to hear of it, and not for ever", async () => {
    const here = await lived();
    here.desks = ["desk", "new"];
    await here.table.moveCursor("post-to-helpdesk-desk", LOG, 0, 3);
    const began = here.clock.time;
    const erasure = await here.erase();
    expect(erasure.desks).toEqual({ desk: { removed: 3, told: false } });
    expect(here.clock.time - began).toBeGreaterThan(10 * 60_000);
    expectNothingLeft(here);
  });

  it("takes in every spelling of the customer, and the log that each has had", async () => {
    const here = new ErasingWorld();
    await here.arrive(
      inboundText("one", { address: "BR.1", text: "SAID as a user" }),
      inboundText("two", { text: "SAID by number" }),
      inboundText("three", { address: "BR.1", aliases: [ANA], text: "SAID as both" }),
    );
    const byUser = conversationId(SECRET, "whatsapp", "BR.1");
    await here.erase(contactId(SECRET, "whatsapp", "BR.1"));
    expectNothingLeft(here);
    for (const log of [LOG, byUser])
      expect(here.table.logs.get(log)?.filter(({ type }) => type === "contact.erased")).toHaveLength(1);
  });

  it.each([
    ["the one that goes on", contactId(SECRET, "whatsapp", RUI)],
    ["the one that is part of it", CONTACT],
  ])("takes in everybody who is one person with the contact, named by %s", async (_, named) => {
    const here = new ErasingWorld();
    const whole = contactId(SECRET, "whatsapp", RUI);
    await here.arrive(
      inboundText("one", { text: "SAID as Ana", name: "Ana" }),
      inboundText("two", { address: RUI, text: "SAID as Rui" }),
      { ...told("merged", "contact.merged", { into: whole, from: CONTACT }), log: whole },
    );
    await here.erase(named);
    expectNothingLeft(here);
    expect(here.everything()).not.toContain(RUI);
    for (const log of [LOG, OTHER, whole])
      expect(here.table.logs.get(log)?.filter(({ type }) => type === "contact.erased")).toHaveLength(1);
  });

  it("leaves alone who was one person with the contact once, and is not any more", async () => {
    const here = new ErasingWorld();
    const other = contactId(SECRET, "whatsapp", RUI);
    await here.arrive(
      inboundText("one", { text: "SAID as Ana", name: "Ana" }),
      inboundText("two", { address: RUI, text: "Bom dia", name: "Rui" }),
      { ...told("merged", "contact.merged", { into: other, from: CONTACT }), log: other },
    );
    await here.arrive({ ...told("split", "contact.split", { into: other, from: CONTACT }), log: other });
    const before = structuredClone([here.table.logs.get(other), ...Object.values(others(here))]);
    await here.erase();
    expectNothingLeft(here);
    expect([here.table.logs.get(other), ...Object.values(others(here))]).toEqual(before);
  });

  it("is finished over several invocations, and no entry is emptied twice", async () => {
    const here = new ErasingWorld();
    await here.arrive(...Array.from({ length: 130 }, (_, number) => inboundText(`${number}`, { text: "SAID" })));
    const { emptyEntry } = MemoryPlaces.prototype;
    const emptied: number[] = [];
    const spy = vi.spyOn(MemoryPlaces.prototype, "emptyEntry").mockImplementation(async function (
      this: MemoryPlaces,
      ...given
    ) {
      emptied.push(given[1].sequence);
      here.clock.time += 1_500;
      return emptyEntry.apply(this, given);
    });
    await here.begin();
    let invocations = 0;
    for (let next: Next | "crashed" = "crashed"; next === "crashed" || next.kind !== "done"; invocations++)
      next = await here.step();
    spy.mockRestore();
    expect(invocations).toBeGreaterThan(3);
    expect(emptied.toSorted((a, b) => a - b)).toEqual(Array.from({ length: 130 }, (_, index) => index + 1));
    expectNothingLeft(here);
  });
});

describe("what happens while it is under way", () => {
  /** Until it is at a step; files that are on their way are not waited for. */
  async function upTo(here: ErasingWorld, isThere: (erasure: Erasure) => boolean): Promise<void> {
    for (let steps = 0; steps < 50 && !isThere([...here.erasures.kept.values()][0] as Erasure); steps++) {
      const next = await here.step();
      if (next !== "crashed" && next.kind === "retry") here.clock.time += Math.min(next.afterSeconds, 5) * 1000;
    }
  }

  /** Once, when the logs are about to be told. */
  function beforeTold(here: ErasingWorld, happens: () => Promise<void>): void {
    const put = here.erasures.putErasure.bind(here.erasures);
    here.erasures.putErasure = async (erasure) => {
      const isPut = await put(erasure);
      if (erasure.step !== "announce") return isPut;
      here.erasures.putErasure = put;
      await happens();
      return isPut;
    };
  }

  it.each([
    ["a name that the business gives", "contact.updated", { change: "profile", by: "agent", name: "SAID" }],
    ["one more who is the same", "contact.merged", { into: CONTACT, from: contactId(SECRET, "whatsapp", "BR.9") }],
  ] as const)("%s does not stay", async (_, type, data) => {
    const here = await lived();
    here.desks = ["desk"];
    await here.table.moveCursor("post-to-helpdesk-desk", LOG, 0, 3);
    await here.begin();
    await upTo(here, ({ step }) => step === "tell");
    await here.arrive({ ...told("late", type, data), log: CONTACT as string });
    await here.goOn();
    expectNothingLeft(here);
    expect(here.table.logs.get(CONTACT as string)?.map((entry) => entry.erased)).toEqual([true]);
    expect(await here.table.person(CONTACT as string)).not.toHaveProperty("name");
  });

  it("a file and a message that came before the logs were told are settled, too", async () => {
    const here = new ErasingWorld();
    await here.arrive(inboundText("ana"));
    await here.begin();
    here.desks = ["desk"];
    await here.table.moveCursor("post-to-helpdesk-desk", LOG, 0, 1);
    beforeTold(here, () => here.arrive(photo(), queued(SENT, { text: "SAID in between" })));
    await upTo(here, ({ step }) => step === "tell");
    expect(await here.table.takeClaim(SENT, 0, here.clock.time)).not.toBe("taken");
    await here.table.moveCursor("post-to-helpdesk-desk", LOG, 1, 99);
    await upTo(here, ({ step }) => step === "remove");
    await here.objects.put(`media/${FILE}`, "SAID, at last");
    await here.goOn();
    expect([...here.objects.kept.keys()]).toEqual([]);
  });

  it("a file that was fetched at last before the logs were told counts once", async () => {
    const here = new ErasingWorld();
    await here.arrive(photo());
    await here.begin();
    const stored = told("stored", "media.stored", {
      message: { id: messageId(SECRET, "whatsapp", "photo") },
      media: { id: FILE, contentType: "image/jpeg", size: 3, sha256: "ab" },
    });
    beforeTold(here, () => here.arrive(stored));
    expect((await here.goOn()).found.files).toBe(1);
  });

  it("what the business writes late is counted, whatever call the invocation ends at", async () => {
    async function played(faults: Faults) {
      const here = new ErasingWorld();
      here.desks = ["desk"];
      await here.arrive(inboundText("ana"));
      await here.table.moveCursor("post-to-helpdesk-desk", LOG, 0, 1);
      await here.begin();
      await upTo(here, ({ step }) => step === "tell");
      const given = { change: "profile", by: "agent", name: "SAID" };
      await here.arrive({ ...told("late", "contact.updated", given), log: CONTACT as string });
      await here.table.moveCursor("post-to-helpdesk-desk", LOG, 1, 99);
      await here.step(faults);
      return here.goOn();
    }
    const calm = new Faults();
    const { entries } = (await played(calm)).found;
    expect(entries).toBe(2);
    for (let call = 1; call <= calm.calls; call++)
      expect((await played(new Faults(new Map([[call, "crash after"]])))).found.entries, `at call ${call}`).toBe(2);
  });

  it("a message that is in a sender's hands when the logs were told is waited for", async () => {
    const here = new ErasingWorld();
    await here.arrive(inboundText("ana"));
    await here.begin();
    beforeTold(here, async () => {
      await here.arrive(queued(SENT, { text: "SAID in between" }));
      await here.table.takeClaim(SENT, 0, here.clock.time);
    });
    await upTo(here, ({ logs }) => logs[LOG]?.upTo !== undefined);
    await here.table.finishClaim(SENT, 0, {
      ...{ state: "done", at: here.clock.time, outcome: "sent", providerMessageId: `wamid.${ANA}` },
    });
    await here.table.remember("whatsapp", `wamid.${ANA}`, { conversation: LOG, message: SENT, part: 0 });
    await here.goOn();
    expectNothingLeft(here);
  });

  it("a message and a file behind it are no part of it", async () => {
    const here = new ErasingWorld();
    await here.arrive(inboundText("ana"));
    await here.begin();
    await upTo(here, ({ logs }) => logs[LOG] !== undefined);
    await here.arrive(photo(), queued(SENT));
    await here.objects.put(`media/${FILE}`, "new");
    await here.goOn();
    expect(await here.table.takeClaim(SENT, 0, here.clock.time)).toBe("taken");
    expect(String(here.objects.kept.get(`media/${FILE}`))).toBe("new");
  });

  it("a mailbox that stands still for hours costs few invocations", async () => {
    const here = new ErasingWorld();
    await here.arrive(inboundText("ana"));
    await here.begin();
    here.record = async () => {};
    const began = here.clock.time;
    let invocations = 0;
    for (; here.clock.time - began < 4 * 3_600_000; invocations++) {
      const next = await here.step();
      if (next !== "crashed" && next.kind === "retry") here.clock.time += next.afterSeconds * 1000;
    }
    expect(invocations).toBeLessThan(500);
  });

  it("the feed finds the logs by the time at which they were told, however long that took", async () => {
    const here = await lived();
    await here.begin();
    const { record } = here;
    here.record = async () => {};
    await here.step();
    here.clock.time += 3_600_000;
    here.record = record.bind(here);
    await here.record();
    const recorded = here.table.logs.get(LOG)?.at(-1)?.at.recorded ?? 0;
    const noted: number[] = [];
    const spy = vi.spyOn(MemoryPlaces.prototype, "noteActivity").mockImplementation(async (log, at) => {
      if (log === LOG) noted.push(at);
    });
    await here.goOn();
    spy.mockRestore();
    expect(here.table.logs.get(LOG)?.find(({ type }) => type === "contact.erased")?.at.recorded).toBe(recorded);
    expect(noted).toContain(recorded);
  });

  it("a tie to a ticket that a helpdesk makes late does not stay", async () => {
    const here = await lived();
    here.desks = ["desk"];
    await here.table.moveCursor("post-to-helpdesk-desk", LOG, 0, 99);
    // Somebody else is looking at the dead letters.
    await here.erasures.takeLetters(here.clock.time, here.clock.time + 120_000);
    await here.begin();
    await upTo(here, ({ step }) => step === "open");
    await here.tickets.putDeskState("desk", LOG, {
      ...{ id: "SAID-78", openedBy: 2, kept: {}, following: [], waiting: [] },
    });
    await here.tickets.linkTicket("desk", "SAID-78", LOG);
    await here.goOn();
    expectNothingLeft(here);
  });
});

describe("a helpdesk that had followed nothing of the contact when they were told of", () => {
  it("keeps no ticket that it opens after all", async () => {
    const here = await lived();
    here.desks = ["slow", "idle"];
    // Somebody else is looking at the dead letters.
    await here.erasures.takeLetters(here.clock.time, here.clock.time + 120_000);
    await here.begin();
    while ([...here.erasures.kept.values()][0]?.step !== "open") await here.step();
    await here.tickets.putDeskState("slow", LOG, {
      ...{ id: "SAID-80", openedBy: 2, kept: {}, following: [], waiting: [] },
    });
    await here.tickets.linkTicket("slow", "SAID-80", LOG);
    const { desks } = await here.goOn();
    expectNothingLeft(here);
    expect(desks).toEqual({ desk: { removed: 3, told: false }, slow: { removed: 1, told: false } });
  });
});

describe("whoever else the contact was", () => {
  it("is erased with everything that the business ever wrote of them before their number was known", async () => {
    const here = new ErasingWorld();
    const person = personId(SECRET, "+5511987650000");
    const given = { change: "profile", by: "agent", name: "SAID", attributes: { tax: "SAID 1" } };
    const gone = { ...given, name: null, attributes: { tax: null } };
    await here.arrive(
      inboundText("one", { text: "SAID one" }),
      { ...told("patch", "contact.updated", given), log: CONTACT as string },
      { ...told("back", "contact.updated", gone), log: CONTACT as string },
    );
    await here.arrive({
      ...inboundText("two", { text: "SAID two" }),
      contact: { id: person, by: "number", name: "Ana" },
    });
    await here.erase(person);
    expectNothingLeft(here);
    expect(here.table.logs.get(CONTACT as string)?.map(({ type }) => type)).toContain("contact.erased");
  });

  it("stays opted out by every spelling of what was said in another conversation of the channel", async () => {
    const here = new ErasingWorld();
    await here.arrive(inboundText("one", { aliases: ["BR.1"] }));
    await here.table.putConsent(CONTACT as string, {
      ...{ channel: "whatsapp", topic: "orders", state: "opted_out", source: "keyword", at: 1 },
    });
    await here.table.putConsent(CONTACT as string, {
      ...{ channel: "sms", topic: "all", state: "opted_out", source: "keyword", at: 1 },
    });
    await here.erase();
    await here.arrive(inboundText("by user id", { address: "BR.1" }));
    const log = conversationId(SECRET, "whatsapp", "BR.1");
    expect(here.table.logs.get(log)?.at(-1)?.after.optedOut).toEqual(["orders"]);
  });
});

describe("what is of all customers", () => {
  it("is rid of them, also where an entry's data lies in the bucket", async () => {
    const here = new ErasingWorld();
    const account = "account:whatsapp";
    await here.arrive(inboundText("one"), {
      ...told("alert", "account.alert", { code: "foreign", reason: "SAID".repeat(60_000), raw: { from: ANA } }),
      log: account,
    });
    const [key] = (here.table.logs.get(account) ?? []).map((entry) => entry.key);
    await here.objects.put(`entries/${account}/${key}`, "SAID");
    expect((await here.erase()).found.accountEvents).toBe(1);
    expectNothingLeft(here);
  });

  it.each([
    ["a receipt that names nothing of ours", { log: "acct_whatsapp_3", data: { message: { to: ANA } } }],
    [
      "a message under another spelling",
      { log: conversationId(SECRET, "whatsapp", "BR.1"), data: { text: "SAID under another" } },
    ],
  ])("is rid of %s that was given up", async (_, letter) => {
    const here = new ErasingWorld();
    await here.arrive(inboundText("one", { aliases: ["BR.1"] }));
    here.deadLetters.letters.set("1", JSON.stringify({ parked: JSON.stringify(letter) }));
    here.deadLetters.letters.set("2", JSON.stringify({ log: "acct_whatsapp_3", data: { message: { to: RUI } } }));
    expect((await here.erase()).found.deadLetters).toBe(1);
    expect([...here.deadLetters.letters.keys()]).toEqual(["2"]);
  });

  it("hides no letter of one customer from the erasure of another at the same time", async () => {
    const here = await lived();
    const ruis = contactId(SECRET, "whatsapp", RUI);
    const ids = [CONTACT as string, ruis].map((contact) => erasureId(contact, 1));
    for (const contact of [CONTACT as string, ruis]) await here.begin(contact);
    const steps = () => ids.map((id) => here.erasures.kept.get(id)?.step);
    const waits = new Map(ids.map((id) => [id, 0]));
    for (let turns = 0; turns < 500 && steps().join() !== "done,done"; turns++) {
      here.clock.time += 1_000;
      for (const id of ids) {
        if ((waits.get(id) ?? 0) > here.clock.time) continue;
        const next = await eraseContact(id, here.ports());
        waits.set(id, here.clock.time + (next.kind === "retry" ? next.afterSeconds * 1000 : 0));
        await here.record();
      }
    }
    expect(steps()).toEqual(["done", "done"]);
    expect([...here.deadLetters.letters]).toEqual([]);
  });

  it("is looked through portion by portion, and each invocation does one at least", async () => {
    const here = await lived();
    for (let number = 0; number < 20; number++) await here.objects.put(`quarantine/whatsapp-cloud/d${number}`, "{}");
    const { list } = here.objects;
    here.objects.list = async (...given) => {
      here.clock.time += 90_000;
      return list.apply(here.objects, given);
    };
    const { table } = here;
    const { entries } = table;
    table.entries = async (...given) => {
      here.clock.time += 61_000;
      return entries.apply(table, given);
    };
    expect((await here.erase()).step).toBe("done");
    expectNothingLeft(here);
  });
});

describe("who writes again", () => {
  it("begins anew: known by name, listed, with the next number, and still opted out", async () => {
    const here = await lived();
    await here.erase();
    const end = here.table.logs.get(LOG)?.length ?? 0;
    await here.arrive(inboundText("again", { text: "Olá de novo", name: "Ana" }));
    expect(here.table.logs.get(LOG)?.at(-1)).toMatchObject({ sequence: end + 1, after: { optedOut: ["marketing"] } });
    expect(here.table.summaries.get(LOG)).toMatchObject({ sequence: end + 1 });
    expect(here.table.profiles.get(CONTACT as string)).toMatchObject({
      name: "Ana",
      conversations: [{ address: ANA }],
    });
  });

  it("is not erased with what was before, though it is still being erased", async () => {
    const here = await lived();
    await here.begin();
    while ([...here.erasures.kept.values()][0]?.announcedAt === undefined) await here.step();
    await here.arrive(inboundText("again", { text: "Olá de novo", name: "Ana", aliases: ["BR.1"] }));
    const erasure = await here.goOn();
    expect(here.table.logs.get(LOG)?.at(-1)).toMatchObject({ data: { message: { content: { text: "Olá de novo" } } } });
    expect(here.table.summaries.get(LOG)).toMatchObject({ sequence: (erasure.logs[LOG]?.upTo ?? 0) + 1 });
    expect(here.table.profiles.get(CONTACT as string)).toMatchObject({
      name: "Ana",
      conversations: [{ address: ANA }],
    });
    expect(here.table.aliases.get("whatsapp BR.1")?.conversation).toBe(LOG);
  });

  it("keeps the ticket that their new words have opened meanwhile, and what was said in it", async () => {
    const here = await lived();
    here.desks = ["desk"];
    await here.table.moveCursor("post-to-helpdesk-desk", LOG, 0, 3);
    await here.begin();
    while ([...here.erasures.kept.values()][0]?.logs[LOG]?.upTo === undefined) await here.step();
    await here.arrive(inboundText("again", { text: "Olá de novo", name: "Ana" }));
    const state = { kept: {}, following: [], waiting: [], forgotten: ["SAID-77"] };
    await here.tickets.putDeskState("desk", LOG, { ...state, id: "new", openedBy: 99 });
    await here.tickets.linkTicket("desk", "new", LOG);
    const pair = { message: "msg_new", deskMessage: "new-1", isOurs: true };
    await here.tickets.linkMessage("desk", LOG, { ...pair, ticket: "new" });
    await here.table.moveCursor("post-to-helpdesk-desk", LOG, 3, 99);
    await here.goOn();
    expect([...here.tickets.links]).toEqual([["desk new", LOG]]);
    expect(await here.tickets.messageBehind("desk", LOG, "new-1")).toEqual({ message: "msg_new", isOurs: true });
    expect([here.tickets.theirs.size, here.tickets.ours.size]).toEqual([1, 1]);
  });

  it("is opted out by every spelling, also by one that led to the conversation that was erased", async () => {
    const here = await lived();
    await here.erase();
    await here.arrive(inboundText("by user id", { address: "BR.1" }));
    const log = conversationId(SECRET, "whatsapp", "BR.1");
    expect(here.table.logs.get(log)?.at(-1)?.after.optedOut).toEqual(["marketing"]);
  });

  it("is not who a provider tells of that repeats itself", async () => {
    const here = await lived();
    await here.erase();
    const end = here.table.logs.get(LOG)?.length;
    await here.arrive(inboundText("ana", { text: "SAID by Ana", name: "Ana", aliases: ["BR.1"] }), photo());
    expect(here.table.logs.get(LOG)).toHaveLength(end ?? 0);
    expectNothingLeft(here);
  });

  it("can be erased again", async () => {
    const here = await lived();
    await here.erase();
    await here.arrive(inboundText("again", { text: "SAID again", name: "Ana" }));
    const second = await here.erase(CONTACT, 2);
    expect(second).toMatchObject({ id: erasureId(CONTACT as string, 2), found: { entries: 1 } });
    expectNothingLeft(here);
  });
});
