import { createHmac } from "node:crypto";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { startGraphSimulator } from "../../../local/simulators/graph/index.ts";
import type { Server } from "../../../local/simulators/http.ts";
import { ask, type Received, type Receiver, startReceiver } from "./receiver.ts";

const NUMBER = {
  id: "100000000000001",
  displayPhoneNumber: "+15550000001",
  accessToken: "whatsapp-token",
  appSecret: "whatsapp-secret",
  verifyToken: "whatsapp-verify",
};
const PAGE = { id: "200000000000001", accessToken: "page-token", appSecret: "page-secret", verifyToken: "page-verify" };
const CUSTOMER = "+351910000001";
const PERSON = "7000000000000001";

let receiver: Receiver;
let simulator: Server;

beforeEach(async () => {
  receiver = await startReceiver();
  simulator = await startGraphSimulator({
    webhookOrigin: receiver.url,
    phoneNumbers: [NUMBER],
    pages: [PAGE],
    receiptsAfterMs: [1, 20, 40],
    retryAfterMs: [0, 5, 10],
  });
});

afterEach(async () => {
  await simulator.close();
  await receiver.close();
});

const control = (name: string, body: unknown) => ask("POST", `${simulator.url}/_simulator/${name}`, body);
const writes = (text = "Olá", more: object = {}) =>
  control("messages", { phoneNumberId: NUMBER.id, from: CUSTOMER, text, ...more });
const writesToPage = (text = "Hi", more: object = {}) =>
  control("messages", { pageId: PAGE.id, from: PERSON, text, ...more });
const fault = (kind: string, more: object = {}) => control("faults", { kind, ...more });
const phone = async (customer: string) =>
  (await ask("GET", `${simulator.url}/_simulator/messages?customer=${encodeURIComponent(customer)}`)).body.data as {
    id: string;
    text: string;
    status: string;
    statuses: { status: string }[];
  }[];

interface GraphAnswer {
  status: number;
  body: {
    error?: { code: number; error_subcode?: number; message: string; error_data?: { details: string } };
    [key: string]: unknown;
  };
}

async function graph(path: string, body: unknown, token = NUMBER.accessToken): Promise<GraphAnswer> {
  const response = await fetch(`${simulator.url}${path}`, {
    method: "POST",
    headers: { authorization: `Bearer ${token}`, "content-type": "application/json" },
    body: typeof body === "string" ? body : JSON.stringify(body),
  });
  return { status: response.status, body: (await response.json()) as GraphAnswer["body"] };
}

const text = (more: object = {}) => ({
  messaging_product: "whatsapp",
  recipient_type: "individual",
  to: CUSTOMER,
  type: "text",
  text: { body: "Bom dia" },
  ...more,
});
const sendText = (more: object = {}, version = "v23.0") => graph(`/${version}/${NUMBER.id}/messages`, text(more));
const sendToPerson = (more: object = {}) =>
  graph(
    `/v23.0/${PAGE.id}/messages`,
    { recipient: { id: PERSON }, messaging_type: "RESPONSE", message: { text: "Hello", metadata: "ours-1" }, ...more },
    PAGE.accessToken,
  );

/** The values of WhatsApp webhooks that came so far. */
function values(): Record<string, unknown>[] {
  return receiver.received
    .filter(({ url }) => url === "/webhooks/whatsapp-cloud")
    .map(({ body }) => JSON.parse(body).entry[0].changes[0].value);
}
function statuses(): Record<string, unknown>[] {
  return values().flatMap((value) => (value.statuses as Record<string, unknown>[]) ?? []);
}
function messagings(): Record<string, Record<string, unknown>>[] {
  return receiver.received
    .filter(({ url }) => url === "/webhooks/messenger")
    .map(({ body }) => JSON.parse(body).entry[0].messaging[0]);
}

function isSigned({ headers, body }: Received, secret: string): boolean {
  return (
    headers["x-hub-signature-256"] === `sha256=${createHmac("sha256", secret).update(Buffer.from(body)).digest("hex")}`
  );
}

