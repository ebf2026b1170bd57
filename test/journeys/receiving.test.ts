/** What providers post, from the wire to the API. */
import { randomUUID } from "node:crypto";
import { GetObjectCommand } from "@aws-sdk/client-s3";
import { afterAll, describe, expect, it } from "vitest";
import {
  type Answer,
  call,
  hubSignature,
  messengerText,
  messengerWebhook,
  PAGE_ID,
  PUBLIC_URL,
  postMeta,
  SOON,
  secondsNow,
  smsText,
  startStack,
  twilioSignature,
  whatsAppText,
  whatsAppWebhook,
} from "./stack.ts";

const stack = await startStack();
afterAll(() => stack.stop());

const sid = () => `SM${randomUUID().replaceAll("-", "")}`;

const channels = [
  {
    channel: "whatsapp",
    customer: "15551000001",
    id: "wamid.first",
    deliver: (text: string) =>
      stack.whatsapp(whatsAppWebhook({ messages: [whatsAppText("15551000001", "wamid.first", text)] })),
  },
  {
    channel: "messenger",
    customer: "7100000000000001",
    id: "m_first",
    deliver: (text: string) => stack.messenger(messengerWebhook([messengerText("7100000000000001", "m_first", text)])),
  },
  {
    channel: "sms",
    customer: "+15551000002",
    id: "SM00000000000000000000000000000f12",
    deliver: (text: string) => stack.sms(smsText("+15551000002", "SM00000000000000000000000000000f12", text)),
  },
];

/** What the doors have put onto queues since. */
function queuedSince(mark: number) {
  return stack.calls
    .slice(mark)
    .filter(
      ({ principal, action }) => principal.startsWith("recado-local-receive-webhook") && action === "sqs:SendMessage",
    );
}

describe("a webhook that its provider has signed", () => {
  it.each(channels)("becomes a message of a conversation: $channel", async ({ channel, customer, id, deliver }) => {
    const text = "Olá! Ainda há mesas? 🦆";
    expect(await deliver(text)).toMatchObject({ status: 200 });
    const conversation = await stack.conversationWith(customer);
    expect(await stack.conversations()).toContainEqual(
      expect.objectContaining({ id: conversation, channel, account: channel, address: customer, status: "open" }),
    );
    expect(await stack.messages(conversation)).toMatchObject([
      { direction: "inbound", author: { type: "contact" }, content: { type: "text", text }, providerMessageId: id },
    ]);
    expect(await stack.events(conversation)).toMatchObject([
      {
        type: "message.received",
        subject: conversation,
        source: `/recado/${channel}`,
        sequence: "000000000001",
        data: { conversation, channel, message: { content: { text }, providerMessageId: id } },
      },
    ]);
  });

  it.each(channels)(
    "twenty times at once is one message and one event: $channel",
    async ({ customer, id, deliver }) => {
      const answers = await Promise.all(Array.from({ length: 20 }, () => deliver("Olá! Ainda há mesas? 🦆")));
      expect(answers.map(({ status }) => status)).toEqual(answers.map(() => 200));
      const conversation = await stack.conversationWith(customer);
      await stack.settled();
      expect(await stack.messages(conversation)).toMatchObject([{ providerMessageId: id }]);
      expect(await stack.events(conversation)).toHaveLength(1);
    },
  );
});

describe("the handshake", () => {
  const subscribe = (connector: string, token: string) => {
    const query = new URLSearchParams({
      "hub.mode": "subscribe",
      "hub.verify_token": token,
      "hub.challenge": "112358",
    });
    return call(`${stack.url}/webhooks/${connector}?${query}`);
  };

  it.each([
    { connector: "whatsapp-cloud", account: "whatsapp" },
    { connector: "messenger", account: "messenger" },
  ])("answers the challenge for the right token alone: $connector", async ({ connector, account }) => {
    expect(await subscribe(connector, `local-${account}-verifyToken`)).toMatchObject({ status: 200, text: "112358" });
    const mark = stack.lines.length;
    expect(await subscribe(connector, `local-${account}-verifyTokenOfLastYear`)).toMatchObject({
      status: 403,
      text: "",
    });
    await expect
      .poll(() => stack.lines.slice(mark).filter((line) => line.includes("handshake_refused")), SOON)
      .toEqual([expect.stringContaining("verify token is not the one that is set")]);
  });
});

