/** What a developer sends, from the API to the customer's phone and back as receipts. */
import { setTimeout as sleep } from "node:timers/promises";
import { afterAll, describe, expect, it } from "vitest";
import { ApiMedia, SentMessage, UploadOffer } from "../../shared/domain/api-shapes.ts";
import { BatchRecipientPage, ShownBatch } from "../../shared/domain/batch-shapes.ts";
import {
  call,
  PAGE_ID,
  PHONE_NUMBER_ID,
  PUBLIC_URL,
  SMS_NUMBER,
  SOON,
  startStack,
  TWILIO_ACCOUNT,
  whatsAppText,
  whatsAppWebhook,
} from "./stack.ts";

// Nobody waits behind an uncertain send here, and none is settled while the tests run but by its receipt.
const stack = await startStack({ policies: { holdSeconds: 0 } });
afterAll(() => stack.stop());

const { graph, twilio } = stack;
const CORRELATION = /^conv_[\w-]{22}\.msg_[\w-]{22,26}\.0$/;

const whatsapp = {
  channel: "whatsapp",
  vendor: graph,
  write: (from: string) => graph.write({ phoneNumberId: PHONE_NUMBER_ID, from, text: "Olá" }),
  request: (text: string) => ({
    method: "POST",
    path: `/v26.0/${PHONE_NUMBER_ID}/messages`,
    body: {
      messaging_product: "whatsapp",
      recipient_type: "individual",
      recipient: expect.stringMatching(/^PT\.\d+$/),
      type: "text",
      text: { body: text },
      biz_opaque_callback_data: expect.stringMatching(CORRELATION),
    },
    status: 200,
  }),
  way: ["queued", "sent", "delivered", "read"],
};
const messenger = {
  channel: "messenger",
  vendor: graph,
  write: (from: string) => graph.write({ pageId: PAGE_ID, from, text: "Olá" }),
  request: (text: string) => ({
    method: "POST",
    path: expect.stringMatching(new RegExp(`^/v\\d+\\.0/${PAGE_ID}/messages$`)),
    body: {
      recipient: { id: expect.stringMatching(/^3519/) },
      messaging_type: "RESPONSE",
      message: { text, metadata: expect.stringMatching(CORRELATION) },
    },
    status: 200,
  }),
  way: ["queued", "sent", "delivered", "read"],
};
const sms = {
  channel: "sms",
  vendor: twilio,
  write: (from: string) => twilio.write({ to: SMS_NUMBER, from: `+${from}`, text: "Olá" }),
  request: (text: string) => ({
    method: "POST",
    path: `/2010-04-01/Accounts/${TWILIO_ACCOUNT}/Messages.json`,
    body: {
      To: expect.stringMatching(/^\+3519/),
      From: SMS_NUMBER,
      Body: text,
      StatusCallback: expect.stringMatching(new RegExp(`^${PUBLIC_URL}/webhooks/sms-twilio/status/conv_`)),
    },
    status: 201,
  }),
  way: ["queued", "sent", "delivered"],
};

let customers = 0;
/** Nobody has had this number before; also good for a page-scoped id. */
function newCustomer(): string {
  customers += 1;
  return `3519100${String(customers).padStart(5, "0")}`;
}

async function conversationBy(write: (from: string) => Promise<string>, customer: string): Promise<string> {
  return stack.conversationOf(await write(customer));
}

const statusOf = async (conversation: string, message: string) => (await stack.message(conversation, message)).status;

/** The types of what was recorded about the message. */
async function recorded(conversation: string, message: string): Promise<string[]> {
  const events = await stack.events(conversation);
  const at = events.findIndex(({ data }) => (data.message as { id?: string } | undefined)?.id === message);
  return events.slice(at).map(({ type }) => type.replace("message.", ""));
}