describe("a customer writes on WhatsApp", () => {
  it("posts the message, signed over the exact bytes with escaped unicode and slashes", async () => {
    const { body } = await writes("Olá 😀 ä/ö <a@b>");
    await vi.waitFor(() => expect(receiver.received).toHaveLength(1));
    const [webhook] = receiver.received as [Received];
    expect(webhook.url).toBe("/webhooks/whatsapp-cloud");
    expect(isSigned(webhook, NUMBER.appSecret)).toBe(true);
    expect(webhook.body).toContain("Ol\\u00e1 \\ud83d\\ude00 \\u00e4\\/\\u00f6 <a@b>");
    expect(values()[0]).toMatchObject({
      messaging_product: "whatsapp",
      metadata: { display_phone_number: "15550000001", phone_number_id: NUMBER.id },
      contacts: [
        { wa_id: "351910000001", user_id: expect.stringMatching(/^PT\.\d+$/), profile: { name: expect.any(String) } },
      ],
      messages: [
        { from: "351910000001", id: (body.ids as string[])[0], type: "text", text: { body: "Olá 😀 ä/ö <a@b>" } },
      ],
    });
  });

  it("leaves the number out for a customer with a user name", async () => {
    await writes("Hi", { username: "ana" });
    await vi.waitFor(() => expect(values()).toHaveLength(1));
    const [value] = values() as [{ contacts: object[]; messages: object[] }];
    expect(value.messages[0]).not.toHaveProperty("from");
    expect(value.messages[0]).toHaveProperty("from_user_id");
    expect(value.contacts[0]).not.toHaveProperty("wa_id");
  });

  it("takes raw elements and fills in what they leave out", async () => {
    const { body } = await writes("", {
      element: { type: "reaction", reaction: { message_id: "wamid.X", emoji: "👍" } },
    });
    await vi.waitFor(() => expect(values()).toHaveLength(1));
    expect(values()[0]?.messages).toEqual([
      expect.objectContaining({
        id: (body.ids as string[])[0],
        from: "351910000001",
        timestamp: expect.stringMatching(/^\d{10}$/),
        type: "reaction",
        reaction: { message_id: "wamid.X", emoji: "👍" },
      }),
    ]);
  });

  it("repeats a webhook until it is answered 200, the same bytes each time, and not without end", async () => {
    receiver.answerWith(() => ({ status: receiver.received.length < 3 ? 503 : 200 }));
    await writes();
    await vi.waitFor(() => expect(receiver.received).toHaveLength(3));
    expect(new Set(receiver.received.map(({ body }) => body)).size).toBe(1);

    receiver.answerWith(() => ({ status: 202 }));
    await writes("again");
    await vi.waitFor(async () => {
      const { body } = await ask("GET", `${simulator.url}/_simulator/webhooks?after=1`);
      expect(body.data).toEqual([expect.objectContaining({ attempts: [202, 202, 202, 202] })]);
    });
  });

  it("refuses a control request that is not understood, naming the field", async () => {
    expect(await control("messages", { phoneNumberId: "1", from: CUSTOMER, text: "x" })).toMatchObject({ status: 400 });
    expect((await control("messages", { phoneNumberId: NUMBER.id, text: "x" })).body.error).toContain("from");
    expect((await control("faults", { kind: "flood" })).body.error).toContain("kind");
  });
});

