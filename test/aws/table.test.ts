/** The real table code on dynalite: the same promises as the model's, with answers lost on the wire. */

import { DynamoDBClient } from "@aws-sdk/client-dynamodb";
import fc from "fast-check";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { Table } from "../../shared/aws/table.ts";
import { activityTime, readActivity } from "../../shared/domain/activity.ts";
import { type Arrival, advance, type Entry } from "../../shared/domain/conversation-log.ts";
import { conversationId } from "../../shared/domain/ids.ts";
import type { MailboxItem } from "../../shared/domain/mailbox.ts";
import { verifyLog } from "../../shared/domain/verify-log.ts";
import type { Objects } from "../../shared/ports.ts";
import { inboundText, newToken, queued, receipt, SECRET } from "../fakes/arrivals.ts";
import { pump, seeded } from "../fakes/pump.ts";
import { CountedBells, MemoryMailbox, OPT_OUT, PlayedClock } from "../fakes/world.ts";
import { type Dynalite, startDynalite } from "./dynalite.ts";

const RUNS = Math.ceil(Number(process.env.RECADO_TEST_RUNS ?? 150) / 30);
const NOW = 1_795_000_000_000;
const LOG = conversationId(SECRET, "whatsapp", "5511987650000");
const noObjects: Objects = { put: async () => {}, get: async () => undefined };

let dynalite: Dynalite;
beforeAll(async () => {
  dynalite = await startDynalite();
});
afterAll(() => dynalite.close());

async function newTable(client: DynamoDBClient = dynalite.client, objects = noObjects): Promise<Table> {
  return new Table({ tableName: await dynalite.newTable(), objects, client });
}

/**
 * A client whose answers get lost: the request took effect, and the caller either sees a reset connection, or has the
 * client repeat the request and sees the second answer.
 */
function losing(random: () => number): DynamoDBClient {
  const { requestHandler, endpoint, region, credentials } = dynalite.client.config;
  return new DynamoDBClient({
    ...(endpoint && { endpoint }),
    region,
    credentials,
    maxAttempts: 1,
    requestHandler: {
      metadata: requestHandler.metadata ?? { handlerProtocol: "http/1.1" },
      async handle(...request: Parameters<typeof requestHandler.handle>) {
        const answer = await requestHandler.handle(...request);
        const luck = random();
        if (luck < 0.08) throw Object.assign(new Error("socket hang up"), { code: "ECONNRESET" });
        return luck < 0.16 ? requestHandler.handle(...request) : answer;
      },
    },
  });
}

function items(seed: number): MailboxItem[] {
  const random = seeded(seed);
  const message = (id: number) => `msg_${String(id).padStart(22, "0")}`;
  const all = Array.from({ length: 8 }, (_, index) => {
    const choice = Math.floor(random() * 4);
    if (choice === 0) return queued(message(index));
    if (choice === 1) return receipt("message.delivered", message(Math.floor(random() * 8)), { time: NOW + index });
    const time = random() < 0.5 ? {} : { time: NOW - Math.floor(random() * 1e9) };
    return inboundText(`in${index}`, { ...time, ...(choice === 2 && { address: "BR.1", aliases: ["5511987650000"] }) });
  });
  const unique = [...new Map(all.map((item) => [item.key, item])).values()];
  const repeated = unique.flatMap((item) => (random() < 0.4 ? [item, { ...item, token: newToken() }] : [item]));
  return repeated.sort(() => random() - 0.5);
}

