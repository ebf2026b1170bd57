/**
 * One customer among many is erased: nothing of them is left anywhere, everything of everybody else is as it was, byte
 * by byte, and the rest of the history can still be proven.
 */
import { type AttributeValue, ScanCommand } from "@aws-sdk/client-dynamodb";
import { GetObjectCommand, ListObjectsV2Command } from "@aws-sdk/client-s3";
import {
  GetQueueAttributesCommand,
  ListQueuesCommand,
  ReceiveMessageCommand,
  SendMessageCommand,
} from "@aws-sdk/client-sqs";
import { afterAll, beforeAll, expect, it, vi } from "vitest";
import { userIdOf } from "../../local/simulators/graph/whatsapp.ts";
import sample from "../../recado.config.ts";
import { S3MediaLinks } from "../../shared/aws/media-links.ts";
import { verifyStore } from "../../shared/aws/verify-store.ts";
import { ApiContact, ApiConversation } from "../../shared/domain/api-shapes.ts";
import { ErasureAnswer } from "../../shared/domain/erasure-shapes.ts";
import { CreatedSubscription } from "../../shared/domain/subscription-shapes.ts";
import { startEndpoint } from "./endpoint.ts";
import { PHONE_NUMBER_ID, SMS_NUMBER, SOON, startStack, whatsAppWebhook } from "./stack.ts";

/** How many others there are. */
const OTHERS = process.env.RECADO_TEST_RUNS ? 1_000 : 15;
/** So many of them are told of in one webhook. */
const TOGETHER = 15;

let stack: Awaited<ReturnType<typeof startStack>>;
let endpoint: Awaited<ReturnType<typeof startEndpoint>>;
beforeAll(async () => {
  stack = await startStack({ helpdesks: sample.helpdesks });
  endpoint = await startEndpoint();
});
afterAll(async () => {
  endpoint.close();
  await stack.stop();
});

interface Customer {
  number: string;
  name: string;
  /** Stands in everything that they, or others to them, say. */
  word: string;
}

const ANA: Customer = { number: "5511987650001", name: "Anabela Quitéria", word: "pitangueira" };
const others: Customer[] = Array.from({ length: OTHERS }, (_, index) => ({
  number: `3519120${String(10_000 + index)}`,
  name: `Freguês Número${index}`,
  word: `palavra${index}x`,
}));
const [RUI] = others as [Customer];

/** As WhatsApp makes them: the number stands inside. */
function wamid({ number }: Customer, count: number): string {
  return `wamid.${Buffer.from(`\x1d\x0b${number}\x15\x02${String(count).padStart(4, "0")}`).toString("base64")}`;
}

/** What Meta posts when these customers write. */
function writing(customers: readonly Customer[], count: number, text: (customer: Customer) => string): object {
  const timestamp = String(Math.floor(Date.now() / 1000));
  return whatsAppWebhook({
    contacts: customers.map(({ number, name }) => ({ profile: { name }, wa_id: number, user_id: userIdOf(number) })),
    messages: customers.map((customer) => ({
      ...{ from: customer.number, from_user_id: userIdOf(customer.number), id: wamid(customer, count), timestamp },
      ...{ type: "text", text: { body: text(customer) } },
    })),
  });
}

async function write(customers: readonly Customer[], count: number, text: (customer: Customer) => string) {
  for (let from = 0; from < customers.length; from += TOGETHER) {
    const answer = await stack.whatsapp(writing(customers.slice(from, from + TOGETHER), count, text));
    expect(answer.status, answer.text).toBe(200);
    // What is worked off meanwhile is not waited for as a whole.
    if (from % 40 === 20 && customers.length > 40) await stack.settled();
  }
}

/** Everything that is kept, by where it is. */
async function everything(): Promise<Map<string, string>> {
  const found = new Map<string, string>();
  for (let start: Record<string, AttributeValue> | undefined, isFirst = true; isFirst || start; isFirst = false) {
    const scan = new ScanCommand({ TableName: stack.tableName, ...(start && { ExclusiveStartKey: start }) });
    const { Items = [], LastEvaluatedKey } = await stack.dynamodb.send(scan);
    for (const item of Items) found.set(`${item.pk?.S} ${item.sk?.S}`, JSON.stringify(item));
    start = LastEvaluatedKey;
  }
  for (let token: string | undefined, isFirst = true; isFirst || token; isFirst = false) {
    const list = new ListObjectsV2Command({ Bucket: stack.bucket, ...(token && { ContinuationToken: token }) });
    const { Contents = [], NextContinuationToken } = await stack.s3.send(list);
    for (const { Key = "" } of Contents) {
      const { Body, Metadata } = await stack.s3.send(new GetObjectCommand({ Bucket: stack.bucket, Key }));
      const bytes = Buffer.from((await Body?.transformToByteArray()) ?? []);
      found.set(`object ${Key}`, JSON.stringify(Metadata ?? {}) + bytes.toString("latin1") + bytes.toString("utf8"));
    }
    token = NextContinuationToken;
  }
  const { QueueUrls = [] } = await stack.sqs.send(new ListQueuesCommand({}));
  for (const QueueUrl of QueueUrls) {
    const receive = new ReceiveMessageCommand({ QueueUrl, MaxNumberOfMessages: 10, VisibilityTimeout: 1 });
    const { Messages = [] } = await stack.sqs.send(receive);
    for (const { MessageId, Body = "" } of Messages) found.set(`queue ${QueueUrl} ${MessageId}`, Body);
  }
  return found;
}

