import { DeleteItemCommand, GetItemCommand, PutItemCommand, UpdateItemCommand } from "@aws-sdk/client-dynamodb";
import { afterAll, beforeAll, expect, test } from "vitest";
import { entryKey, logKey } from "../../shared/aws/entry-item.ts";
import { Table } from "../../shared/aws/table.ts";
import { type Consumer, verifyStore } from "../../shared/aws/verify-store.ts";
import { contactId, conversationId, messageId } from "../../shared/domain/ids.ts";
import type { MailboxItem } from "../../shared/domain/mailbox.ts";
import { inboundText, SECRET } from "../fakes/arrivals.ts";
import { pump } from "../fakes/pump.ts";
import { CountedBells, MemoryMailbox, OPT_OUT, PlayedClock } from "../fakes/world.ts";
import { type Dynalite, startDynalite } from "./dynalite.ts";

const NOW = 1_795_000_000_000;
const LATER = NOW + 3_600_000;
const [ANA, BIA] = ["5511987650000", "351912345678"];
const log = conversationId(SECRET, "whatsapp", ANA);
const key = (sequence: number) => ({ pk: { S: logKey(log) }, sk: { S: entryKey(sequence) } });

let dynalite: Dynalite;
beforeAll(async () => {
  dynalite = await startDynalite();
});
afterAll(() => dynalite.close());

/** Two customers, three messages each, all read by the consumer. */
async function store(...others: Consumer[]) {
  const tableName = await dynalite.newTable();
  const reader = new Table({
    tableName,
    objects: { put: async () => {}, get: async () => undefined },
    client: dynalite.client,
  });
  const mailbox = new MemoryMailbox();
  const bells = new CountedBells();
  for (const address of [ANA, BIA]) {
    for (const id of ["1", "2", "3"]) mailbox.waiting.push(inboundText(`${address}.${id}`, { address }));
  }
  const ports = () => ({
    table: reader,
    mailbox,
    doorbells: bells,
    sendQueues: bells,
    schedule: bells,
    mediaRequests: bells,
    profileRequests: bells,
    optOut: OPT_OUT,
    clock: new PlayedClock(NOW),
  });
  await pump(mailbox, ports);
  for (const address of [ANA, BIA])
    await reader.moveCursor("publish-event", conversationId(SECRET, "whatsapp", address), 0, 3);
  const kept = new Set<string>();
  const files = {
    find: async (id: string) => (kept.has(id) ? { contentType: "image/jpeg", size: 3 } : undefined),
  };
  const consumers = [
    { name: "publish-event" },
    { name: "post-to-helpdesk-sms", follows: (_: string, account: string) => account === "sms" },
    ...others,
  ];
  const walked: string[] = [];
  const onWalked: Parameters<typeof verifyStore>[0]["onWalked"] = ({ logs, ofLogs, entries }) =>
    void walked.push(`${logs}/${ofLogs} ${entries}`);
  const prove = (now = LATER) =>
    verifyStore({ tableName, reader, consumers, files, client: dynalite.client, onWalked, now });
  const record = (item: MailboxItem) => {
    mailbox.waiting.push(item);
    return pump(mailbox, ports);
  };
  return { tableName, reader, prove, walked, kept, record };
}

test("an untouched store is proven, and how far that is is told after each log", async () => {
  const { prove, walked } = await store();
  expect(await prove()).toEqual({ logs: 2, entries: 6, erased: 0, problems: [] });
  expect(walked).toEqual(["1/2 3", "2/2 6"]);
});

test("an entry removed, changed or added by hand is named, in its log", async () => {
  const { tableName, prove } = await store();
  const change = new UpdateItemCommand({
    TableName: tableName,
    Key: key(2),
    UpdateExpression: "SET #data = :other",
    ExpressionAttributeNames: { "#data": "data" },
    ExpressionAttributeValues: {
      ":other": { S: '{"message":{"id":"msg_x","content":{"type":"text","text":"never said"}}}' },
    },
  });
  await dynalite.client.send(change);
  expect((await prove()).problems).toEqual([expect.objectContaining({ log, sequence: 2, code: "changed" })]);

  const { Item = {} } = await dynalite.client.send(new GetItemCommand({ TableName: tableName, Key: key(3) }));
  await dynalite.client.send(new PutItemCommand({ TableName: tableName, Item: { ...Item, ...key(4) } }));
  await dynalite.client.send(new DeleteItemCommand({ TableName: tableName, Key: key(1) }));
  const sequences = (await prove()).problems.map(({ sequence, code }) => `${sequence} ${code}`);
  expect(sequences).toContain("1 missing");
  expect(sequences).toContain("4 repeated_key");
  expect(sequences).toContain("4 cursor_behind");
});