test("lost answers, repetitions and several writers leave a log without gap, loss or duplicate", async () => {
  await fc.assert(
    fc.asyncProperty(fc.nat(), fc.constantFrom(1, 2, 3), async (seed, workers) => {
      const random = seeded(seed);
      const table = await newTable(losing(random));
      const bells = new CountedBells();
      const mailbox = new MemoryMailbox();
      const given = items(seed);
      mailbox.waiting.push(...given);
      const ports = {
        table,
        mailbox,
        doorbells: bells,
        sendQueues: bells,
        schedule: bells,
        mediaRequests: bells,
        profileRequests: bells,
        clock: new PlayedClock(NOW),
        optOut: OPT_OUT,
      };
      await pump(mailbox, () => ports, { workers });

      const logs = [...new Set(bells.bells.map(({ log }) => log))];
      const written: Entry[][] = await Promise.all(logs.map((log) => calm(() => table.entries(log, 0, 1000))));
      for (const [index, entries] of written.entries()) {
        const problems = verifyLog(logs[index] ?? "", entries).filter(({ code }) => code !== "unreachable");
        expect(problems).toEqual([]);
      }
      const keys = written.flat().map(({ key }) => key);
      expect(new Set(keys).size).toBe(keys.length);
      for (const { key } of given) expect(keys).toContain(key);
    }),
    { numRuns: RUNS },
  );
}, 120_000);

/** Reads until no answer is lost. */
async function calm<Result>(read: () => Promise<Result>): Promise<Result> {
  for (;;) {
    try {
      return await read();
    } catch {
      // An answer was lost; the read is repeatable.
    }
  }
}

