/** The real code of what an erasure takes out of the table, on dynalite. */
import { type AttributeValue, ScanCommand, UpdateItemCommand } from "@aws-sdk/client-dynamodb";
import { unmarshall } from "@aws-sdk/util-dynamodb";
import { afterAll, beforeAll, beforeEach, describe, expect, it, vi } from "vitest";
import { DeskTable } from "../../shared/aws/desk-table.ts";
import { ErasureTable } from "../../shared/aws/erasure-table.ts";
import { Table } from "../../shared/aws/table.ts";
import { activityKey, activityTime } from "../../shared/domain/activity.ts";
import { advance, type Entry } from "../../shared/domain/conversation-log.ts";
import { erasedEntry } from "../../shared/domain/erased-entry.ts";
import { erasureId, newErasure } from "../../shared/domain/erasure.ts";
import type { Summary } from "../../shared/ports.ts";
import { MemoryObjects } from "../fakes/memory-objects.ts";
import { type Dynalite, startDynalite } from "./dynalite.ts";

const LOG = "conv_AAAAAAAAAAAAAAAAAAAAAA";
const CONTACT = "con_AAAAAAAAAAAAAAAAAAAAAA";
const NOW = 1_795_000_000_000;

let dynalite: Dynalite;
let tableName: string;
let objects: MemoryObjects;
let table: Table;
let erasures: ErasureTable;
beforeAll(async () => {
  dynalite = await startDynalite();
});
beforeEach(async () => {
  tableName = await dynalite.newTable();
  objects = new MemoryObjects();
  table = new Table({ tableName, objects, client: dynalite.client });
  erasures = new ErasureTable({ tableName, client: dynalite.client });
});
afterAll(() => dynalite.close());

async function all(): Promise<Record<string, unknown>[]> {
  const { Items = [] } = await dynalite.client.send(new ScanCommand({ TableName: tableName }));
  return Items.map((item: Record<string, AttributeValue>) => unmarshall(item));
}

function entryWith(data: object): Entry {
  return advance(undefined, {
    ...{ key: "key1", token: "random", type: "message.received", account: "whatsapp", channel: "whatsapp" },
    ...{ address: "5511987650000", contact: CONTACT, profile: { name: "Ana" }, once: "hash" },
    at: { provider: NOW, received: NOW, recorded: NOW },
    data,
  });
}

describe("an entry", () => {
  const message = { id: "msg_1", direction: "inbound", author: { type: "contact" } };

  it.each([
    ["that lies in the table", "Olá"],
    ["whose data lies in the bucket", "A book. ".repeat(45_000)],
  ])("%s is read as what is left of it, by number and by key", async (_, text) => {
    const entry = entryWith({ message: { ...message, content: { type: "text", text } } });
    await table.put(LOG, entry);
    await erasures.emptyEntry(LOG, entry);
    expect(await table.entry(LOG, 1)).toEqual(erasedEntry(entry));
    expect(await table.find(LOG, "key1")).toEqual(erasedEntry(entry));
    expect(JSON.stringify(await all())).not.toMatch(/5511987650000|Ana|hash|Olá|random/);
  });

  it("that is not there does not come into being", async () => {
    await erasures.emptyEntry(LOG, entryWith({ message }));
    expect(await all()).toEqual([]);
  });
});

describe("a summary", () => {
  const summary: Summary = {
    ...{ conversation: LOG, account: "whatsapp", channel: "whatsapp", address: "5511987650000", contact: CONTACT },
    ...{ status: "open", lastActivityAt: NOW, sequence: 3 },
  };

  it("is in no list any more, and no older one brings it back; a newer one does", async () => {
    await table.putSummary(summary);
    await erasures.emptySummary(LOG, 5);
    await table.putSummary({ ...summary, sequence: 4 });
    expect(await table.summary(LOG)).toBeUndefined();
    expect((await table.conversations({ limit: 10 })).summaries).toEqual([]);
    expect(JSON.stringify(await all())).not.toMatch(/5511987650000|whatsapp/);

    await table.putSummary({ ...summary, sequence: 6 });
    await erasures.emptySummary(LOG, 5);
    expect(await table.summary(LOG)).toMatchObject({ address: "5511987650000", sequence: 6 });
  });

  it("leaves its log where it is found by the time of its erasure", async () => {
    await table.putSummary(summary);
    await erasures.noteActivity(LOG, NOW + 1_000);
    await erasures.noteActivity(LOG, NOW);
    await erasures.emptySummary(LOG, 5);
    const shards = Array.from({ length: table.activityShards }, (_, shard) =>
      table.activity(shard, { after: activityTime(NOW + 1_000), limit: 10 }),
    );
    const keys = (await Promise.all(shards)).flatMap((page) => page.keys);
    expect(keys).toEqual([activityKey({ at: NOW + 1_000, log: LOG })]);
  });

  it("that never was stays so", async () => {
    await erasures.noteActivity(LOG, NOW);
    await erasures.emptySummary(LOG, 5);
    expect(await all()).toEqual([]);
  });
});

