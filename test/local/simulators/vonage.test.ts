import { createHash, createHmac, generateKeyPairSync, sign } from "node:crypto";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import type { Server } from "../../../local/simulators/http.ts";
import { startVonageSimulator } from "../../../local/simulators/vonage/index.ts";
import { ask, type Received, type Receiver, startReceiver } from "./receiver.ts";

const PUBLIC = "https://recado.example";
const CUSTOMER = "+351910000001";
const { privateKey, publicKey } = generateKeyPairSync("rsa", { modulusLength: 2048 });
const ACCOUNT = {
  apiKey: "abcd1234",
  apiSecret: "api-secret",
  signatureSecret: "signature-secret",
  numbers: ["+15550000003"],
  application: { id: "app-1", key: publicKey.export({ type: "spki", format: "pem" }).toString() },
};
const BASIC = `Basic ${Buffer.from("abcd1234:api-secret").toString("base64")}`;

let receiver: Receiver;
let simulator: Server;

beforeEach(async () => {
  receiver = await startReceiver();
  simulator = await startVonageSimulator({
    webhookUrl: `${PUBLIC}/webhooks/sms-vonage`,
    deliverTo: `${receiver.url}/webhooks/sms-vonage`,
    accounts: [ACCOUNT],
    receiptsAfterMs: [1, 20],
    retryAfterMs: [0, 5],
  });
});
afterEach(async () => {
  await simulator.close();
  await receiver.close();
});

const control = (name: string, body: unknown) => ask("POST", `${simulator.url}/_simulator/${name}`, body);
const writes = (text: string, more: object = {}) =>
  control("messages", { to: "+15550000003", from: CUSTOMER, text, ...more });
const TEXT = {
  channel: "sms",
  message_type: "text",
  to: "351910000001",
  from: "15550000003",
  text: "Bom dia",
  client_ref: "ours",
  webhook_url: `${PUBLIC}/webhooks/sms-vonage`,
};

async function send(changes: object = {}, authorization = BASIC) {
  const response = await fetch(`${simulator.url}/v1/messages`, {
    method: "POST",
    headers: { authorization, "content-type": "application/json" },
    body: JSON.stringify({ ...TEXT, ...changes }),
  });
  return { status: response.status, body: (await response.json()) as Record<string, unknown> };
}

const told = () => receiver.received.map(({ body }) => JSON.parse(body) as Record<string, unknown>);

function isSigned({ headers, body }: Received): boolean {
  const [, head = "", claims = "", signature] = /^Bearer (.+)\.(.+)\.(.+)$/.exec(headers.authorization ?? "") ?? [];
  const { payload_hash: hash, api_key: key } = JSON.parse(Buffer.from(claims, "base64url").toString("utf8"));
  const own = createHmac("sha256", ACCOUNT.signatureSecret).update(`${head}.${claims}`).digest("base64url");
  return own === signature && hash === createHash("sha256").update(body).digest("hex") && key === ACCOUNT.apiKey;
}

describe("a customer writes by Vonage", () => {
  it("posts a signed message, numbers without a plus sign", async () => {
    const { body } = await writes("Olá 😀");
    await vi.waitFor(() => expect(receiver.received).toHaveLength(1));
    const [webhook] = receiver.received as [Received];
    expect(isSigned(webhook)).toBe(true);
    expect(told()[0]).toMatchObject({
      message_uuid: (body.ids as string[])[0],
      to: "15550000003",
      from: "351910000001",
      channel: "sms",
      message_type: "text",
      text: "Olá 😀",
    });
  });

  it("carries files, and whatever is put into the webhook", async () => {
    await writes("Este?", { kind: "image", element: { context_status: "unavailable" } });
    await vi.waitFor(() => expect(receiver.received).toHaveLength(1));
    expect(told()[0]).toMatchObject({
      channel: "mms",
      image: { url: expect.stringContaining("https://"), caption: "Este?" },
      context_status: "unavailable",
    });
  });

  it("repeats what was not answered with success, as often as it is told to", async () => {
    receiver.answerWith(() => ({ status: 503 }));
    await writes("again");
    await vi.waitFor(() => expect(receiver.received).toHaveLength(3));
  });

  it("refuses a message to nobody, and one without words", async () => {
    expect((await writes("x", { to: "+15559999999" })).body.error).toContain("+15559999999");
    expect((await writes("")).status).toBe(400);
  });
});