describe("what is written is read", () => {
  test("an entry comes back as it was, in order and by key", async () => {
    const table = await newTable();
    const mailbox = new MemoryMailbox();
    const bells = new CountedBells();
    const named = inboundText("three", { text: "Olá — está aí? 😀", name: "Ana", time: NOW - 1 });
    mailbox.waiting.push(inboundText("one"), queued("msg_0000000000000000000001"), named);
    await pump(mailbox, () => ({
      table,
      mailbox,
      doorbells: bells,
      sendQueues: bells,
      schedule: bells,
      mediaRequests: bells,
      profileRequests: bells,
      clock: new PlayedClock(NOW),
      optOut: OPT_OUT,
    }));

    const all = await table.entries(LOG, 0, 10);
    expect(all.map(({ sequence }) => sequence)).toEqual([1, 2, 3]);
    expect(await table.entries(LOG, 1, 1)).toEqual(all.slice(1, 2));
    expect(await table.newest(LOG)).toMatchObject({ sequence: 3, after: all[2]?.after });
    expect(await table.find(LOG, named.key)).toEqual(all[2]);
    expect(all[2]).toMatchObject({ data: named.data, profile: { name: "Ana" }, after: { contact: named.contact?.id } });
    expect(await table.find(LOG, "unknown")).toBeUndefined();
  });

  test("a contact comes back with every place that it is spoken to, until one of them is another's", async () => {
    const table = await newTable();
    const contact = "con_000000000000000000000A";
    const place = (name: string, address: string) =>
      ({ conversation: `conv_0000000000-_0000000000${name}`, channel: "sms", account: name, address }) as const;
    const [one, other] = [place("a", "+351910000001"), place("b", "BR.1")];
    await table.putContact({ id: contact, name: "Ana", ...one });
    await table.putContact({ id: contact, ...other });
    await table.putContact({ id: contact, ...other, address: "BR.2" });
    const known = { id: contact, name: "Ana", conversations: [one, { ...other, address: "BR.2" }] };
    expect(await table.contact(contact)).toEqual(known);
    const merged = { id: contact, into: "con_000000000000000000000B", conversation: one.conversation };
    await table.putContact({ id: merged.into, ...one });
    for (let time = 0; time < 2; time++) await table.mergeContact(merged);
    expect(await table.contact(contact)).toEqual({
      ...known,
      mergedInto: merged.into,
      turnedOutAs: merged.into,
      conversations: [{ ...other, address: "BR.2" }],
    });
  });

  test("data over the item limit lies in the bucket and is read back whole", async () => {
    const stored = new Map<string, string>();
    const objects = {
      put: async (key: string, body: string | Uint8Array) => void stored.set(key, String(body)),
      get: async (key: string) => stored.get(key),
    };
    const table = await newTable(dynalite.client, objects);
    const mailbox = new MemoryMailbox();
    const bells = new CountedBells();
    mailbox.waiting.push(inboundText("large", { text: "ã".repeat(400_000) }));
    await pump(mailbox, () => ({
      table,
      mailbox,
      doorbells: bells,
      sendQueues: bells,
      schedule: bells,
      mediaRequests: bells,
      profileRequests: bells,
      clock: new PlayedClock(NOW),
      optOut: OPT_OUT,
    }));
    const entry = await table.entry(LOG, 1);
    expect(JSON.stringify(entry?.data)).toContain("ã".repeat(400_000));
    expect(verifyLog(LOG, [entry as Entry])).toEqual([]);
    expect([...stored.keys()]).toEqual([`entries/${LOG}/${entry?.key}`]);
  });

  test("the last word of a contact on each channel and topic stays, in whatever order they are written", async () => {
    const table = await newTable();
    const said = (topic: string, state: "opted_out" | "opted_in", at: number) =>
      table.putConsent("con_a", { channel: "sms", topic, state, source: "keyword", at });
    await said("all", "opted_out", NOW);
    await said("all", "opted_in", NOW + 2);
    await said("all", "opted_out", NOW + 1);
    await said("orders", "opted_out", NOW);
    const last = [
      { channel: "sms", topic: "all", state: "opted_in", source: "keyword", at: NOW + 2 },
      { channel: "sms", topic: "orders", state: "opted_out", source: "keyword", at: NOW },
    ];
    expect((await table.contact("con_a"))?.consents).toEqual(last);
    expect(await table.consentsOf("con_a")).toEqual(last);
    expect(await table.consentsOf("con_b")).toEqual([]);
  });

  test("conversations are listed by activity, newest first, page by page", async () => {
    const table = await newTable();
    const summary = (index: number) => ({
      conversation: conversationId(SECRET, "sms", String(index)),
      account: "sms",
      channel: "sms" as const,
      address: String(index),
      contact: "con_x",
      status: "open" as const,
      lastActivityAt: NOW + index,
      sequence: 1,
    });
    for (let index = 0; index < 25; index++) await table.putSummary(summary(index));
    await table.putSummary({ ...summary(3), lastActivityAt: NOW + 100, sequence: 2 });
    await table.putSummary({ ...summary(3), lastActivityAt: NOW + 50, sequence: 1 });

    const seen: number[] = [];
    for (let cursor: string | undefined; ; ) {
      const page = await table.conversations({ limit: 10, ...(cursor && { cursor }) });
      seen.push(...page.summaries.map(({ lastActivityAt }) => lastActivityAt - NOW));
      cursor = page.nextCursor;
      if (!cursor) break;
    }
    expect(seen).toEqual([100, ...Array.from({ length: 25 }, (_, index) => 24 - index).filter((index) => index !== 3)]);
  });

  test("activity is found from a time on, the oldest first, of conversations and contacts", async () => {
    const table = await newTable();
    const conversations = Array.from({ length: 20 }, (_, index) => conversationId(SECRET, "sms", String(index)));
    const contacts = Array.from({ length: 20 }, (_, index) => `con_${index}`);
    const about = { account: "sms", channel: "sms" as const, address: "1", contact: "con_x", status: "open" as const };
    for (const [index, conversation] of conversations.entries())
      await table.putSummary({ conversation, ...about, lastActivityAt: NOW + index, sequence: 1 });
    for (const [index, contact] of contacts.entries()) await table.noteChange(contact, NOW + index);

    const found: string[] = [];
    for (let shard = 0; shard < table.activityShards; shard++) {
      const ofShard: string[] = [];
      for (let after: string | undefined = activityTime(NOW + 1); after !== undefined; ) {
        const { keys, upTo } = await table.activity(shard, { after, limit: 2 });
        expect(keys.length).toBeLessThanOrEqual(2);
        ofShard.push(...keys);
        after = upTo;
      }
      expect(ofShard).toEqual(ofShard.toSorted());
      found.push(...ofShard.map((key) => readActivity(key).log));
    }
    expect(found.sort()).toEqual([...conversations.slice(1), ...contacts.slice(1)].sort());
  });
});

