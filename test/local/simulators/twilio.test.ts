import { createHmac } from "node:crypto";
import twilio from "twilio";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import type { Server } from "../../../local/simulators/http.ts";
import { startTwilioSimulator } from "../../../local/simulators/twilio/index.ts";
import { ask, type Received, type Receiver, startReceiver } from "./receiver.ts";

const PUBLIC = "https://recado.example";
const NUMBER = "+15550000002";
const CUSTOMER = "+351910000001";
const ACCOUNT = {
  accountSid: "AC00000000000000000000000000000001",
  authToken: "auth-token",
  apiKey: "SK00000000000000000000000000000001",
  apiSecret: "api-secret",
  numbers: [NUMBER],
};
const SERVICE = `MG${"1".repeat(32)}`;
const POOLED = "+15550000009";
const OTHER = { ...ACCOUNT, accountSid: "AC2", authToken: "other", apiKey: "SK2", apiSecret: "other", numbers: [] };

let receiver: Receiver;
let simulator: Server;

beforeEach(async () => {
  receiver = await startReceiver();
  simulator = await startTwilioSimulator({
    webhookUrl: `${PUBLIC}/webhooks/sms-twilio`,
    deliverTo: `${receiver.url}/webhooks/sms-twilio`,
    accounts: [{ ...ACCOUNT, services: [{ sid: SERVICE, numbers: [POOLED] }] }, OTHER],
    receiptsAfterMs: [1, 20, 40],
  });
});

afterEach(async () => {
  await simulator.close();
  await receiver.close();
});

const control = (name: string, body: unknown) => ask("POST", `${simulator.url}/_simulator/${name}`, body);
const writes = (text: string, more: object = {}) => control("messages", { to: NUMBER, from: CUSTOMER, text, ...more });
const fault = (kind: string, more: object = {}) => control("faults", { kind, ...more });
const phone = async () =>
  (await ask("GET", `${simulator.url}/_simulator/messages?customer=${CUSTOMER}`)).body.data as {
    text: string;
    status: string;
  }[];

async function send(
  form: Record<string, string | undefined> = {},
  { user = ACCOUNT.apiKey, secret = ACCOUNT.apiSecret, account = ACCOUNT.accountSid } = {},
): Promise<{ status: number; body: Record<string, unknown> }> {
  const all = {
    To: CUSTOMER,
    From: NUMBER,
    Body: "Bom dia",
    StatusCallback: `${PUBLIC}/webhooks/sms-twilio/status/ours-1`,
    ...form,
  };
  const given = Object.entries(all).filter((entry): entry is [string, string] => entry[1] !== undefined);
  const response = await fetch(`${simulator.url}/2010-04-01/Accounts/${account}/Messages.json`, {
    method: "POST",
    headers: { authorization: `Basic ${Buffer.from(`${user}:${secret}`).toString("base64")}` },
    body: new URLSearchParams(given),
  });
  return { status: response.status, body: (await response.json()) as Record<string, unknown> };
}

const paramsOf = ({ body }: Received) => Object.fromEntries(new URLSearchParams(body));
const callbacks = () => receiver.received.filter(({ url }) => url.includes("/status/")).map(paramsOf);
const statuses = () => callbacks().map((params) => params.MessageStatus);

/** By Twilio's own library, and by a second hand. */
function isSigned(request: Received, url = `${PUBLIC}${request.url}`): boolean {
  const params = paramsOf(request);
  const signature = request.headers["x-twilio-signature"] ?? "";
  const signed = Object.entries(params)
    .sort(([one], [other]) => (one < other ? -1 : 1))
    .flat()
    .join("");
  const ours = createHmac("sha1", ACCOUNT.authToken)
    .update(url + signed)
    .digest("base64");
  return twilio.validateRequest(ACCOUNT.authToken, signature, url, params) && signature === ours;
}