describe.concurrent("a reply", () => {
  const cases = [
    { ...whatsapp, fault: undefined },
    { ...messenger, fault: undefined },
    { ...sms, fault: undefined },
    { ...whatsapp, fault: "receipts_twice" },
    { ...whatsapp, fault: "receipts_backwards" },
    { ...messenger, fault: "receipts_backwards" },
    { ...messenger, fault: "receipts_first" },
    { ...sms, fault: "receipts_first" },
  ];

  it.for(cases)("goes out once and is told to the end: $channel, $fault", async (one, { expect }) => {
    const { vendor, write, request, way, fault } = one;
    const customer = newCustomer();
    const conversation = await conversationBy(write, customer);
    if (fault) await vendor.order({ kind: fault, customer });
    const text = `Às oito, então. ${customer}`;
    const message = await stack.send(conversation, text);
    await expect.poll(() => stack.publishedAfter(message).sort(), SOON).toEqual([...way].sort());
    await stack.settled();

    expect(await vendor.requests(text)).toEqual([request(text)]);
    expect(await vendor.phone(customer)).toMatchObject([{ text }]);
    const shown = await stack.message(conversation, message);
    expect(shown).toMatchObject({ status: way.at(-1), direction: "outbound", author: { type: "agent" } });
    expect(Object.keys(shown.statusAt ?? {}).sort()).toEqual([...way].sort());
    expect((await recorded(conversation, message)).sort()).toEqual([...way].sort());
  });

  it("is taken once under one Idempotency-Key, and answered with the same bytes", async ({ expect }) => {
    const conversation = await conversationBy(whatsapp.write, newCustomer());
    const path = `/v1/conversations/${conversation}/messages`;
    const text = "Só uma vez, por favor.";
    const post = (said: string) =>
      stack.post(path, { content: { type: "text", text: said } }, { "idempotency-key": "reply-1" });
    const answers = await Promise.all(Array.from({ length: 5 }, () => post(text)));
    const [bytes = ""] = answers.map((answer) => answer.text);
    expect(answers).toEqual(answers.map(() => ({ status: 202, text: bytes, json: JSON.parse(bytes) })));

    const { id } = SentMessage.parse(JSON.parse(bytes)).message;
    await expect.poll(() => stack.publishedAfter(id), SOON).toContain("read");
    expect(await post(text)).toMatchObject({ status: 202, text: bytes });
    expect(await post("Outra coisa")).toMatchObject({ status: 409, json: { code: "idempotency_key_reused" } });
    await stack.settled();
    expect(await graph.requests(text)).toHaveLength(1);
    expect(await graph.requests("Outra coisa")).toEqual([]);
    expect(await stack.messages(conversation)).toHaveLength(2);
  });

  it("keeps its place behind the ones before it", async ({ expect }) => {
    const customer = newCustomer();
    const conversation = await conversationBy(whatsapp.write, customer);
    const texts = Array.from({ length: 8 }, (_, index) => `Passo ${index}`);
    for (const text of texts) await stack.send(conversation, text);
    await expect.poll(async () => (await graph.phone(customer)).length, SOON).toBe(texts.length);
    expect((await graph.phone(customer)).map(({ text }) => text)).toEqual(texts);
  });
});