describe("a batch", () => {
  it("of WhatsApp is kept to the last element, whatever each one is", async () => {
    const [one, other] = ["15551000011", "15551000012"];
    const strange = (from: string, id: string, type: string) => ({
      from,
      id,
      timestamp: secondsNow(),
      type,
      [type]: { of: id },
    });
    const riddle = strange(other, "wamid.batch.3", "riddle");
    const seance = strange(one, "wamid.batch.4", "seance");
    const receipt = { id: "wamid.of.somebody.else", status: "delivered", timestamp: secondsNow(), recipient_id: one };
    const pondered = { id: "wamid.strange", status: "pondered", timestamp: secondsNow(), recipient_id: one };
    const [first, second] = [whatsAppText(one, "wamid.batch.1", "Um"), whatsAppText(one, "wamid.batch.2", "Dois")];
    const webhook = whatsAppWebhook({ messages: [first, second, riddle, seance], statuses: [receipt, pondered] });
    expect(await stack.whatsapp(webhook)).toMatchObject({ status: 200 });

    const conversation = await stack.conversationWith(one);
    const beside = await stack.conversationWith(other);
    await stack.settled();
    expect(await stack.messages(conversation)).toMatchObject([
      { content: { type: "text", text: "Um" } },
      { content: { type: "text", text: "Dois" } },
      { content: { type: "unsupported", reason: "seance", raw: seance } },
    ]);
    expect(await stack.messages(beside)).toMatchObject([
      { content: { type: "unsupported", reason: "riddle", raw: riddle } },
    ]);
    expect(await stack.events(conversation)).toContainEqual(
      expect.objectContaining({
        type: "message.delivered",
        data: expect.objectContaining({ message: { providerMessageId: "wamid.of.somebody.else" } }),
      }),
    );
    expect(await stack.accountEvents("whatsapp")).toContainEqual(
      expect.objectContaining({ type: "account.alert", data: expect.objectContaining({ raw: pondered }) }),
    );
  });

  it("of Messenger is kept to the last element, whatever each one is", async () => {
    const [one, other] = ["7100000000000011", "7100000000000012"];
    const from = (id: string) => ({ sender: { id }, recipient: { id: PAGE_ID }, timestamp: Date.now() });
    const attachments = [{ type: "hologram", payload: { of: "a duck" } }];
    const hologram = { ...from(other), message: { mid: "m_batch_3", attachments } };
    const wave = { ...from(one), wave: { with: "both hands" } };
    const delivery = { ...from(one), delivery: { mids: ["m_of_somebody_else"], watermark: 1 } };
    const news = { ...from(one), policy_enforcement: { action: "warning", reason: "none" } };
    const webhook = messengerWebhook([
      messengerText(one, "m_batch_1", "Um"),
      messengerText(one, "m_batch_2", "Dois"),
      hologram,
      wave,
      delivery,
      news,
    ]);
    expect(await stack.messenger(webhook)).toMatchObject({ status: 200 });

    const conversation = await stack.conversationWith(one);
    const beside = await stack.conversationWith(other);
    await stack.settled();
    expect(await stack.messages(conversation)).toMatchObject([
      { content: { type: "text", text: "Um" } },
      { content: { type: "text", text: "Dois" } },
      { content: { type: "unsupported", reason: "wave", raw: wave } },
    ]);
    const [seen] = await stack.messages(beside);
    expect(seen).toMatchObject({ providerMessageId: "m_batch_3", content: { type: "unsupported" } });
    expect(JSON.stringify(seen)).toContain("a duck");
    expect(await stack.events(conversation)).toContainEqual(
      expect.objectContaining({
        type: "message.delivered",
        data: expect.objectContaining({ message: { providerMessageId: "m_of_somebody_else" } }),
      }),
    );
    expect(await stack.accountEvents("messenger")).toContainEqual(
      expect.objectContaining({ type: "account.alert", data: expect.objectContaining({ raw: news }) }),
    );
  });

  it("of hundreds of updates is kept, every one and in order", async () => {
    // A thousand, the most that Meta sends at once, in the long runs.
    const customers = Array.from(
      { length: process.env.RECADO_TEST_RUNS ? 40 : 6 },
      (_, index) => `1555200${String(index).padStart(4, "0")}`,
    );
    const ids = (customer: string) => Array.from({ length: 25 }, (_, index) => `wamid.thousand.${customer}.${index}`);
    // In turns, so that the order within a conversation is not the order of the webhook alone.
    const messages = Array.from({ length: 25 }, (_, turn) =>
      customers.map((customer) => whatsAppText(customer, ids(customer)[turn] ?? "", `n.º ${turn}`)),
    );
    expect(await stack.whatsapp(whatsAppWebhook({ messages: messages.flat() }))).toMatchObject({ status: 200 });
    await stack.settled();

    const conversations = (await stack.conversations()).filter(({ address }) => customers.includes(address));
    const kept = await Promise.all(
      conversations.map(async ({ id, address }) => {
        const said = await stack.messages(id);
        return [address, said.map(({ providerMessageId }) => providerMessageId)] as const;
      }),
    );
    expect(Object.fromEntries(kept)).toEqual(
      Object.fromEntries(customers.map((customer) => [customer, ids(customer)])),
    );
  });
});

