/** What each vendor's answers mean for us, and what our requests look like on the wire. */
import { describe, expect, it } from "vitest";
import type { Connector, Rendering } from "../../shared/channels/connector.ts";
import { connectors } from "../../shared/channels/registry.ts";
import type { HttpRequest } from "../../shared/ports.ts";
import { answered } from "../contracts/connector-contract.ts";
import { type ConnectorName, SAMPLE } from "../contracts/provider.ts";

const CORRELATION = "conv_AAAAAAAAAAAAAAAAAAAAAA.msg_01kat1n2v3w4x5y6z7a8b9c0d1.0";

function rendered(name: ConnectorName, about: Partial<Rendering> = {}) {
  const connector: Connector = connectors[name];
  return connector.sender.render({
    to: "5511987650000",
    content: { type: "text", text: "Olá" },
    author: { type: "agent" },
    settings: SAMPLE[name].settings,
    correlation: CORRELATION,
    callbackUrl: "https://hooks.example.test/webhooks/sms-twilio",
    ...about,
  });
}

async function sent(name: ConnectorName, status: number, body: unknown) {
  const connector: Connector = connectors[name];
  const requests: HttpRequest[] = [];
  const outcome = await connector.sender.send(rendered(name), SAMPLE[name], async (request) => {
    requests.push(request);
    return answered({ status, body });
  });
  return { outcome, requests };
}

describe("a WhatsApp send", () => {
  const bodyFor = (about: Partial<Rendering>) => JSON.parse(String(rendered("whatsapp-cloud", about).body));

  it("is a text to a number, with our correlation", () => {
    expect(rendered("whatsapp-cloud").url).toBe("https://graph.facebook.com/v26.0/100000000000001/messages");
    expect(bodyFor({})).toEqual({
      messaging_product: "whatsapp",
      recipient_type: "individual",
      to: "+5511987650000",
      type: "text",
      text: { body: "Olá" },
      biz_opaque_callback_data: CORRELATION,
    });
  });

  it("names a user id where it belongs, a group as such, and the message that it answers", () => {
    const byUserId = bodyFor({ to: "BR.4410000000000000001", replyToProviderMessageId: "wamid.IN1" });
    expect(byUserId).toMatchObject({ recipient_type: "individual", recipient: "BR.4410000000000000001" });
    expect(byUserId).toMatchObject({ context: { message_id: "wamid.IN1" } });
    expect(byUserId).not.toHaveProperty("to");
    expect(bodyFor({ to: "group:Y2FwaV9ncm91cA" })).toMatchObject({ recipient_type: "group", to: "Y2FwaV9ncm91cA" });
  });

  it("goes out with the account's token", async () => {
    const { requests } = await sent("whatsapp-cloud", 200, { messages: [{ id: "wamid.1" }] });
    expect(requests).toHaveLength(1);
    expect(requests[0]?.headers).toMatchObject({
      authorization: "Bearer wa-token",
      "content-type": "application/json",
    });
  });

  it.each([
    [400, 131047, { kind: "rejected", failure: { class: "window", code: "131047" } }],
    [400, 131026, { kind: "rejected", failure: { class: "unreachable" } }],
    [400, 131050, { kind: "rejected", failure: { class: "opted_out" } }],
    [404, 132001, { kind: "rejected", failure: { class: "template" } }],
    [400, 100, { kind: "rejected", failure: { class: "payload" } }],
    [401, 190, { kind: "rejected", failure: { class: "auth", code: "190" } }],
    [403, 131031, { kind: "rejected", failure: { class: "account" } }],
    [400, 131056, { kind: "throttled", scope: "pair" }],
    [400, 130429, { kind: "throttled", scope: "account" }],
    [400, 80007, { kind: "throttled", scope: "account" }],
    [500, 131000, { kind: "unavailable" }],
    [503, 131016, { kind: "unavailable" }],
    [400, 999999, { kind: "rejected", failure: { class: "unknown", code: "999999" } }],
    [500, 999999, { kind: "uncertain" }],
  ])("answered %i with code %i has its outcome", async (status, code, outcome) => {
    const body = { error: { code, message: "(#x) words", error_data: { details: "the details" } } };
    expect((await sent("whatsapp-cloud", status, body)).outcome).toMatchObject(outcome);
  });

  it("tells the agent what the vendor said", async () => {
    const { outcome } = await sent("whatsapp-cloud", 400, {
      error: { code: 131047, error_data: { details: "24 hours have passed" } },
    });
    expect(outcome).toMatchObject({ failure: { reason: expect.stringContaining("24 hours have passed") } });
  });
});