describe("a WhatsApp message is sent", () => {
  it("answers like Meta and reports sent, delivered and read with the callback data", async () => {
    await writes();
    const { status, body } = await sendText({ biz_opaque_callback_data: "ours-1" });
    expect(status).toBe(200);
    expect(body).toEqual({
      messaging_product: "whatsapp",
      contacts: [{ input: CUSTOMER, wa_id: "351910000001" }],
      messages: [{ id: expect.stringMatching(/^wamid\./) }],
    });
    await vi.waitFor(() => expect(statuses()).toHaveLength(3));
    const [{ id } = { id: "" }] = body.messages as { id: string }[];
    expect(statuses().map((one) => one.status)).toEqual(["sent", "delivered", "read"]);
    for (const one of statuses()) {
      expect(one).toMatchObject({ id, recipient_id: "351910000001", biz_opaque_callback_data: "ours-1" });
    }
    expect(statuses()[0]).toMatchObject({
      pricing: { billable: true, pricing_model: "PMP", type: "regular", category: "service" },
      conversation: { id: expect.any(String), origin: { type: "service" }, expiration_timestamp: expect.any(String) },
    });
    expect(statuses()[1]?.conversation).not.toHaveProperty("expiration_timestamp");
    expect(statuses()[2]).not.toHaveProperty("pricing");
    expect(receiver.received.every((one) => isSigned(one, NUMBER.appSecret))).toBe(true);
    expect(await phone(CUSTOMER)).toEqual([
      expect.objectContaining({
        id,
        text: "Bom dia",
        status: "read",
        statuses: ["accepted", "sent", "delivered", "read"].map((one) => expect.objectContaining({ status: one })),
      }),
    ]);
  });

  it("leaves the conversation out from v24.0 on", async () => {
    await writes();
    await sendText({}, "v24.0");
    await vi.waitFor(() => expect(statuses()).toHaveLength(3));
    expect(statuses()[0]).toHaveProperty("pricing");
    expect(statuses()[0]).not.toHaveProperty("conversation");
  });

  it("reaches a customer by user id", async () => {
    await writes("Hi", { from: "BR.4410000000000000001" });
    const { body } = await graph(`/v23.0/${NUMBER.id}/messages`, {
      ...text(),
      to: undefined,
      recipient: "BR.4410000000000000001",
    });
    expect(body.contacts).toEqual([{ input: "BR.4410000000000000001", user_id: "BR.4410000000000000001" }]);
    expect(await phone("BR.4410000000000000001")).toHaveLength(1);
  });

  it("takes a user id in the place of a number and fails it later", async () => {
    expect((await sendText({ to: "BR.4410000000000000001" })).status).toBe(200);
    await vi.waitFor(() => expect(statuses()).toHaveLength(1));
    expect(statuses()[0]).toMatchObject({ status: "failed", errors: [{ code: 131026 }] });
    expect(await phone("BR.4410000000000000001")).toEqual([]);
  });

  it("takes read receipts and typing for messages that the customer wrote", async () => {
    const { body } = await writes();
    const read = { messaging_product: "whatsapp", status: "read", message_id: (body.ids as string[])[0] };
    const path = `/v23.0/${NUMBER.id}/messages`;
    expect(await graph(path, read)).toEqual({ status: 200, body: { success: true } });
    expect((await graph(path, { ...read, typing_indicator: { type: "text" } })).body).toEqual({ success: true });
    expect((await graph(path, { ...read, message_id: "wamid.none" })).body.error?.code).toBe(131009);
  });

  it.each<[what: string, more: object, code: number, words: string]>([
    ["no messaging_product", { messaging_product: undefined }, 100, "messaging_product is required"],
    ["no recipient_type", { recipient_type: undefined }, 100, "recipient_type is required"],
    ["no to", { to: undefined }, 100, "to is required"],
    ["no text", { text: undefined }, 100, "text is required"],
    ["no body", { text: {} }, 131008, "Required parameter"],
    ["an unknown field", { idempotency_key: "1" }, 100, 'Unexpected key "idempotency_key"'],
    ["an unknown field of the text", { text: { body: "x", bold: true } }, 100, 'Unexpected key "bold" on param "text"'],
    ["4,097 characters", { text: { body: "x".repeat(4097) } }, 100, "text['body'] must be at most 4096 characters"],
    ["callback data of 513 characters", { biz_opaque_callback_data: "x".repeat(513) }, 100, "at most 512"],
    ["an unknown type", { type: "telegram" }, 131009, "not valid"],
    ["no number", { to: "Ana" }, 131009, "not valid"],
    [
      "an unknown template",
      { type: "template", text: undefined, template: { name: "spring_sale", language: { code: "pt_PT" } } },
      132001,
      "Template",
    ],
  ])("refuses %s", async (_what, more, code, words) => {
    await writes();
    const { status, body } = await sendText(more);
    expect(status).toBe(code === 132001 ? 404 : 400);
    expect(body.error?.code).toBe(code);
    expect(body.error?.message).toContain(words);
    expect(await phone(CUSTOMER)).toEqual([]);
  });

  it("takes exactly 4,096 characters, and a template outside the window", async () => {
    await writes();
    expect((await sendText({ text: { body: "x".repeat(4096) } })).status).toBe(200);
    const template = { name: "hello_world", language: { code: "en_US" } };
    expect((await sendText({ to: "+351910000099", type: "template", text: undefined, template })).status).toBe(200);
  });

  it("refuses a wrong token, an unknown number, an unknown path and what is no JSON", async () => {
    const path = `/v23.0/${NUMBER.id}/messages`;
    expect(await graph(path, text(), "wrong")).toMatchObject({ status: 401, body: { error: { code: 190 } } });
    expect(await graph("/v23.0/999/messages", text())).toMatchObject({
      status: 400,
      body: { error: { code: 100, error_subcode: 33 } },
    });
    expect(await graph(path, text(), PAGE.accessToken)).toMatchObject({
      body: { error: { code: 100, error_subcode: 33 } },
    });
    expect(await graph(`/v23.0/${NUMBER.id}/message`, text())).toMatchObject({
      status: 400,
      body: { error: { code: 2500 } },
    });
    expect(await graph(path, "{")).toMatchObject({ status: 400, body: { error: { code: 100 } } });
  });

  it("closes the window 24 hours after the customer wrote", async () => {
    await writes("old", { secondsAgo: 24 * 3600 + 1 });
    expect((await sendText()).body.error).toMatchObject({
      code: 131047,
      error_data: { details: expect.stringContaining("24 hours") },
    });
    await writes("new", { secondsAgo: 24 * 3600 - 60 });
    expect((await sendText()).status).toBe(200);
  });
});