describe("a webhook with a signature that is not right", () => {
  const payload = JSON.stringify(whatsAppWebhook({ messages: [whatsAppText("15551000021", "wamid.forged", "Olá")] }));
  const right = hubSignature("local-whatsapp-appSecret", payload);
  const meta = (signature: string | undefined, body = payload) =>
    call(`${stack.url}/webhooks/whatsapp-cloud`, {
      method: "POST",
      headers: { "content-type": "application/json", ...(signature && { "x-hub-signature-256": signature }) },
      body,
    });
  const params = smsText("+15551000021", sid(), "Olá");
  const path = "/webhooks/sms-twilio";
  const twilio = (signature: string | undefined, sent = params) =>
    call(stack.url + path, {
      method: "POST",
      headers: signature ? { "x-twilio-signature": signature } : {},
      body: new URLSearchParams(sent),
    });

  const forgeries: { what: string; post: () => Promise<Answer>; hint: string }[] = [
    {
      what: "Meta, another secret",
      post: () => meta(hubSignature("guessed", payload)),
      hint: "signed with another key",
    },
    {
      what: "Meta, the verify token for a secret",
      post: () => meta(hubSignature("local-whatsapp-verifyToken", payload)),
      hint: "signed with another secret of this account",
    },
    { what: "Meta, no signature", post: () => meta(undefined), hint: "X-Hub-Signature-256 is missing" },
    { what: "Meta, cut short", post: () => meta(right.slice(0, -1)), hint: "64 hexadecimal digits" },
    {
      what: "Meta, one byte changed",
      post: () => meta(right, payload.replace("Olá", "Ola")),
      hint: "the body was changed",
    },
    {
      what: "Meta, signed for the other account",
      post: () => meta(hubSignature("local-messenger-appSecret", payload)),
      hint: "signed with another key",
    },
    {
      what: "Twilio, another token",
      post: () => twilio(twilioSignature("guessed", PUBLIC_URL + path, params)),
      hint: "signed with another token",
    },
    { what: "Twilio, no signature", post: () => twilio(undefined), hint: "X-Twilio-Signature is missing" },
    {
      what: "Twilio, cut short",
      post: () => twilio(twilioSignature("local-sms-authToken", PUBLIC_URL + path, params).slice(0, -4)),
      hint: "not a base64 SHA-1",
    },
    {
      what: "Twilio, one parameter changed",
      post: () => twilio(twilioSignature("local-sms-authToken", PUBLIC_URL + path, params), { ...params, Body: "Ola" }),
      hint: "signed with another token",
    },
    {
      what: "Twilio, signed for the address that it reached",
      post: () => twilio(twilioSignature("local-sms-authToken", stack.url + path, params)),
      hint: "for another URL",
    },
  ];

  it.each(forgeries)("is turned away without a word, and the log says why: $what", async ({ post, hint }) => {
    const [mark, line] = [stack.calls.length, stack.lines.length];
    expect(await post()).toMatchObject({ status: 401, text: "" });
    expect(queuedSince(mark)).toEqual([]);
    await expect
      .poll(() => stack.lines.slice(line).filter((one) => one.includes("webhook_refused")), SOON)
      .toEqual([expect.stringContaining(hint)]);
  });

  it("leaves nothing behind", async () => {
    await stack.settled();
    const addresses = (await stack.conversations()).map(({ address }) => address);
    expect(addresses).not.toContain("15551000021");
    expect(addresses).not.toContain("+15551000021");
  });
});