describe("a profile", () => {
  const place = { conversation: LOG, channel: "whatsapp", account: "whatsapp", address: "5511987650000" } as const;

  it("is gone, and its place in the list of contacts", async () => {
    await table.putContact({ id: CONTACT, name: "Ana", ...place });
    await erasures.emptyProfile(CONTACT);
    await erasures.emptyProfile(CONTACT);
    expect((await all()).map((item) => Object.keys(item).sort())).toEqual([["pk", "sk"]]);
    expect(await table.contact(CONTACT)).toBeUndefined();
    expect((await table.contacts({ beginning: "", limit: 10 })).contacts).toEqual([]);
  });

  it("keeps what its contact wants to hear nothing about, and nothing else", async () => {
    await table.putContact({ id: CONTACT, name: "Ana", ...place });
    const said = { channel: "whatsapp", source: "keyword", at: NOW } as const;
    await table.putConsent(CONTACT, { ...said, topic: "marketing", state: "opted_out" });
    await table.putConsent(CONTACT, { ...said, topic: "orders", state: "opted_in" });
    await erasures.emptyProfile(CONTACT);
    expect(await table.contact(CONTACT)).toEqual({
      id: CONTACT,
      conversations: [],
      consents: [{ ...said, topic: "marketing", state: "opted_out" }],
    });
    expect((await table.contacts({ beginning: "", limit: 10 })).contacts).toEqual([]);
  });
});

describe("a wish that is said while a profile is emptied", () => {
  const said = { channel: "whatsapp", topic: "marketing", source: "keyword" } as const;

  it.each([
    ["for the first time", []],
    ["instead of the other", [{ ...said, state: "opted_in", at: NOW } as const]],
  ])("%s stays", async (_, before) => {
    await table.putContact({
      ...{ id: CONTACT, name: "Ana", conversation: LOG },
      ...{ channel: "whatsapp", account: "whatsapp", address: "5511987650000" },
    });
    for (const consent of before) await table.putConsent(CONTACT, consent);
    const { send } = dynalite.client;
    const spy = vi.spyOn(dynalite.client, "send").mockImplementation(async (...given: unknown[]) => {
      if (given[0] instanceof UpdateItemCommand) {
        spy.mockRestore();
        await table.putConsent(CONTACT, { ...said, state: "opted_out", at: NOW + 1 });
      }
      return Reflect.apply(send, dynalite.client, given);
    });
    await erasures.emptyProfile(CONTACT);
    expect(await table.contact(CONTACT)).toEqual({
      id: CONTACT,
      conversations: [],
      consents: [{ ...said, state: "opted_out", at: NOW + 1 }],
    });
  });
});