describe("a person writes to the Page and is answered", () => {
  it("posts the message signed with the app secret of the Page", async () => {
    const { body } = await writesToPage("Grüße");
    await vi.waitFor(() => expect(messagings()).toHaveLength(1));
    expect(isSigned(receiver.received[0] as Received, PAGE.appSecret)).toBe(true);
    expect(messagings()[0]).toEqual({
      sender: { id: PERSON },
      recipient: { id: PAGE.id },
      timestamp: expect.any(Number),
      message: { mid: (body.ids as string[])[0], text: "Grüße" },
    });
  });

  it("echoes what is sent, then reports delivery and reading by watermark", async () => {
    await writesToPage();
    const { status, body } = await sendToPerson();
    expect(status).toBe(200);
    expect(body).toEqual({ recipient_id: PERSON, message_id: expect.stringMatching(/^m_/) });
    await vi.waitFor(() => expect(messagings()).toHaveLength(4));
    const [, echo, delivery, read] = messagings();
    expect(echo).toMatchObject({
      sender: { id: PAGE.id },
      recipient: { id: PERSON },
      message: { mid: body.message_id, is_echo: true, app_id: expect.any(Number), metadata: "ours-1", text: "Hello" },
    });
    expect(delivery).toEqual({
      sender: { id: PERSON },
      recipient: { id: PAGE.id },
      delivery: { mids: [body.message_id], watermark: echo?.timestamp },
    });
    expect(read?.read?.watermark).toBe(echo?.timestamp);
  });

  it("takes the token in the query, `me` for the Page, and typing", async () => {
    await writesToPage();
    const response = await fetch(`${simulator.url}/v23.0/me/messages?access_token=${PAGE.accessToken}`, {
      method: "POST",
      body: JSON.stringify({ recipient: { id: PERSON }, sender_action: "typing_on" }),
    });
    expect(await response.json()).toEqual({ recipient_id: PERSON });
  });

  it.each<[what: string, more: object, code: number, subcode: number | undefined, words: string]>([
    ["no recipient", { recipient: undefined }, 100, undefined, "recipient is required"],
    ["no message", { message: undefined }, 100, undefined, "message is required"],
    ["an empty message", { message: {} }, 100, undefined, "Empty"],
    ["2,001 characters", { message: { text: "x".repeat(2001) } }, 100, undefined, "less than or equal to 2000"],
    ["an unknown field", { message: { text: "x", body: "y" } }, 100, undefined, '"body"'],
    ["what is nobody's id", { recipient: { id: "+351910000001" } }, 100, 2018001, "No matching user"],
    ["a tag that is gone", { messaging_type: "MESSAGE_TAG", tag: "ACCOUNT_UPDATE" }, 100, undefined, "tag"],
  ])("refuses %s", async (_what, more, code, subcode, words) => {
    await writesToPage();
    const { status, body } = await sendToPerson(more);
    expect(status).toBe(400);
    expect(body.error).toMatchObject({ code, ...(subcode && { error_subcode: subcode }) });
    expect(body.error?.message).toContain(words);
    expect(await phone(PERSON)).toEqual([]);
  });

  it("closes the window after 24 hours, for a human agent after seven days", async () => {
    await writesToPage("old", { secondsAgo: 25 * 3600 });
    expect(await sendToPerson()).toMatchObject({ status: 403, body: { error: { code: 10, error_subcode: 2018278 } } });
    expect((await sendToPerson({ messaging_type: "MESSAGE_TAG", tag: "HUMAN_AGENT" })).status).toBe(200);
    await writesToPage("older", { secondsAgo: 8 * 24 * 3600 });
    expect((await sendToPerson({ messaging_type: "MESSAGE_TAG", tag: "HUMAN_AGENT" })).status).toBe(403);
  });
});