it("a file is uploaded past the API, sent by its id, and reaches every channel", async () => {
  const bytes = Buffer.from("PK: not really a book");
  const about = { contentType: "application/zip", fileName: "catálogo.zip", size: bytes.byteLength };
  const offered = await stack.post("/v1/media", about);
  expect(offered.status).toBe(201);
  const { media, upload } = UploadOffer.parse(offered.json);
  const content = { type: "document", media: { id: media.id }, caption: "O catálogo" };
  const customers = { whatsapp: newCustomer(), messenger: newCustomer(), sms: newCustomer() };
  const conversations = {
    whatsapp: await conversationBy(whatsapp.write, customers.whatsapp),
    messenger: await conversationBy(messenger.write, customers.messenger),
    sms: await conversationBy(sms.write, customers.sms),
  };
  const send = (conversation: string) => stack.post(`/v1/conversations/${conversation}/messages`, { content });
  expect(await send(conversations.whatsapp)).toMatchObject({ status: 422, json: { code: "media_unknown" } });
  expect((await fetch(upload.url, { method: "PUT", headers: upload.headers, body: bytes })).status).toBe(200);

  for (const conversation of Object.values(conversations)) {
    const answer = await send(conversation);
    expect(answer).toMatchObject({ status: 202, json: { message: { content: { media: about } } } });
    const { id } = SentMessage.parse(answer.json).message;
    await expect
      .poll(async () => ["read", "delivered"].includes((await stack.message(conversation, id)).status ?? ""), SOON)
      .toBe(true);
    expect(JSON.stringify(await stack.events(conversation))).not.toMatch(/X-Amz|v1\/links/);
  }
  const sent = [
    JSON.stringify(await graph.requests("O catálogo")),
    JSON.stringify(await graph.requests(customers.messenger)),
    JSON.stringify(await twilio.requests(`+${customers.sms}`)),
  ].join();
  const fetched = [...sent.matchAll(/"(?:link|url)":"(http:[^"]+)"/g)].map(([, url = ""]) => url);
  expect(fetched).toHaveLength(2);
  const [, linked = ""] = /O catálogo\\ncatálogo\.zip: https:\/\/recado\.example([^"]+)"/.exec(sent) ?? [];
  const shown = ApiMedia.parse((await stack.get(`/v1/media/${media.id}`)).json).media;
  for (const url of [...fetched, stack.url + linked, shown.url]) {
    const opened = await fetch(url);
    expect([opened.status, opened.headers.get("content-type")]).toEqual([200, "application/zip"]);
    expect(Buffer.from(await opened.arrayBuffer())).toEqual(bytes);
  }
  const disposition = (await fetch(stack.url + linked)).headers.get("content-disposition");
  expect(disposition).toBe("attachment; filename=\"cat_logo.zip\"; filename*=UTF-8''cat%C3%A1logo.zip");
});

describe.concurrent("a reply that the vendor refuses", () => {
  it.for([
    { what: "too many to this customer", fault: { kind: "429", code: 131056, status: 400, retryAfterSeconds: 1 } },
    { what: "an error that is known to pass", fault: { kind: "500" } },
  ])("for now is sent again later, and arrives once: $what", async ({ fault }, { expect }) => {
    const customer = newCustomer();
    const conversation = await conversationBy(whatsapp.write, customer);
    await graph.order({ ...fault, customer });
    const text = `Mais tarde ${customer}`;
    const message = await stack.send(conversation, text);
    await expect.poll(() => stack.publishedAfter(message), SOON).toContain("read");
    expect((await graph.requests(text)).map(({ status }) => status)).toEqual([fault.status ?? 500, 200]);
    expect(await graph.phone(customer)).toHaveLength(1);
    expect(await recorded(conversation, message)).toEqual(["queued", "sent", "delivered", "read"]);
  });

  it.for([
    {
      what: "its window, by the answer",
      fault: { kind: "expired_window" },
      class: "window",
      code: "131047",
      status: 400,
    },
    {
      what: "its window, by a receipt",
      fault: { kind: "failed", code: 131047 },
      class: "window",
      code: "131047",
      status: 200,
    },
    {
      what: "nobody there",
      fault: { kind: "failed", code: 131026 },
      class: "unreachable",
      code: "131026",
      status: 200,
    },
  ])("for good is told with its reason, and not tried again: $what", async (one, { expect }) => {
    const { fault, class: kind, code, status } = one;
    const customer = newCustomer();
    const conversation = await conversationBy(whatsapp.write, customer);
    await graph.order({ ...fault, customer });
    const text = `Em vão ${customer}`;
    const message = await stack.send(conversation, text);
    await expect.poll(() => stack.publishedAfter(message), SOON).toContain("failed");
    await stack.settled();
    expect(await stack.message(conversation, message)).toMatchObject({
      status: "failed",
      failure: { class: kind, code, reason: expect.stringMatching(/\w/) },
    });
    expect(await graph.requests(text)).toMatchObject([{ status }]);
    expect((await recorded(conversation, message)).filter((type) => type === "failed")).toHaveLength(1);
  });
});

it("the whole account waits when the vendor says so", async () => {
  const [first, second] = [newCustomer(), newCustomer()];
  const [conversation, beside] = [
    await conversationBy(whatsapp.write, first),
    await conversationBy(whatsapp.write, second),
  ];
  await graph.order({ kind: "429", customer: first, code: 130429, retryAfterSeconds: 4 });
  const begun = Date.now();
  const mark = stack.calls.length;
  const refused = await stack.send(conversation, "Todos à espera");
  const isPaused = () =>
    stack.calls.slice(mark).some(({ action, conditionKeys }) => {
      return action === "dynamodb:PutItem" && conditionKeys["dynamodb:LeadingKeys"]?.includes("PAUSE#whatsapp");
    });
  await expect.poll(isPaused, SOON).toBe(true);
  const behind = await stack.send(beside, "Também à espera");
  await expect.poll(() => stack.publishedAfter(behind), SOON).toContain("read");
  await expect.poll(() => stack.publishedAfter(refused), SOON).toContain("read");
  // Whoever was not refused has not asked before the time was over.
  expect(await graph.requests("Também à espera")).toMatchObject([{ status: 200 }]);
  const [arrival] = await graph.phone(second);
  expect(Date.parse(arrival?.statuses[0]?.at ?? "")).toBeGreaterThanOrEqual(begun + 4000);
  expect((await graph.requests("Todos à espera")).map(({ status }) => status)).toEqual([429, 200]);
});

describe.concurrent("a message that the business begins", () => {
  const hello = { type: "template", name: "hello_world", language: "en_US" };
  const begin = async (body: object) => {
    const answer = await stack.post("/v1/messages", body);
    expect(answer.status, answer.text).toBe(202);
    return SentMessage.parse(answer.json).message;
  };
  const shown = async (id: string) => SentMessage.parse((await stack.get(`/v1/messages/${id}`)).json).message;
  /** Has what is due handed over now. */
  const look = () => call(`${stack.url}/_schedules/recado-local-send-scheduled`, { method: "POST" });

  it.for([
    { ...whatsapp, account: "whatsapp", said: { template: hello } },
    { ...sms, account: "sms", said: { content: { type: "text", text: "A sua encomenda chegou." } } },
  ])("opens the conversation that the customer's answer joins: $channel", async (one, { expect }) => {
    const { account, vendor, write, way, said } = one;
    const customer = newCustomer();
    const written = customer.replace(/^(351)(\d{3})/, "+$1 $2 ");
    const { id, conversation } = await begin({ to: { account, address: written }, ...said });
    await expect.poll(() => stack.publishedAfter(id).sort(), SOON).toEqual([...way].sort());
    expect(await vendor.phone(customer)).toHaveLength(1);
    expect(await shown(id)).toMatchObject({ status: way.at(-1), conversation });

    expect(await conversationBy(write, customer)).toBe(conversation);
    const found = (await stack.conversations()).filter((other) => other.id === conversation);
    expect(found).toMatchObject([{ account, contact: { id: expect.stringMatching(/^con_/) } }]);
    const { contact } = found[0] ?? expect.fail();
    // Who answers is known, and can be written to as who they are.
    const next = await begin({ to: { contact: contact.id }, content: { type: "text", text: `E mais. ${customer}` } });
    expect(next.conversation).toBe(conversation);
    await expect.poll(() => stack.publishedAfter(next.id), SOON).toContain(way.at(-1));
  });

  it("for later goes out then, not before, and once", async ({ expect }) => {
    const customer = newCustomer();
    const text = `Daqui a pouco. ${customer}`;
    const sendAt = Date.now() + 2_000;
    const said = { content: { type: "text", text }, sendAt: new Date(sendAt).toISOString() };
    const { id } = await begin({ to: { account: "sms", address: `+${customer}` }, ...said });
    await look();
    await sleep(Math.max(sendAt - Date.now(), 0) + 10);
    await Promise.all([look(), look()]);
    await expect.poll(() => stack.publishedAfter(id), SOON).toContain("delivered");
    expect(await shown(id)).toMatchObject({ status: "delivered", sendAt: said.sendAt });
    const [arrival, ...more] = await twilio.phone(customer);
    expect(more).toEqual([]);
    expect(Date.parse(arrival?.statuses[0]?.at ?? "")).toBeGreaterThanOrEqual(sendAt);
  });

  it("for later, and cancelled, reaches no provider", async ({ expect }) => {
    const customer = newCustomer();
    const text = `Afinal não. ${customer}`;
    const sendAt = Date.now() + 6_000;
    const said = { content: { type: "text", text }, sendAt: new Date(sendAt).toISOString() };
    const { id } = await begin({ to: { account: "sms", address: `+${customer}` }, ...said });
    await expect.poll(async () => (await stack.get(`/v1/messages/${id}`)).status, SOON).toBe(200);
    const cancelled = { status: 200, json: { message: { id, status: "failed", failure: { class: "cancelled" } } } };
    expect(await stack.delete(`/v1/messages/${id}`)).toMatchObject(cancelled);
    expect(await stack.delete(`/v1/messages/${id}`)).toMatchObject(cancelled);
    await sleep(Math.max(sendAt - Date.now(), 0) + 10);
    await look();
    await expect.poll(() => stack.publishedAfter(id), SOON).toEqual(["queued", "failed"]);
    await stack.settled();
    expect(await twilio.requests(text)).toEqual([]);
    expect(await shown(id)).toMatchObject({ status: "failed", failure: { code: "cancelled" } });
  });
});

describe("a message to many", () => {
  const [BY_WHATSAPP, BY_SMS] = process.env.RECADO_TEST_RUNS ? [18, 9] : [8, 4];
  /** With two who want none, and one whom nobody knows. */
  const TOTAL = BY_WHATSAPP + BY_SMS + 3;
  const SALE = {
    type: "template",
    name: "spring_sale",
    language: "pt_BR",
    header: "{{name}}",
    parameters: { customer: "{{name}}", discount: "20%" },
    buttons: [{ index: 0, type: "copy_code", value: "PRIMAVERA" }],
  };
  const content = { type: "text", text: "Olá {{name}}, 20% na primavera." };

  it("reaches each of them once, by the way that they have, and tells what became of each", async () => {
    const numbers = Array.from({ length: BY_WHATSAPP + BY_SMS }, newCustomer);
    const optedOut = [newCustomer(), newCustomer()];
    for (const customer of optedOut) {
      const conversation = await conversationBy(sms.write, customer);
      await stack.post(`/v1/conversations/${conversation}/consents`, { topic: "marketing", state: "opted_out" });
    }
    await stack.settled();
    const recipients = [
      ...numbers.map((customer, index) => ({
        to: { account: index < BY_WHATSAPP ? "whatsapp" : "sms", address: `+${customer}` },
        values: { name: `Cliente ${customer}` },
      })),
      ...optedOut.map((customer) => ({ to: { account: "sms", address: `+${customer}` }, values: { name: "Rui" } })),
      { to: { contact: "con_0000000000000000000000" }, values: { name: "Ninguém" } },
    ];
    const key = { "idempotency-key": "primavera" };
    const begin = () =>
      stack.post("/v1/batches", { message: { template: SALE, content, topic: "marketing" }, recipients }, key);
    const started = await begin();
    expect(started).toMatchObject({ status: 202, json: { batch: { status: "running", total: TOTAL } } });
    expect(await begin()).toEqual(started);
    const { batch } = ShownBatch.parse(started.json);

    const path = `/v1/batches/${batch.id}`;
    const done = { status: "done", total: TOTAL, accepted: TOTAL - 3, refused: 3, waiting: 0 };
    await expect.poll(async () => (await stack.get(path)).json, SOON).toMatchObject({ batch: done });
    await stack.settled();
    const rows = BatchRecipientPage.parse((await stack.get(`${path}/recipients`)).json).data;
    expect(rows.map(({ message, refusal }) => message?.status ?? refusal?.code)).toEqual([
      ...Array.from({ length: BY_WHATSAPP }, () => "read"),
      ...Array.from({ length: BY_SMS }, () => "delivered"),
      ...["opted_out", "opted_out", "recipient_unknown"],
    ]);
    for (const [index, customer] of numbers.entries()) {
      const shown = await (index < BY_WHATSAPP ? graph : twilio).phone(customer);
      expect(shown, `${index}`).toHaveLength(1);
      if (index >= BY_WHATSAPP) expect(shown[0]?.text).toBe(`Olá Cliente ${customer}, 20% na primavera.`);
    }
    for (const customer of optedOut) expect(await twilio.phone(customer)).toEqual([]);
    const [first] = await stack.events(rows[0]?.message?.conversation ?? "");
    expect(first).toMatchObject({ type: "message.queued", data: { batch: { id: batch.id, recipient: 0 } } });
    expect((await stack.get("/v1/batches")).json).toMatchObject({ data: [{ id: batch.id }] });
  });

  it("for later goes to nobody once it is cancelled", async () => {
    const customers = [newCustomer(), newCustomer()];
    const recipients = customers.map((customer) => ({ to: { account: "sms", address: `+${customer}` } }));
    const sendAt = new Date(Date.now() + 3_600_000).toISOString();
    const message = { content: { type: "text", text: "Amanhã!" }, topic: "marketing", sendAt };
    const { batch } = ShownBatch.parse((await stack.post("/v1/batches", { message, recipients })).json);
    const path = `/v1/batches/${batch.id}`;
    await expect.poll(async () => (await stack.get(path)).json, SOON).toMatchObject({ batch: { accepted: 2 } });
    expect((await stack.delete(path)).json).toMatchObject({ batch: { status: "cancelled" } });
    await stack.settled();
    const rows = BatchRecipientPage.parse((await stack.get(`${path}/recipients`)).json).data;
    expect(rows.map(({ message }) => message?.failure?.class)).toEqual(["cancelled", "cancelled"]);
  });
});

describe("a reply whose window is closed", () => {
  it("is refused at once, with the reason, and leaves no trace", async () => {
    const dayAgo = String(Math.floor(Date.now() / 1000) - 25 * 3600);
    await stack.whatsapp(whatsAppWebhook({ messages: [whatsAppText("351919999999", "wamid.old", "Olá", dayAgo)] }));
    const conversation = await stack.conversationWith("351919999999");
    const path = `/v1/conversations/${conversation}/messages`;
    const content = { type: "text", text: "Tarde demais" };
    const refusal = { status: 422, json: { code: "window_closed", detail: expect.stringContaining("24 hours") } };
    expect(await stack.post(path, { content })).toMatchObject(refusal);
    expect(await stack.post(`${path}?dryRun=true`, { content })).toMatchObject({
      status: 200,
      json: { plan: { allowed: false, reasons: [{ code: "window_closed" }], parts: [] } },
    });
    await stack.settled();
    expect(await stack.events(conversation)).toHaveLength(1);
    expect(await graph.requests("Tarde demais")).toEqual([]);
  });
});

describe("a reply of which nobody knows whether it went out", () => {
  it.each([
    { ...whatsapp, fault: { kind: "reset_after_accepting" } },
    { ...messenger, fault: { kind: "reset_after_accepting" } },
    { ...sms, fault: { kind: "500", accepted: true } },
  ])("is shown as uncertain until its receipt says more, and is sent once: $channel", async (one) => {
    const customer = newCustomer();
    const conversation = await conversationBy(one.write, customer);
    const text = `Talvez ${customer}`;
    await one.vendor.order({ ...one.fault, customer });
    // The first receipts come late: before them the message is uncertain.
    await one.vendor.order({ kind: "delay", customer, about: "receipt", times: 10, delayMs: 3000 });
    const message = await stack.send(conversation, text);
    await expect.poll(() => stack.publishedAfter(message), SOON).toContain("uncertain");
    await expect.poll(() => statusOf(conversation, message), SOON).toBe(one.way.at(-1));
    const { statusAt } = await stack.message(conversation, message);
    expect(Object.keys(statusAt ?? {}).sort()).toEqual([...one.way, "uncertain"].sort());
    expect(await one.vendor.requests(text)).toHaveLength(1);
    expect(await one.vendor.phone(customer)).toHaveLength(1);
  });
});

it("a reply to one customer that has to wait holds up nobody else", async () => {
  // The last test: what waits for an hour would keep the others from seeing the queues empty.
  const [busy, other] = [newCustomer(), newCustomer()];
  const conversation = await conversationBy(whatsapp.write, busy);
  const beside = await conversationBy(whatsapp.write, other);
  await graph.order({ kind: "429", customer: busy, code: 131056, status: 400, retryAfterSeconds: 3600 });
  const waiting = await stack.send(conversation, "Depois de uma hora");
  await expect.poll(() => graph.requests("Depois de uma hora"), SOON).toMatchObject([{ status: 400 }]);
  const passing = await stack.send(beside, "Ao lado");
  await expect.poll(() => stack.publishedAfter(passing), SOON).toContain("read");
  expect(await statusOf(conversation, waiting)).toBe("queued");
  expect(await graph.requests("Depois de uma hora")).toHaveLength(1);
});