test("the event that callers asked of a contact last is remembered for each", async () => {
  const table = await newTable();
  const first = { key: "k1", what: "name", at: NOW };
  await table.noteAsked("con_a", first);
  await table.noteAsked("con_b", { ...first, key: "k2" });
  await table.noteAsked("con_b", { ...first, key: "k3" });
  expect(await table.lastAsked("con_a")).toEqual(first);
  expect(await table.lastAsked("con_b")).toEqual({ ...first, key: "k3" });
  expect(await table.lastAsked("con_c")).toBeUndefined();
});

describe("claims", () => {
  const MESSAGE = "msg_0000000000000000000001";

  test("of many who want one, one gets it; released it can be had again; done it never can", async () => {
    const table = await newTable();
    const takers = await Promise.all(Array.from({ length: 10 }, () => table.takeClaim(MESSAGE, 0, NOW)));
    expect(takers.filter((answer) => answer === "taken")).toHaveLength(1);
    await table.releaseClaim(MESSAGE, 0, NOW);
    expect(await table.takeClaim(MESSAGE, 0, NOW + 1)).toBe("taken");
    await table.finishClaim(MESSAGE, 0, { state: "done", at: NOW, outcome: "sent", providerMessageId: "wamid.1" });
    await table.releaseClaim(MESSAGE, 0, NOW);
    expect(await table.takeClaim(MESSAGE, 0, NOW)).toEqual({
      state: "done",
      at: NOW,
      outcome: "sent",
      providerMessageId: "wamid.1",
    });
  });

  test("a claim whose answer was lost is still known as our own", async () => {
    let calls = 0;
    const table = await newTable(losing(() => (calls++ === 0 ? 0.1 : 1)));
    expect(await table.takeClaim(MESSAGE, 0, NOW)).toBe("taken");
  });
});

test("a look-up tells which keys a log holds, and no other log's", async () => {
  const table = await newTable();
  const { log, contact: _, ...item } = inboundText("wamid.1");
  const arrival = { ...item, at: { ...item.at, recorded: NOW } } as Arrival;
  await table.put(log, advance(undefined, arrival));
  expect(await table.holds(log, item.key)).toBe(true);
  expect(await table.holds(log, "another")).toBe(false);
  expect(await table.holds(conversationId(SECRET, "whatsapp", "5511000000000"), item.key)).toBe(false);
});

test("until when an account is reconciled never goes back", async () => {
  const table = await newTable();
  expect(await table.reconciledUntil("whatsapp")).toBeUndefined();
  await table.reconciled("whatsapp", NOW);
  await table.reconciled("whatsapp", NOW - 1);
  expect(await table.reconciledUntil("whatsapp")).toBe(NOW);
  await table.reconciled("whatsapp", NOW + 1);
  expect(await table.reconciledUntil("whatsapp")).toBe(NOW + 1);
  expect(await table.reconciledUntil("sms")).toBeUndefined();
});

test("a cursor moves by condition", async () => {
  const table = await newTable();
  expect(await table.cursor("publish-event", LOG)).toBe(0);
  expect(await table.moveCursor("publish-event", LOG, 0, 3)).toBe(true);
  expect(await table.moveCursor("publish-event", LOG, 0, 2)).toBe(false);
  expect(await table.moveCursor("publish-event", LOG, 3, 5)).toBe(true);
  expect(await table.cursor("publish-event", LOG)).toBe(5);
});

test("a caller's key is answered as the first time", async () => {
  const table = await newTable();
  expect(await table.answerOnce("k", { bodyHash: "a", answer: "1" })).toBe("new");
  expect(await table.answerOnce("k", { bodyHash: "b", answer: "2" })).toEqual({ bodyHash: "a", answer: "1" });
});