describe("told to misbehave", () => {
  beforeEach(async () => {
    await writes("first");
    await vi.waitFor(() => expect(values()).toHaveLength(1));
  });
  const texts = () =>
    values()
      .flatMap((value) => (value.messages as { text: { body: string } }[]) ?? [])
      .map((message) => message.text.body);
  const order = () => statuses().map((one) => one.status);

  it("posts a webhook twice, once", async () => {
    await fault("duplicate");
    await writes("twice");
    await writes("once");
    await vi.waitFor(() => expect(texts()).toEqual(["first", "twice", "twice", "once"]));
  });

  it("lets a later webhook overtake", async () => {
    await fault("reorder", { delayMs: 60_000 });
    await writes("one");
    await writes("two");
    await vi.waitFor(() => expect(texts()).toEqual(["first", "two", "one"]));
  });

  it("delays a webhook", async () => {
    await fault("delay", { delayMs: 500 });
    await writes("late");
    await writes("prompt");
    await vi.waitFor(() => expect(texts()).toEqual(["first", "prompt", "late"]));
  });

  it("drops a webhook, and only one that brings receipts when told so", async () => {
    await fault("drop_webhook", { about: "receipt" });
    await writes("kept");
    await sendText();
    await vi.waitFor(() => expect(order()).toEqual(["delivered", "read"]));
    expect(texts()).toEqual(["first", "kept"]);
  });

  it("refuses as throttled, then takes the same message", async () => {
    await fault("429", { code: 131056, status: 400, retryAfterSeconds: 7 });
    const response = await fetch(`${simulator.url}/v23.0/${NUMBER.id}/messages`, {
      method: "POST",
      headers: { authorization: `Bearer ${NUMBER.accessToken}` },
      body: JSON.stringify(text()),
    });
    expect(response.status).toBe(400);
    expect(response.headers.get("retry-after")).toBe("7");
    expect(await response.json()).toMatchObject({ error: { code: 131056 } });
    expect((await sendText()).status).toBe(200);
    expect(await phone(CUSTOMER)).toHaveLength(1);
  });

  it("breaks with 500, with and without having taken the message", async () => {
    await fault("500");
    expect(await sendText()).toMatchObject({ status: 500, body: { error: { code: 1 } } });
    expect(await phone(CUSTOMER)).toHaveLength(0);
    await fault("500", { accepted: true });
    expect((await sendText()).status).toBe(500);
    await vi.waitFor(() => expect(order()).toEqual(["sent", "delivered", "read"]));
    expect(await phone(CUSTOMER)).toHaveLength(1);
  });

  it("breaks the connection after taking the message", async () => {
    await fault("reset_after_accepting");
    await expect(sendText()).rejects.toThrow();
    await vi.waitFor(() => expect(order()).toEqual(["sent", "delivered", "read"]));
    expect(await phone(CUSTOMER)).toHaveLength(1);
  });

  it("never answers after taking the message", async () => {
    await fault("timeout_after_accepting");
    const patience = new AbortController();
    const sending = fetch(`${simulator.url}/v23.0/${NUMBER.id}/messages`, {
      method: "POST",
      headers: { authorization: `Bearer ${NUMBER.accessToken}` },
      body: JSON.stringify(text()),
      signal: patience.signal,
    });
    await vi.waitFor(() => expect(order()).toEqual(["sent", "delivered", "read"]));
    patience.abort();
    await expect(sending).rejects.toThrow();
    const { body } = await ask("GET", `${simulator.url}/_simulator/requests`);
    expect(body.data).toEqual([expect.objectContaining({ status: null })]);
  });

  it("sends all receipts before it answers", async () => {
    await fault("receipts_first");
    await sendText();
    expect(order()).toEqual(["sent", "delivered", "read"]);
  });

  it("sends receipts twice, or backwards", async () => {
    await fault("receipts_twice");
    await sendText();
    await vi.waitFor(() => expect(order()).toEqual(["sent", "sent", "delivered", "delivered", "read", "read"]));
    await fault("receipts_backwards");
    await sendText();
    await vi.waitFor(() => expect(order().slice(6)).toEqual(["read", "delivered", "sent"]));
  });

  it("fails a message after taking it", async () => {
    await fault("failed", { code: 131049 });
    expect((await sendText()).status).toBe(200);
    await vi.waitFor(() => expect(statuses()).toHaveLength(1));
    expect(statuses()[0]).toMatchObject({ status: "failed", errors: [{ code: 131049 }] });
    expect(await phone(CUSTOMER)).toEqual([]);
  });

  it("closes the window of one customer, on both channels", async () => {
    await writesToPage();
    await fault("expired_window", { customer: "351 910 000 001" });
    expect((await sendToPerson()).status).toBe(200);
    expect((await sendText()).body.error?.code).toBe(131047);
    await fault("expired_window");
    expect((await sendToPerson()).body.error?.code).toBe(10);
  });

  it("shows and forgets what was ordered", async () => {
    await fault("duplicate", { times: 2 });
    expect((await ask("GET", `${simulator.url}/_simulator/faults`)).body.pending).toEqual([
      expect.objectContaining({ kind: "duplicate", times: 2 }),
    ]);
    expect((await ask("DELETE", `${simulator.url}/_simulator/faults`)).body.pending).toEqual([]);
  });
});