/** All the ways in which a customer may be written down. */
function traces({ number, name, word }: Customer): string[] {
  const inBase64 = [0, 1, 2].map((ahead) => {
    const text = Buffer.from(" ".repeat(ahead) + number).toString("base64");
    return text.slice(4, Math.floor((ahead + number.length) / 3) * 4);
  });
  const ascii = JSON.stringify(name).replace(
    /[^ -~]/g,
    (sign) => `\\u${sign.charCodeAt(0).toString(16).padStart(4, "0")}`,
  );
  return [
    ...[number, name, word, userIdOf(number), encodeURIComponent(name), ascii.slice(1, -1)],
    ...inBase64,
    Buffer.from(word).toString("base64").slice(0, -4),
  ];
}

function placesOf(customer: Customer, kept: ReadonlyMap<string, string>): string[] {
  const looked = traces(customer);
  return [...kept].flatMap(([place, text]) => {
    const found = looked.find((trace) => place.includes(trace) || text.includes(trace));
    return found === undefined ? [] : [`${place.replace(/^(\S{60})\S*/, "$1…")}: ${found}`];
  });
}

/** What two customers alike leave behind: words of all kinds, files, answers, tickets, evidence, dead letters. */
async function live(customer: Customer): Promise<string> {
  const { number, name, word } = customer;
  const from = { phoneNumberId: PHONE_NUMBER_ID, from: number, name };
  const conversation = await stack.conversationOf(await stack.graph.write({ ...from, text: `Olá ${word}` }));
  await stack.graph.write({ ...from, kind: "image", text: `Veja ${word}` });
  await stack.twilio.write({ to: SMS_NUMBER, from: `+${number}`, text: `Por SMS: ${word}` });
  // Too large for the queue and for an item.
  await stack.whatsapp(writing([customer], 900, () => `${word} `.repeat(36_000)));
  const answer = (text: string, more: object = {}) =>
    stack.post(
      `/v1/conversations/${conversation}/messages`,
      { content: { type: "text", text }, ...more },
      { "idempotency-key": `${text[0]} to ${conversation}` },
    );
  expect((await answer(`Bom dia ${word}`)).status).toBe(202);
  const tomorrow = new Date(Date.now() + 20 * 3_600_000).toISOString();
  expect((await answer(`Amanhã, ${word}`, { sendAt: tomorrow })).status).toBe(202);
  const stop = { topic: "marketing", state: "opted_out" };
  expect((await stack.post(`/v1/conversations/${conversation}/consents`, stop)).status).toBe(202);
  await stack.whatsapp({ object: "whatsapp_business_account", entry: `what is this, ${word}, from ${number}?` });
  const { key, log } = { key: `lost${number}`, log: conversation };
  const lost = { log, key, token: "t", type: "message.received", data: { word }, address: number };
  await stack.sqs.send(
    new SendMessageCommand({
      QueueUrl: stack.queue("conversations-dead-letters.fifo"),
      MessageBody: JSON.stringify({ parked: JSON.stringify(lost), error: "a fault" }),
      ...{ MessageGroupId: log, MessageDeduplicationId: key },
    }),
  );
  return conversation;
}

/** How many dead letters there are, whether somebody looks at them or not. */
async function letters(): Promise<number> {
  const QueueUrl = stack.queue("conversations-dead-letters.fifo");
  const wanted = new GetQueueAttributesCommand({ QueueUrl, AttributeNames: ["All"] });
  const { Attributes = {} } = await stack.sqs.send(wanted);
  return Number(Attributes.ApproximateNumberOfMessages) + Number(Attributes.ApproximateNumberOfMessagesNotVisible);
}

/** @param only one log instead of all; gives how many entries are emptied */
async function proven(only?: string): Promise<number> {
  const consumers = [
    { name: "publish-event" },
    { name: "post-to-helpdesk-desk", follows: (log: string) => log.startsWith("conv_") },
  ];
  const { problems, erased } = await verifyStore({
    ...{ tableName: stack.tableName, reader: stack.table, client: stack.dynamodb, consumers },
    files: new S3MediaLinks({ bucket: stack.bucket, client: stack.s3 }),
    now: Date.now() + 600_000,
    ...(only !== undefined && { only }),
  });
  expect(problems).toEqual([]);
  return erased;
}