describe("a customer writes an SMS", () => {
  it("posts all of Twilio's parameters, signed over the public URL", async () => {
    const { body } = await writes(" Olá & até já 😀 ");
    await vi.waitFor(() => expect(receiver.received).toHaveLength(1));
    const [webhook] = receiver.received as [Received];
    expect(webhook.url).toBe("/webhooks/sms-twilio");
    expect(isSigned(webhook)).toBe(true);
    const [sid = ""] = body.ids as string[];
    expect(sid).toMatch(/^SM[0-9a-f]{32}$/);
    expect(paramsOf(webhook)).toEqual({
      ApiVersion: "2010-04-01",
      MessageSid: sid,
      SmsSid: sid,
      SmsMessageSid: sid,
      AccountSid: ACCOUNT.accountSid,
      From: CUSTOMER,
      To: NUMBER,
      Body: " Olá & até já 😀 ",
      NumMedia: "0",
      NumSegments: "1",
      SmsStatus: "received",
      FromCity: "",
      FromState: "",
      FromZip: "",
      FromCountry: "",
      ToCity: "",
      ToState: "",
      ToZip: "",
      ToCountry: "US",
    });
  });

  it("carries media and given parameters", async () => {
    await writes("", { kind: "image", element: { AddOns: "{}" } });
    await vi.waitFor(() => expect(receiver.received).toHaveLength(1));
    const [webhook] = receiver.received as [Received];
    expect(isSigned(webhook)).toBe(true);
    expect(paramsOf(webhook)).toMatchObject({
      MessageSid: expect.stringMatching(/^MM/),
      NumMedia: "1",
      MediaUrl0: expect.stringContaining("https://api.twilio.com/"),
      AddOns: "{}",
    });
  });

  it("does not repeat a webhook that was answered 500", async () => {
    receiver.answerWith(() => ({ status: 500 }));
    await writes("lost");
    await vi.waitFor(async () => {
      const { body } = await ask("GET", `${simulator.url}/_simulator/webhooks`);
      expect(body.data).toEqual([expect.objectContaining({ attempts: [500] })]);
    });
    expect(receiver.received).toHaveLength(1);
  });

  it("repeats by the overrides in the fragment, which it does not sign", async () => {
    const other = await startTwilioSimulator({
      webhookUrl: `${PUBLIC}/webhooks/sms-twilio#rc=2&rp=5xx`,
      deliverTo: `${receiver.url}/webhooks/sms-twilio`,
      accounts: [ACCOUNT],
    });
    receiver.answerWith(() => ({ status: 503 }));
    await ask("POST", `${other.url}/_simulator/messages`, { to: NUMBER, from: CUSTOMER, text: "again" });
    await vi.waitFor(() => expect(receiver.received).toHaveLength(3));
    expect(receiver.received.every((request) => isSigned(request))).toBe(true);
    expect(new Set(receiver.received.map(({ headers }) => headers["i-twilio-idempotency-token"])).size).toBe(1);
    await other.close();
  });

  it("sends the customer what the webhook's answer says: TwiML, or plain text", async () => {
    receiver.answerWith(({ body }) => {
      if (body.includes("Body=one")) return { status: 200, contentType: "text/xml", body: "<Response/>" };
      if (body.includes("Body=two"))
        return { status: 200, contentType: "text/xml", body: "<Response><Message>Hi</Message></Response>" };
      return { status: 200, contentType: "text/plain", body: "OK" };
    });
    for (const text of ["one", "two", "three"]) await writes(text);
    await vi.waitFor(async () => expect((await phone()).map(({ text }) => text)).toEqual(["Hi", "OK"]));
  });
});