describe("an authentic webhook that makes no sense", () => {
  const depth = 50_000;
  const unreadable = {
    "half of an object": '{"object":"whatsapp_business_account","entry":[{',
    "no JSON at all": "olá",
    nothing: "",
    null: "null",
    "a list": "[1,2,3]",
    "a deep list": "[".repeat(depth) + "]".repeat(depth),
    "a list that never ends": "[".repeat(depth),
    "a prototype": '{"__proto__":{"object":"whatsapp_business_account","entry":[]}}',
    "wrong types": '{"object":42,"entry":"whatsapp"}',
    "bytes that are no UTF-8": Buffer.from([0xff, 0xfe, 0x00, 0x7b]),
  };

  it.each(Object.entries(unreadable))("is kept and told once, however often it comes: %s", async (_, body) => {
    const before = (await stack.accountEvents("whatsapp")).length;
    const post = () =>
      call(`${stack.url}/webhooks/whatsapp-cloud`, {
        method: "POST",
        headers: { "x-hub-signature-256": hubSignature("local-whatsapp-appSecret", Buffer.from(body)) },
        body: Buffer.from(body),
      });
    for (let time = 0; time < 3; time++) expect(await post()).toMatchObject({ status: 200 });
    await stack.settled();
    const alerts = (await stack.accountEvents("whatsapp")).slice(before);
    expect(alerts).toMatchObject([
      { type: "account.alert", data: { code: "webhook_unreadable", account: "whatsapp" } },
    ]);
    const object = await stack.s3.send(
      new GetObjectCommand({ Bucket: stack.bucket, Key: String(alerts[0]?.data.reference) }),
    );
    expect(Buffer.from((await object.Body?.transformToByteArray()) ?? [])).toEqual(Buffer.from(body));

    const unsigned = await call(`${stack.url}/webhooks/whatsapp-cloud`, { method: "POST", body: Buffer.from(body) });
    expect(unsigned).toMatchObject({ status: 401, text: "" });
  });

  it("of the other channels is kept and told once, too", async () => {
    const form = { Nonsense: "from end to end" };
    for (let time = 0; time < 3; time++) {
      expect(await stack.messenger('{"object":"page","entry":{"0":1}}')).toMatchObject({ status: 200 });
      expect(await stack.sms(form)).toMatchObject({ status: 200 });
    }
    await stack.settled();
    for (const account of ["messenger", "sms"]) {
      const alerts = await stack.accountEvents(account);
      expect(alerts.filter(({ data }) => data.code === "webhook_unreadable")).toHaveLength(1);
    }
  });

  it("costs no element that does make sense", async () => {
    const element = `{"from":"15551000031","id":"wamid.deep","timestamp":"${secondsNow()}","type":"deep","deep":`;
    const text = JSON.stringify(whatsAppText("15551000031", "wamid.beside", "Ainda aqui"));
    const odd = '{"id":{"$gt":""},"from":["15551000031"],"__proto__":{"from":"15551000031"}}';
    const metadata = `{"display_phone_number":"15550000001","phone_number_id":"100000000000001"}`;
    const body = `{"object":"whatsapp_business_account","entry":[7,{"id":"9","changes":[{"field":"messages","value":
      {"metadata":${metadata},"messages":[${element}${'{"a":'.repeat(depth)}1${"}".repeat(depth)}},${odd},null,${text}]}}]}]}`;
    expect(await postMeta(stack.url, "whatsapp-cloud", body)).toMatchObject({ status: 200 });
    const conversation = await stack.conversationWith("15551000031");
    await stack.settled();
    expect(await stack.messages(conversation)).toMatchObject([
      { providerMessageId: "wamid.deep", content: { type: "unsupported", reason: "deep" } },
      { providerMessageId: "wamid.beside", content: { type: "text", text: "Ainda aqui" } },
    ]);
    const codes = (await stack.accountEvents("whatsapp")).map(({ data }) => data.code);
    expect(codes.filter((code) => code === "unreadable_message")).toHaveLength(2);
    expect(codes.filter((code) => code === "unreadable_entry")).toHaveLength(1);
  });

  it("is turned away when it is larger than three megabytes", async () => {
    const mark = stack.calls.length;
    const body = JSON.stringify({ object: "whatsapp_business_account", entry: ["x".repeat(3 * 1024 * 1024)] });
    expect(await postMeta(stack.url, "whatsapp-cloud", body)).toMatchObject({ status: 413 });
    const unsigned = await call(`${stack.url}/webhooks/whatsapp-cloud`, { method: "POST", body });
    expect(unsigned.status).toBe(413);
    expect(queuedSince(mark)).toEqual([]);
  });

  it("for an account that nobody configured is kept and told once", async () => {
    const value = { messages: [whatsAppText("15551000032", "wamid.elsewhere", "Olá")] };
    const text = JSON.stringify(whatsAppWebhook(value)).replace("100000000000001", "100000000000099");
    for (let time = 0; time < 3; time++) expect(await stack.whatsapp(text)).toMatchObject({ status: 200 });
    await stack.settled();
    const alerts = (await stack.accountEvents("whatsapp")).filter(({ data }) => data.code === "account_unknown");
    expect(alerts).toHaveLength(1);
  });
});