describe("a conversation at a desk", () => {
  const ticket = { id: "t2", kept: { contact: "c1" }, previous: { id: "t1", kept: {} }, following: [], waiting: [] };

  async function tied(openedBy: number): Promise<void> {
    const desk = new DeskTable({ tableName, client: dynalite.client });
    await desk.putDeskState("desk", LOG, { ...ticket, openedBy });
    for (const id of ["t1", "t2"]) await desk.linkTicket("desk", id, LOG);
    await desk.linkMessage("desk", LOG, { message: "msg_1", deskMessage: "d1", isOurs: true });
    await desk.putListened("desk", LOG, { ticket: "t2", upTo: "9" });
  }

  /** What is kept of it, and the tickets that lead to it. */
  const left = async () => (await all()).map(({ pk, sk }) => String(sk === "LINK" ? pk : sk));

  it("is forgotten with all its tickets, whoever's other items stay", async () => {
    await new DeskTable({ tableName, client: dynalite.client }).linkTicket("desk", "t9", "conv_other");
    await tied(2);
    expect(await erasures.removeDesk("desk", LOG, 5)).toBe(4);
    expect(await erasures.removeDesk("desk", LOG, 5)).toBe(0);
    expect(await all()).toEqual([{ pk: "LINK#desk#t9", sk: "LINK", conversation: "conv_other" }]);
  });

  it("is rid of the tickets that its desk has forgotten, also where another was opened since", async () => {
    await tied(6);
    const desk = new DeskTable({ tableName, client: dynalite.client });
    await desk.putDeskState("desk", LOG, {
      ...{ id: "t2", openedBy: 6, kept: {}, following: [], waiting: [], forgotten: ["t1"] },
    });
    await erasures.removeDesk("desk", LOG, 5);
    expect((await left()).sort()).toEqual(["LINK#desk#t2", "LISTENED", "TICKET"]);
  });

  it("keeps a ticket that was opened since, and how far it was listened to", async () => {
    await tied(6);
    await erasures.removeDesk("desk", LOG, 5);
    expect((await left()).sort()).toEqual(["LINK#desk#t2", "LISTENED", "TICKET"]);
  });

  it("keeps what its desk has said and heard since it has forgotten it, in whichever ticket", async () => {
    await tied(2);
    const desk = new DeskTable({ tableName, client: dynalite.client });
    const since = { previous: { id: "t2", kept: {} }, kept: {}, following: [], waiting: [], forgotten: ["t1"] };
    await desk.putDeskState("desk", LOG, { ...since, id: "t3", openedBy: 8 });
    await desk.linkTicket("desk", "t3", LOG);
    for (const ticket of ["t1", "t2", "t3"])
      await desk.linkMessage("desk", LOG, { message: `msg_${ticket}`, deskMessage: ticket, isOurs: true, ticket });
    await desk.putListened("desk", LOG, { ticket: "t3", upTo: "9" });
    expect(await erasures.removeDesk("desk", LOG, 5)).toBe(4);
    const pairs = ["t2", "t3"].flatMap((ticket) => [`OURS#msg_${ticket}`, `THEIRS#${ticket}`]);
    expect((await left()).sort()).toEqual(["LINK#desk#t2", "LINK#desk#t3", "LISTENED", ...pairs, "TICKET"].sort());
  });
});

it("counts what there was", async () => {
  await table.putAlias("whatsapp", "BR.1", LOG);
  expect(await erasures.removeAlias("whatsapp", "BR.1")).toBe(1);
  expect(await erasures.removeAlias("whatsapp", "BR.1")).toBe(0);
});

describe("dead letters", () => {
  it("are lent to one at a time, until they are returned or the time is over", async () => {
    expect(await erasures.takeLetters(NOW, NOW + 100)).toBeUndefined();
    expect(await erasures.takeLetters(NOW + 50, NOW + 150)).toBe(NOW + 100);
    expect(await erasures.takeLetters(NOW + 100, NOW + 200)).toBeUndefined();
    await erasures.returnLetters(NOW + 100, NOW);
    expect(await erasures.takeLetters(NOW + 110, NOW + 300)).toBe(NOW + 200);
    await erasures.returnLetters(NOW + 200, NOW + 110);
    expect(await erasures.takeLetters(NOW + 110, NOW + 300)).toBeUndefined();
  });
});

describe("an erasure", () => {
  it("is kept once, and changed by one at a time", async () => {
    const first = newErasure(CONTACT, 1, NOW);
    expect(await erasures.putErasure(first)).toBe(true);
    expect(await erasures.putErasure(first)).toBe(false);
    const next = { ...first, version: 2, step: "tell" as const };
    expect(await erasures.putErasure(next)).toBe(true);
    expect(await erasures.putErasure(next)).toBe(false);
    expect(await erasures.erasure(first.id)).toEqual(next);
  });

  it("of a contact is found, the last one first", async () => {
    expect(await erasures.newestErasure(CONTACT)).toBeUndefined();
    for (let number = 1; number <= 10; number++) await erasures.putErasure(newErasure(CONTACT, number, NOW));
    expect((await erasures.newestErasure(CONTACT))?.id).toBe(erasureId(CONTACT, 10));
    expect(await erasures.erasure("era_1")).toBeUndefined();
  });
});