it("erases one customer of many, with a receipt, and the rest is as it was", async () => {
  const subscribed = await stack.post("/v1/subscriptions", { url: endpoint.url, filter: { types: ["contact.*"] } });
  const { subscription } = CreatedSubscription.parse(subscribed.json);
  const [[conversation, ofRui]] = await Promise.all([
    Promise.all([live(ANA), live(RUI)]),
    write(others, 1, ({ word }) => `Bom dia, ${word}`),
  ]);
  await vi.waitFor(() => expect(Date.now()).toBeGreaterThan(Date.parse(subscription.since)), SOON);
  await stack.settled();

  const before = await everything();
  // The search finds what is there: else it would prove nothing.
  const kinds = (places: readonly string[]) => new Set(places.map((place) => place.split(/[# /]/)[0]));
  for (const customer of [ANA, RUI])
    expect(kinds(placesOf(customer, before))).toEqual(
      new Set(["CONV", "CONTACT", "ADDRESS", "IDEMPOTENCY", "object", "queue"]),
    );
  const { contact } = ApiConversation.parse((await stack.get(`/v1/conversations/${conversation}`)).json);

  const asked = await stack.delete(`/v1/contacts/${contact.id}`);
  expect(asked.status, asked.text).toBe(202);
  const { erasure } = ErasureAnswer.parse(asked.json);
  const show = async () => ErasureAnswer.parse((await stack.get(`/v1/erasures/${erasure.id}`)).json).erasure;
  const done = await vi.waitFor(async () => {
    const shown = await show();
    expect(shown.status).toBe("done");
    return shown;
  }, SOON);
  await stack.settled();

  const after = await everything();
  expect(placesOf(ANA, after)).toEqual([]);
  const opening = (log: string) => `CONV#${log} E#000000000001`;
  const logs = [...before.keys()].flatMap((place) => /^CONV#(\S+) E#000000000001$/.exec(place)?.[1] ?? []);
  const hers = logs.filter((log) => before.get(opening(log)) !== after.get(opening(log)));
  expect(hers).toContain(conversation);
  expect(hers).toHaveLength(2);
  const entries = [...before].filter(([place]) => hers.some((log) => place.startsWith(`CONV#${log} `)));
  const ids = entries.flatMap(([, text]) => text.match(/(?:msg|med)_[\w-]+/g) ?? []);
  const known = [...hers, contact.id, ...ids, ...traces(ANA)];
  const isHers = (place: string, text: string) => known.some((one) => place.includes(one) || text.includes(one));
  // When a key was used; and dead letters, at which somebody has just looked.
  const isOfNobody = (place: string) => /^(KEYS#|LIMIT#|SUBSCRIPTION#all |queue )/.test(place);
  const changed = [...before].filter(([place, text]) => after.get(place) !== text && !isOfNobody(place));
  expect(changed.filter((one) => !isHers(...one)).map(([place]) => place)).toEqual([]);
  expect(await letters()).toBe(1);

  expect(done.receipt).toMatchObject({
    log: { conversations: 2, contacts: 1 },
    ...{ files: 1, idempotencyKeys: 2, messageIds: 2, quarantine: 1, deadLetters: 1 },
    helpdesks: [{ name: "desk", told: true }],
  });
  expect(done.receipt?.aliases).toBeGreaterThan(0);
  expect(done.receipt?.providerIds).toBeGreaterThan(0);
  expect(await proven()).toBe(done.receipt?.log.entries);

  // Whoever follows the events was told, once by each log, and where the customer is known as the event says.
  const told = endpoint.got.filter(({ event }) => event.type === "contact.erased");
  expect(told.map(({ event }) => event.subject).sort()).toEqual(hers.toSorted());
  const atDesk = (await stack.desk.events(conversation)).map(({ event }) => event.type);
  expect(atDesk.filter((type) => type === "contact.erased")).toHaveLength(1);

  expect((await stack.get(`/v1/conversations/${conversation}`)).status).toBe(404);
  expect((await stack.conversations()).map(({ id }) => id)).toContain(ofRui);
  expect((await stack.graph.phone(ANA.number)).filter(({ text }) => text.startsWith("Amanhã"))).toEqual([]);

  await write([ANA], 2, () => "Olá de novo");
  const again = await vi.waitFor(async () => {
    const shown = await stack.get(`/v1/conversations/${conversation}`);
    expect(shown.status).toBe(200);
    const found = ApiConversation.parse(shown.json);
    expect(found.contact.name).toBe(ANA.name);
    return found;
  }, SOON);
  expect(again).toMatchObject({ contact: { id: contact.id }, optedOut: ["marketing"] });
  expect((await stack.conversations()).map(({ id }) => id)).toContain(conversation);
  expect(ApiContact.parse((await stack.get(`/v1/contacts/${contact.id}`)).json).name).toBe(ANA.name);
  const events = await stack.events(conversation);
  const end = events.findIndex(({ type }) => type === "contact.erased");
  expect(events.slice(end + 1).map(({ type, sequence }) => [type, Number(sequence)])).toEqual([
    ["message.received", end + 2],
  ]);
  expect(events.slice(0, end).every(({ data }) => data.erased === true)).toBe(true);
  await stack.settled();
  await proven(conversation);
});