describe("what the API is sent", () => {
  it.each([
    ["half of an object", '{"content":{', 400, "bad_json"],
    ["no JSON", "olá", 400, "bad_json"],
    ["nothing", "", 400, "bad_json"],
    ["a deep list", "[".repeat(50_000) + "]".repeat(50_000), 400, "bad_json"],
    ["a prototype", '{"__proto__":{"admin":true},"content":{"type":"text","text":"x"}}', 400, "bad_json"],
    ["null", "null", 422, "invalid_body"],
    ["wrong types", '{"content":{"type":"text","text":7}}', 422, "invalid_body"],
    ["an unknown field", '{"content":{"type":"text","text":"x"},"urgent":true}', 422, "invalid_body"],
    ["half a character", '{"content":{"type":"text","text":"\\ud83d"}}', 422, "invalid_body"],
    ["a text too long", JSON.stringify({ content: { type: "text", text: "x".repeat(1_000_000) } }), 422, "too_long"],
    ["too much", JSON.stringify({ content: { type: "text", text: "x".repeat(3_200_000) } }), 413, "too_large"],
  ])("is refused with a reason: %s", async (_, body, status, code) => {
    const conversation = await stack.conversationWith("15551000001");
    const before = await stack.events(conversation);
    const answer = await stack.post(`/v1/conversations/${conversation}/messages`, body);
    expect(answer).toMatchObject({ status, json: { status, code, detail: expect.stringMatching(/\w/) } });
    await stack.settled();
    expect(await stack.events(conversation)).toEqual(before);
  });

  it("and asked for is refused with a reason", async () => {
    const conversation = await stack.conversationWith("15551000001");
    const asked = {
      "/v1/conversations?limit=0": 400,
      "/v1/conversations?limit=50&limit=60": 400,
      "/v1/conversations?cursor=%00": 400,
      [`/v1/conversations/${conversation}/events?after=-1`]: 400,
      "/v1/conversations/conv_..%2f..%2f": 404,
      "/v1/accounts/__proto__/events": 404,
      "/v1/contacts/con_%F0%9F%A6%86": 404,
    };
    const answers = await Promise.all(Object.keys(asked).map((path) => stack.get(path)));
    expect(answers.map(({ status }) => status)).toEqual(Object.values(asked));
    expect(await call(`${stack.url}/v1/conversations`)).toMatchObject({ status: 401, json: { code: "unauthorized" } });
  });
});