describe("the control surface", () => {
  it("shows each API request as it came, without credentials", async () => {
    await writes();
    await sendText();
    await graph(`/v23.0/${NUMBER.id}/messages?access_token=secret`, { to: CUSTOMER }, "wrong");
    const answer = await ask("GET", `${simulator.url}/_simulator/requests`);
    expect(answer.body.data).toEqual([
      expect.objectContaining({ method: "POST", path: `/v23.0/${NUMBER.id}/messages`, body: text(), status: 200 }),
      expect.objectContaining({ query: {}, body: { to: CUSTOMER }, status: 401 }),
    ]);
    expect(JSON.stringify(answer.body)).not.toMatch(/secret|whatsapp-token|wrong/);
  });

  it("runs the handshake and says whether the challenge came back", async () => {
    receiver.answerWith(({ url }) => {
      const query = new URL(url, receiver.url).searchParams;
      const isKnown = query.get("hub.mode") === "subscribe" && query.get("hub.verify_token") === NUMBER.verifyToken;
      return isKnown ? { status: 200, body: query.get("hub.challenge") ?? "" } : { status: 403 };
    });
    expect((await control("handshake", { phoneNumberId: NUMBER.id })).body).toMatchObject({
      subscribed: true,
      status: 200,
    });
    expect((await control("handshake", { phoneNumberId: NUMBER.id, verifyToken: "no" })).body).toMatchObject({
      subscribed: false,
      status: 403,
    });
    expect((await control("handshake", { pageId: PAGE.id })).body).toMatchObject({ subscribed: false });
    expect(receiver.received.map(({ method, url }) => `${method} ${url.split("?")[0]}`)).toEqual([
      "GET /webhooks/whatsapp-cloud",
      "GET /webhooks/whatsapp-cloud",
      "GET /webhooks/messenger",
    ]);
  });

  it("sends a given webhook with a signature of any kind and tells the answer", async () => {
    receiver.answerWith((request) => ({ status: isSigned(request, PAGE.appSecret) ? 200 : 401 }));
    const webhook = { path: "/webhooks/messenger", body: { object: "page", entry: [{ id: "ä" }] } };
    expect((await control("webhooks", webhook)).body).toMatchObject({ status: 200 });
    expect(receiver.received[0]?.body).toBe('{"object":"page","entry":[{"id":"\\u00e4"}]}');
    for (const signature of ["wrong", "missing", "truncated"]) {
      expect((await control("webhooks", { ...webhook, signature })).body).toMatchObject({ status: 401 });
    }
    await control("webhooks", { path: "/webhooks/messenger", body: "not json ä" });
    expect(receiver.received.at(-1)?.body).toBe("not json ä");
  });
});