describe("an SMS is sent", () => {
  it("answers 201 with the resource and calls back for each later status, signed over the callback's URL", async () => {
    const { status, body } = await send();
    expect(status).toBe(201);
    expect(body).toMatchObject({
      sid: expect.stringMatching(/^SM[0-9a-f]{32}$/),
      account_sid: ACCOUNT.accountSid,
      status: "queued",
      direction: "outbound-api",
      from: NUMBER,
      to: CUSTOMER,
      body: "Bom dia",
      num_segments: "1",
      error_code: null,
      price: null,
      uri: `/2010-04-01/Accounts/${ACCOUNT.accountSid}/Messages/${body.sid}.json`,
    });
    await vi.waitFor(() => expect(statuses()).toEqual(["sending", "sent", "delivered"]));
    expect(receiver.received.every((request) => isSigned(request))).toBe(true);
    expect(receiver.received[0]?.url).toBe("/webhooks/sms-twilio/status/ours-1");
    expect(callbacks()[2]).toEqual({
      ApiVersion: "2010-04-01",
      MessageSid: body.sid,
      SmsSid: body.sid,
      MessageStatus: "delivered",
      SmsStatus: "delivered",
      AccountSid: ACCOUNT.accountSid,
      From: NUMBER,
      To: CUSTOMER,
      RawDlrDoneDate: expect.stringMatching(/^\d{10}$/),
    });
    expect(await phone()).toEqual([expect.objectContaining({ text: "Bom dia", status: "delivered" })]);
  });

  it("calls a callback of another origin where it is", async () => {
    await send({ StatusCallback: `${receiver.url}/status/elsewhere` });
    await vi.waitFor(() => expect(statuses()).toHaveLength(3));
    expect(receiver.received.every((request) => isSigned(request, `${receiver.url}/status/elsewhere`))).toBe(true);
  });

  it("counts segments like Twilio", async () => {
    expect((await send({ Body: "x".repeat(161) })).body.num_segments).toBe("2");
    expect((await send({ Body: "ã".repeat(71) })).body.num_segments).toBe("2");
  });

  it.each<[what: string, form: Record<string, string | undefined>, code: number]>([
    ["no To", { To: undefined }, 21604],
    ["a To that is no number", { To: "Ana" }, 21211],
    ["no From", { From: undefined }, 21603],
    ["a From of somebody else", { From: "+15550009999" }, 21606],
    ["its own number as To", { To: NUMBER }, 21266],
    ["no Body", { Body: undefined }, 21602],
    ["1,601 characters", { Body: "x".repeat(1601) }, 21617],
    ["a file without an address", { MediaUrl: "shoe.jpg" }, 21620],
    ["a callback without a host", { StatusCallback: "status" }, 21609],
    ["a callback with an underscore", { StatusCallback: "https://my_host.example/" }, 21609],
    ["an unknown Messaging Service", { From: undefined, MessagingServiceSid: `MG${"0".repeat(32)}` }, 21701],
  ])("refuses %s", async (_what, form, code) => {
    const { status, body } = await send(form);
    expect(status).toBe(400);
    expect(body).toEqual({
      code,
      message: expect.any(String),
      more_info: `https://www.twilio.com/docs/errors/${code}`,
      status: 400,
    });
    expect(await phone()).toEqual([]);
  });

  it("takes exactly 1,600 characters, and the account's own token", async () => {
    expect((await send({ Body: "x".repeat(1600) })).status).toBe(201);
    expect((await send({}, { user: ACCOUNT.accountSid, secret: ACCOUNT.authToken })).status).toBe(201);
  });

  it("refuses wrong credentials, and another account's resources", async () => {
    expect(await send({}, { secret: "wrong" })).toMatchObject({ status: 401, body: { code: 20003 } });
    expect(await send({}, { account: OTHER.accountSid })).toMatchObject({ status: 404, body: { code: 20404 } });
  });

  it("sees no parameters in JSON", async () => {
    const response = await fetch(`${simulator.url}/2010-04-01/Accounts/${ACCOUNT.accountSid}/Messages.json`, {
      method: "POST",
      headers: {
        authorization: `Basic ${Buffer.from(`${ACCOUNT.apiKey}:${ACCOUNT.apiSecret}`).toString("base64")}`,
        "content-type": "application/json",
      },
      body: JSON.stringify({ To: CUSTOMER }),
    });
    expect(await response.json()).toMatchObject({ code: 21604 });
  });
});

describe("opting out", () => {
  it("answers STOP itself, still tells the business, and blocks until START", async () => {
    await writes("stop ");
    await vi.waitFor(() => expect(receiver.received.map((request) => paramsOf(request).Body)).toEqual(["stop "]));
    expect(await phone()).toEqual([expect.objectContaining({ text: expect.stringContaining("unsubscribed") })]);
    expect(await send()).toMatchObject({ status: 400, body: { code: 21610 } });
    expect((await send({ To: "+351910000002" })).status).toBe(201);

    await writes("START");
    expect((await phone()).at(-1)?.text).toContain("re-subscribed");
    expect((await send()).status).toBe(201);
  });

  it("leaves other messages alone", async () => {
    for (const text of ["Please stop by", "yes", "start"]) await writes(text);
    expect(await phone()).toEqual([]);
    expect((await send()).status).toBe(201);
  });
});

