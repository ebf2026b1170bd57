/**
 * The API as it is deployed, held to its own document: fetched from it, and read by a client that knows nothing else.
 * Requests that it allows and requests that it forbids, for every operation; and every event on the bus.
 */
import { setTimeout as sleep } from "node:timers/promises";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { JsonObject } from "../../cli/contract/json-schema.ts";
import { SentMessage } from "../../shared/domain/api-shapes.ts";
import { ErasureAnswer } from "../../shared/domain/erasure-shapes.ts";
import { eventShapes } from "../../shared/domain/event-shapes.ts";
import type { Asked } from "../contract/arbitraries.ts";
import { type Answered, tryOperation } from "../contract/client.ts";
import { Contract, type Operation } from "../contract/operations.ts";
import { call, PAGE_ID, PHONE_NUMBER_ID, PUBLIC_URL, SMS_NUMBER, startStack } from "./stack.ts";

/** Requests of each kind to each operation. */
const RUNS = process.env.RECADO_TEST_RUNS ? Math.ceil(Number(process.env.RECADO_TEST_RUNS) / 10) : 6;

let stack: Awaited<ReturnType<typeof startStack>>;
let contract: Contract;
let operations: Operation[];
const known: Record<string, string[]> = { account: ["whatsapp", "messenger", "sms"], address: ["+351965432109"] };
const toErase: typeof known = {};
const counts = new Map<string, Record<number, number>>();

beforeAll(async () => {
  stack = await startStack();
  const { json } = await call(`${stack.url}/openapi.json`);
  contract = new Contract(json as JsonObject, { isClosed: true });
  operations = contract.operations;
  const ids = await Promise.all([
    stack.graph.write({
      phoneNumberId: PHONE_NUMBER_ID,
      from: "351912345678",
      text: "Têm as botas no 38?",
      name: "Ana",
    }),
    stack.graph.write({ pageId: PAGE_ID, from: "7666000000000777", text: "Boa tarde!" }),
    stack.twilio.write({ to: SMS_NUMBER, from: "+351965432109", text: "A encomenda já saiu?" }),
  ]);
  const erased = await stack.conversationOf(
    await stack.twilio.write({ to: SMS_NUMBER, from: "+351965432100", text: "Apaguem tudo, por favor." }),
  );
  known.conversation = await Promise.all(ids.map((id) => stack.conversationOf(id)));
  const all = await stack.conversations();
  known.contact = all.flatMap(({ id, contact }) => (id === erased ? [] : [contact.id]));
  toErase.contact = all.flatMap(({ id, contact }) => (id === erased ? [contact.id] : []));
  const asked = await stack.delete(`/v1/contacts/${toErase.contact[0]}`);
  known.erasure = [ErasureAnswer.parse(asked.json).erasure.id];
  const offer = await stack.post("/v1/media", { contentType: "text/plain", size: 3 });
  const { media, upload } = offer.json as { media: { id: string }; upload: { url: string; headers: object } };
  await fetch(upload.url, { method: "PUT", headers: { ...upload.headers }, body: "sim" });
  known.media = [media.id];
  const message = { content: { type: "text", text: "Boas festas!" }, topic: "marketing" };
  const recipients = [{ to: { account: "sms", address: "+351965432109" } }];
  const { batch } = (await stack.post("/v1/batches", { message, recipients })).json as { batch: { id: string } };
  known.batch = [batch.id];
  const sendAt = new Date(Date.now() + 86_400_000).toISOString();
  const later = {
    to: { account: "sms", address: "+351965432109" },
    content: { type: "text", text: "Até amanhã!" },
    sendAt,
  };
  known.message = [SentMessage.parse((await stack.post("/v1/messages", later)).json).message.id];
});
afterAll(() => stack.stop());

/** Who is told that all callers together ask too much waits, and asks again. */
async function send(asked: Asked): Promise<Answered> {
  const { method, url, headers, body } = asked;
  const response = await fetch(stack.url + url, {
    method,
    headers,
    redirect: "manual",
    ...(body !== undefined && { body }),
  });
  if (response.status === 429 && !response.headers.has("recado-version")) {
    expect(await response.json()).toEqual({ message: "Too Many Requests" });
    await sleep(500);
    return send(asked);
  }
  return { status: response.status, headers: Object.fromEntries(response.headers), body: await response.text() };
}

function onAnswer({ id }: Operation, status: number): void {
  const before = counts.get(id) ?? {};
  counts.set(id, { ...before, [status]: (before[status] ?? 0) + 1 });
}

describe("the documents", () => {
  it("are served to anyone, with the address that the world has", async () => {
    const openapi = await call(`${stack.url}/openapi.json`);
    expect(openapi).toMatchObject({ status: 200, json: { openapi: "3.1.1", servers: [{ url: PUBLIC_URL }] } });
    expect(await call(`${stack.url}/asyncapi.json`)).toMatchObject({ status: 200, json: { asyncapi: "3.0.0" } });
  });

  it("are sent once to who keeps them", async () => {
    for (const path of ["/openapi.json", "/asyncapi.json"]) {
      const first = await fetch(stack.url + path);
      await first.text();
      const etag = first.headers.get("etag") ?? "";
      const again = await fetch(stack.url + path, { headers: { "if-none-match": etag } });
      expect({ status: again.status, text: await again.text() }).toEqual({ status: 304, text: "" });
      expect(first.headers.get("cache-control")).toMatch(/^public, max-age=\d+$/);
    }
  });
});

it("every operation answers as the document says, whatever is asked", async () => {
  // What customers do not want to hear is noted for one of them, so that messages go out to the others.
  const [, , silent = ""] = known.conversation ?? [];
  const { contact } = (await stack.conversations()).find(({ id }) => id === silent) ?? {};
  const consents = { conversation: [silent], contact: contact ? [contact.id] : [] };
  const chosen: Readonly<Record<string, typeof known>> = {
    ...{ noteConsent: consents, noteContactConsent: consents },
    // Of whom nothing else is asked.
    eraseContact: toErase,
  };
  const knownTo = ({ id }: Operation) => chosen[id] ?? known;
  await Promise.all(
    operations.map((one) => tryOperation(one, { contract, send, known: knownTo(one), onAnswer }, RUNS)),
  );
  const asked = [...counts.values()].flatMap((statuses) => Object.values(statuses)).reduce((sum, one) => sum + one, 0);
  expect(counts.size).toBe(operations.length);
  expect(asked).toBeGreaterThanOrEqual(operations.length * RUNS);
  if (process.env.RECADO_TEST_RUNS) console.info(`${asked} requests`, Object.fromEntries(counts));
});

it("every event on the bus is as the document says", async () => {
  await stack.settled();
  expect(stack.published.length).toBeGreaterThan(3);
  for (const event of stack.published) {
    expect(contract.faults({ $ref: "#/components/schemas/Event" }, event), event.type).toEqual([]);
    expect(eventShapes[event.type].safeParse(event).error).toBeUndefined();
  }
});
