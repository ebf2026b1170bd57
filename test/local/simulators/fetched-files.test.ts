/** A file that a message names by its address: every vendor fetches it, and fails in its own way where that does not work. */
import { afterAll, beforeAll, beforeEach, describe, expect, it, vi } from "vitest";
import { startGraphSimulator } from "../../../local/simulators/graph/index.ts";
import type { Server } from "../../../local/simulators/http.ts";
import { startTelnyxSimulator } from "../../../local/simulators/telnyx/index.ts";
import { signingKeyOf } from "../../../local/simulators/telnyx/keys.ts";
import { startTwilioSimulator } from "../../../local/simulators/twilio/index.ts";
import { startVonageSimulator } from "../../../local/simulators/vonage/index.ts";
import { type Receiver, startReceiver } from "./receiver.ts";

const SECRETS = { appSecret: "secret", verifyToken: "word" };
const NUMBER = "+15550000001";
const CUSTOMER = "+351910000001";
const SID = "AC00000000000000000000000000000001";
const json = { "content-type": "application/json" };

let files: Receiver;
let business: Receiver;
let servers: Record<"graph" | "twilio" | "telnyx" | "vonage", Server>;

beforeAll(async () => {
  files = await startReceiver();
  files.answerWith(({ url }) => {
    if (url === "/photo") return { status: 200, contentType: "image/jpeg", body: "a photo" };
    if (url === "/page") return { status: 200, contentType: "text/html", body: "<p>no photo</p>" };
    if (url === "/film") return { status: 200, contentType: "application/octet-stream", body: "a film" };
    if (url === "/huge") return { status: 200, contentType: "image/jpeg", body: "x".repeat(9_000_000) };
    return { status: 403 };
  });
  business = await startReceiver();
  const at = (connector: string) => ({
    webhookUrl: `https://recado.example/webhooks/${connector}`,
    deliverTo: `${business.url}/webhooks/${connector}`,
    receiptsAfterMs: [1, 5, 10],
  });
  servers = {
    graph: await startGraphSimulator({
      webhookOrigin: business.url,
      phoneNumbers: [{ id: "1", displayPhoneNumber: NUMBER, accessToken: "number", ...SECRETS }],
      pages: [{ id: "2", accessToken: "page", ...SECRETS }],
      instagramAccounts: [{ id: "3", accessToken: "instagram", ...SECRETS }],
      receiptsAfterMs: [1, 5, 10],
    }),
    twilio: await startTwilioSimulator({
      ...at("sms-twilio"),
      accounts: [{ accountSid: SID, authToken: "token", apiKey: "key", apiSecret: "secret", numbers: [NUMBER] }],
    }),
    telnyx: await startTelnyxSimulator({
      ...at("sms-telnyx"),
      accounts: [{ apiKey: "key", signingKey: signingKeyOf("seed"), profileId: "profile", numbers: [NUMBER] }],
    }),
    vonage: await startVonageSimulator({
      ...at("sms-vonage"),
      accounts: [{ apiKey: "key", apiSecret: "secret", signatureSecret: "signature", numbers: [NUMBER] }],
    }),
  };
});
afterAll(() => Promise.all([...Object.values(servers), files, business].map((server) => server.close())));
beforeEach(() => {
  business.received.length = 0;
  files.received.length = 0;
});

const post = async (url: string, headers: Record<string, string>, body: string) => {
  const response = await fetch(url, { method: "POST", headers, body });
  return { status: response.status, text: await response.text() };
};
const basic = `Basic ${Buffer.from("key:secret").toString("base64")}`;