describe("a Messenger send", () => {
  it("is a text with our correlation as its metadata, and the message that it answers", () => {
    const { url, body } = rendered("messenger", { to: "7001", replyToProviderMessageId: "m_in1" });
    expect(url).toBe("https://graph.facebook.com/v26.0/200000000000001/messages");
    expect(JSON.parse(String(body))).toEqual({
      recipient: { id: "7001" },
      messaging_type: "RESPONSE",
      message: { text: "Olá", metadata: CORRELATION },
      reply_to: { mid: "m_in1" },
    });
  });

  it("goes out with the Page's token", async () => {
    const { requests } = await sent("messenger", 200, { message_id: "m_1" });
    expect(new URL(requests[0]?.url ?? "").searchParams.get("access_token")).toBe("page-token");
  });

  it.each([
    [400, 10, 2018278, { kind: "rejected", failure: { class: "window", code: "10-2018278" } }],
    [400, 10, 1545041, { kind: "rejected", failure: { class: "window" } }],
    [400, 551, 1545041, { kind: "rejected", failure: { class: "unreachable" } }],
    [400, 100, 2018001, { kind: "rejected", failure: { class: "unreachable" } }],
    [400, 100, undefined, { kind: "rejected", failure: { class: "payload" } }],
    [400, 10, undefined, { kind: "rejected", failure: { class: "auth" } }],
    [401, 190, 463, { kind: "rejected", failure: { class: "auth" } }],
    [400, 613, undefined, { kind: "throttled", scope: "account" }],
    [400, 10, 1893063, { kind: "throttled", scope: "account", retryAfterSeconds: 1800 }],
    [500, 2, undefined, { kind: "unavailable" }],
    [500, 1200, undefined, { kind: "unavailable" }],
    [500, 1, 1357046, { kind: "uncertain" }],
    [500, 1, undefined, { kind: "unavailable" }],
  ])("answered %i with code %i, subcode %s has its outcome", async (status, code, subcode, outcome) => {
    const body = { error: { code, error_subcode: subcode, message: "words" } };
    expect((await sent("messenger", status, body)).outcome).toMatchObject(outcome);
  });
});

describe("a Twilio send", () => {
  it("is a form whose status callback carries our correlation", () => {
    const { url, body } = rendered("sms-twilio", {
      to: "+351912345678",
      content: { type: "text", text: "Olá + 1 & 2 😀" },
    });
    expect(url).toBe("https://api.twilio.com/2010-04-01/Accounts/AC00000000000000000000000000000001/Messages.json");
    expect(Object.fromEntries(new URLSearchParams(String(body)))).toEqual({
      To: "+351912345678",
      From: "+15550000002",
      Body: "Olá + 1 & 2 😀",
      StatusCallback: `https://hooks.example.test/webhooks/sms-twilio/status/${CORRELATION}`,
    });
  });

  it("goes out through the Messaging Service where the account is one", () => {
    const settings = { accountSid: "AC00000000000000000000000000000001", messagingServiceSid: `MG${"0".repeat(32)}` };
    const form = Object.fromEntries(new URLSearchParams(String(rendered("sms-twilio", { settings }).body)));
    expect(form).toMatchObject({ MessagingServiceSid: `MG${"0".repeat(32)}` });
    expect(form).not.toHaveProperty("From");
  });

  it("goes out with the API key", async () => {
    const { requests } = await sent("sms-twilio", 201, { sid: "SM1" });
    expect(requests[0]?.headers.authorization).toBe(`Basic ${Buffer.from("SKkey:api-secret").toString("base64")}`);
  });

  it.each([
    [400, 21610, { kind: "rejected", failure: { class: "opted_out", code: "21610" } }],
    [400, 21211, { kind: "rejected", failure: { class: "unreachable" } }],
    [400, 21617, { kind: "rejected", failure: { class: "payload" } }],
    [400, 21408, { kind: "rejected", failure: { class: "account" } }],
    [401, 20003, { kind: "rejected", failure: { class: "auth" } }],
    [429, 20429, { kind: "throttled", scope: "account" }],
    [400, 21611, { kind: "throttled", scope: "account", retryAfterSeconds: 600 }],
    [400, 99999, { kind: "rejected", failure: { class: "unknown", code: "99999" } }],
    [500, 20500, { kind: "uncertain" }],
    [503, 20503, { kind: "uncertain" }],
  ])("answered %i with code %i has its outcome", async (status, code, outcome) => {
    const body = { code, message: "words", more_info: "https://www.twilio.com/docs/errors", status };
    expect((await sent("sms-twilio", status, body)).outcome).toMatchObject(outcome);
  });
});