describe("a Messaging Service", () => {
  it("picks a sender of its pool, and says so in the callbacks", async () => {
    const { status, body } = await send({ From: undefined, MessagingServiceSid: SERVICE });
    expect({ status, body }).toMatchObject({
      status: 201,
      body: { status: "accepted", from: null, messaging_service_sid: SERVICE, num_segments: "0" },
    });
    await vi.waitFor(() => expect(callbacks()[0]).toMatchObject({ From: POOLED, MessagingServiceSid: SERVICE }));
    const foreign = await send({ From: NUMBER, MessagingServiceSid: SERVICE });
    expect(foreign).toMatchObject({ status: 400, body: { code: 21712 } });
  });

  it("tells in the webhook which word a customer used, and blocks for the whole pool", async () => {
    await writes("Stop", { to: SERVICE });
    await vi.waitFor(() => expect(receiver.received).toHaveLength(1));
    expect(paramsOf(receiver.received[0] as Received)).toMatchObject({
      To: POOLED,
      MessagingServiceSid: SERVICE,
      OptOutType: "STOP",
    });
    const refused = await send({ From: undefined, MessagingServiceSid: SERVICE });
    expect(refused).toMatchObject({ status: 400, body: { code: 21610 } });
    await writes("hello", { to: POOLED });
    await vi.waitFor(() => expect(receiver.received).toHaveLength(2));
    expect(paramsOf(receiver.received[1] as Received)).not.toHaveProperty("OptOutType");
  });
});

describe("told to misbehave", () => {
  it("refuses as throttled or broken, then takes the message", async () => {
    await fault("429");
    await fault("500");
    expect(await send()).toMatchObject({ status: 429, body: { code: 20429 } });
    expect(await send()).toMatchObject({ status: 500, body: { code: 20500 } });
    expect((await send()).status).toBe(201);
    expect(await phone()).toHaveLength(1);
  });

  it("breaks the connection after taking the message", async () => {
    await fault("reset_after_accepting");
    await expect(send()).rejects.toThrow();
    await vi.waitFor(() => expect(statuses()).toEqual(["sending", "sent", "delivered"]));
  });

  it("reports a failure with its code", async () => {
    await fault("failed", { code: 30005 });
    await send();
    await vi.waitFor(() => expect(statuses()).toEqual(["sending", "sent", "undelivered"]));
    expect(callbacks()[2]).toMatchObject({ ErrorCode: "30005", ErrorMessage: "Unknown destination handset" });
    expect(await phone()).toEqual([]);
  });

  it("knows no window", async () => {
    expect((await fault("expired_window")).status).toBe(400);
  });
});

describe("the control surface", () => {
  it("shows each API request as a form, without credentials", async () => {
    await send();
    const { body } = await ask("GET", `${simulator.url}/_simulator/requests`);
    expect(body.data).toEqual([
      expect.objectContaining({
        method: "POST",
        path: `/2010-04-01/Accounts/${ACCOUNT.accountSid}/Messages.json`,
        body: {
          To: CUSTOMER,
          From: NUMBER,
          Body: "Bom dia",
          StatusCallback: `${PUBLIC}/webhooks/sms-twilio/status/ours-1`,
        },
        status: 201,
      }),
    ]);
    expect(JSON.stringify(body)).not.toContain("Basic");
  });

  it("sends a given webhook with a signature of any kind and tells the answer", async () => {
    receiver.answerWith((request) => ({ status: isSigned(request) ? 200 : 403 }));
    const webhook = { path: "/webhooks/sms-twilio", body: { From: CUSTOMER, Body: "ä" } };
    expect((await control("webhooks", webhook)).body).toMatchObject({ status: 200 });
    for (const signature of ["wrong", "missing", "truncated"]) {
      expect((await control("webhooks", { ...webhook, signature })).body).toMatchObject({ status: 403 });
    }
  });

  it("refuses a customer who writes to nobody", async () => {
    expect((await writes("x", { to: "+15550009999" })).body.error).toContain("+15550009999");
    expect((await writes("")).status).toBe(400);
  });
});