const vendors = {
  whatsapp: (url: string) => {
    const send = { messaging_product: "whatsapp", recipient_type: "individual", to: CUSTOMER, type: "image" };
    const body = JSON.stringify({ ...send, image: { link: url } });
    return post(`${servers.graph.url}/v26.0/1/messages?access_token=number`, json, body);
  },
  messenger: (url: string) => meta("2", "page", url),
  instagram: (url: string) => meta("3", "instagram", url),
  twilio: (url: string) => {
    const form = new URLSearchParams({
      To: CUSTOMER,
      From: NUMBER,
      MediaUrl: url,
      StatusCallback: "https://recado.example/webhooks/sms-twilio/status/ours",
    });
    const headers = { authorization: basic, "content-type": "application/x-www-form-urlencoded" };
    return post(`${servers.twilio.url}/2010-04-01/Accounts/${SID}/Messages.json`, headers, form.toString());
  },
  telnyx: (url: string) => {
    const body = JSON.stringify({ to: CUSTOMER, from: NUMBER, media_urls: [url] });
    return post(`${servers.telnyx.url}/v2/messages`, { ...json, authorization: "Bearer key" }, body);
  },
  vonage: (url: string) => {
    const about = { channel: "mms", message_type: "image", to: CUSTOMER.slice(1), from: NUMBER.slice(1) };
    const body = JSON.stringify({ ...about, image: { url } });
    return post(`${servers.vonage.url}/v1/messages`, { ...json, authorization: basic }, body);
  },
};

function meta(id: string, token: string, url: string) {
  const message = { attachment: { type: "image", payload: { url } } };
  const body = JSON.stringify({ recipient: { id: "7000000000000001" }, messaging_type: "RESPONSE", message });
  return post(`${servers.graph.url}/v26.0/${id}/messages?access_token=${token}`, json, body);
}

type Vendor = keyof typeof vendors;

describe("that takes the message and fails it afterwards", () => {
  it.each<[Vendor, string, RegExp]>([
    ["whatsapp", "gone", /"status":"failed".*"code":131053/],
    ["whatsapp", "page", /"code":131053/],
    ["whatsapp", "huge", /"code":131053/],
    ["twilio", "gone", /MessageStatus=failed.*ErrorCode=11200/],
    ["twilio", "film", /ErrorCode=12300/],
    ["twilio", "huge", /ErrorCode=30019/],
    ["telnyx", "gone", /"status":"sending_failed".*"code":"40317"/],
    ["telnyx", "huge", /"code":"40317"/],
    ["vonage", "gone", /"status":"rejected".*messages#1020/],
    ["vonage", "page", /messages#1020/],
  ])("%s: %s", async (vendor, path, words) => {
    const { status } = await vendors[vendor](`${files.url}/${path}`);
    expect(status).toBeLessThan(300);
    await vi.waitFor(() => expect(business.received.map(({ body }) => body).join("\n")).toMatch(words));
  });
});

describe("that fetches the file before it answers", () => {
  it.each<[Vendor, string, number]>([
    ["messenger", "gone", 2018008],
    ["messenger", "page", 2018047],
    ["messenger", "huge", 2018008],
    ["instagram", "gone", 2018008],
  ])("%s: %s", async (vendor, path, subcode) => {
    const { status, text } = await vendors[vendor](`${files.url}/${path}`);
    expect({ status, error: JSON.parse(text).error }).toMatchObject({
      status: 400,
      error: { code: 100, error_subcode: subcode },
    });
    expect(business.received).toEqual([]);
  });
});

it.each<Vendor>(["whatsapp", "messenger", "instagram", "twilio", "telnyx", "vonage"])(
  "%s delivers a file that is there, and takes one elsewhere at its word",
  async (vendor) => {
    for (const url of [`${files.url}/photo`, "https://files.example/photo.jpg"]) {
      business.received.length = 0;
      expect((await vendors[vendor](url)).status).toBeLessThan(300);
      await vi.waitFor(() => expect(business.received.map(({ body }) => body).join("\n")).toMatch(/deliver|read/));
      expect(business.received.map(({ body }) => body).join("\n")).not.toMatch(/failed|rejected/);
    }
    expect(files.received.map(({ method, url }) => [method, url])).toEqual([["GET", "/photo"]]);
  },
);

it("a vendor that reaches nobody at the address says so too", async () => {
  const nobody = await startReceiver();
  await nobody.close();
  expect((await vendors.messenger(`${nobody.url}/photo`)).status).toBe(400);
});