test("a subscription that is behind is its own matter, one that is ahead of the log is told", async () => {
  const { tableName, prove } = await store();
  const deliver = (position: number) => {
    const Item = { pk: { S: `DELIVERY#sub_1#${log}` }, sk: { S: "DELIVERY" }, position: { N: String(position) } };
    return dynalite.client.send(new PutItemCommand({ TableName: tableName, Item }));
  };
  await deliver(1);
  expect((await prove()).problems).toEqual([]);
  await deliver(99);
  expect((await prove()).problems).toEqual([expect.objectContaining({ log, code: "cursor_ahead" })]);
});

test("a log that was removed whole is told by the cursors it left", async () => {
  const { tableName, prove } = await store();
  for (const sequence of [1, 2, 3])
    await dynalite.client.send(new DeleteItemCommand({ TableName: tableName, Key: key(sequence) }));
  expect((await prove()).problems).toEqual([expect.objectContaining({ log, sequence: 1, code: "cursor_ahead" })]);
});

test("a consumer that is behind is a problem once it had its time", async () => {
  const { tableName, prove } = await store();
  const cursor = { pk: { S: `CURSOR#publish-event#${log}` }, sk: { S: "CURSOR" } };
  await dynalite.client.send(new DeleteItemCommand({ TableName: tableName, Key: cursor }));
  expect((await prove(NOW + 1000)).problems).toEqual([]);
  expect((await prove()).problems).toEqual([expect.objectContaining({ log, sequence: 1, code: "cursor_behind" })]);
});

test("a consumer that begins with a log's next event is not missed before it, and is held to the rest afterwards", async () => {
  const { prove, reader } = await store({ name: "publish-event-topic", beginsWithNextEvent: true });
  expect((await prove()).problems).toEqual([]);
  const log = conversationId(SECRET, "whatsapp", ANA);
  await reader.moveCursor("publish-event-topic", log, 0, 2);
  expect((await prove()).problems).toEqual([expect.objectContaining({ log, sequence: 3, code: "cursor_behind" })]);
});

test("a consumer that does not follow a log is not missed there", async () => {
  const { prove, reader, record } = await store();
  const sms = conversationId(SECRET, "sms", ANA);
  await record({ ...inboundText("sms", { address: ANA }), log: sms, account: "sms" });
  await reader.moveCursor("publish-event", sms, 0, 1);
  const told = (await prove()).problems.map(({ log, code, text }) => [log, code, text]);
  expect(told).toEqual([[sms, "cursor_behind", "post-to-helpdesk-sms has not read on from 0 of 1"]]);
});

test("the log of a contact is walked like any other, and read by those who follow all", async () => {
  const { prove, reader, record } = await store();
  const contact = contactId(SECRET, "whatsapp", ANA);
  const { address: _, contact: __, ...item } = inboundText("patch", { address: ANA });
  const data = { change: "profile", by: "agent", name: "Ana" };
  await record({ ...item, log: contact, type: "contact.updated", data });
  expect((await prove()).problems).toMatchObject([{ log: contact, code: "cursor_behind" }]);
  await reader.moveCursor("publish-event", contact, 0, 1);
  expect(await prove()).toEqual({ logs: 3, entries: 7, erased: 0, problems: [] });
  expect((await reader.contact(contact))?.name).toBe("Ana");
});

test("a file that is said to be stored and does not lie in the bucket is a problem", async () => {
  const { prove, kept, record } = await store();
  const message = { id: messageId(SECRET, "whatsapp", `${ANA}.1`) };
  const media = { id: "med_0000000000000000000000", contentType: "image/jpeg", size: 3, sha256: "0".repeat(64) };
  const { contact: _, ...item } = inboundText("file", { address: ANA });
  await record({ ...item, type: "media.stored", data: { message, media } });
  kept.add(media.id);
  const codes = async () => (await prove(NOW + 1000)).problems.map(({ sequence, code }) => `${sequence} ${code}`);
  expect(await codes()).toEqual([]);
  kept.clear();
  expect(await codes()).toEqual(["4 file_missing"]);
});