describe("a message is sent by Vonage", () => {
  it("answers 202 with an id and tells each later status with our reference", async () => {
    const { status, body } = await send();
    expect({ status, body }).toEqual({ status: 202, body: { message_uuid: expect.stringMatching(/^[0-9a-f-]{36}$/) } });
    await vi.waitFor(() => expect(told().map((one) => one.status)).toEqual(["submitted", "delivered"]));
    expect(receiver.received.every(isSigned)).toBe(true);
    expect(told()[1]).toMatchObject({
      message_uuid: body.message_uuid,
      client_ref: "ours",
      to: TEXT.to,
      from: TEXT.from,
    });
    const { body: phone } = await ask("GET", `${simulator.url}/_simulator/messages?customer=${CUSTOMER.slice(1)}`);
    expect(phone.data).toEqual([expect.objectContaining({ text: "Bom dia", status: "delivered" })]);
  });

  it("takes files as MMS", async () => {
    const image = { url: "https://files.example.test/1.jpg", caption: "Este" };
    expect((await send({ channel: "mms", message_type: "image", text: undefined, image })).status).toBe(202);
  });

  it("takes a token of the application, and none that is too old or of somebody else", async () => {
    const now = Math.floor(Date.now() / 1000);
    const token = (claims: object) => {
      const signed = [{ alg: "RS256" }, { application_id: "app-1", jti: "1", iat: now, exp: now + 60, ...claims }]
        .map((part) => Buffer.from(JSON.stringify(part)).toString("base64url"))
        .join(".");
      return `Bearer ${signed}.${sign("sha256", Buffer.from(signed), privateKey).toString("base64url")}`;
    };
    expect((await send({}, token({}))).status).toBe(202);
    for (const wrong of [
      token({ exp: now - 1 }),
      token({ application_id: "app-2" }),
      `${token({})}x`,
      "Basic YTpi",
      "",
    ]) {
      expect(await send({}, wrong)).toMatchObject({
        status: 401,
        body: { type: expect.stringMatching(/#unauthorized$/) },
      });
    }
  });

  it.each<[what: string, changes: object, code: number]>([
    ["no channel", { channel: undefined }, 1010],
    ["another channel", { channel: "fax" }, 1020],
    ["a number with a plus sign", { to: CUSTOMER }, 1170],
    ["somebody else's number", { from: "15559999999" }, 1120],
    ["no text", { text: "" }, 1010],
    ["1,001 characters", { text: "x".repeat(1001) }, 1020],
    ["a picture as SMS", { message_type: "image" }, 1440],
    ["a sticker as MMS", { channel: "mms", message_type: "sticker" }, 1440],
    ["a file without an address", { channel: "mms", message_type: "file", file: {} }, 1020],
    ["a long reference", { client_ref: "x".repeat(101) }, 1450],
  ])("refuses %s", async (_, changes, code) => {
    expect(await send(changes)).toEqual({
      status: 422,
      body: {
        type: `https://developer.vonage.com/api-errors/messages#${code}`,
        title: expect.any(String),
        detail: expect.any(String),
        instance: expect.any(String),
      },
    });
    expect(receiver.received).toEqual([]);
  });

  it("misbehaves when it is told to", async () => {
    await control("faults", { kind: "429" });
    expect(await send()).toMatchObject({ status: 429, body: { type: expect.stringMatching(/#1000$/) } });
    await control("faults", { kind: "500" });
    expect((await send()).status).toBe(500);
    await control("faults", { kind: "failed", code: 1240 });
    await send();
    await vi.waitFor(() =>
      expect(told().at(-1)).toMatchObject({ status: "rejected", error: { title: "Illegal Number" } }),
    );
    expect((await control("faults", { kind: "expired_window" })).status).toBe(400);
  });
});

it("posts a given webhook with a signature of any kind and tells the answer", async () => {
  receiver.answerWith((request) => ({ status: request.headers.authorization && isSigned(request) ? 200 : 401 }));
  const webhook = { path: "/webhooks/sms-vonage", body: { text: "ä" } };
  expect((await control("webhooks", webhook)).body).toMatchObject({ status: 200 });
  for (const signature of ["wrong", "missing", "truncated"]) {
    expect((await control("webhooks", { ...webhook, signature })).body).toMatchObject({ status: 401 });
  }
});
