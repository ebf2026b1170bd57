/** What goes out to the providers of SMS, and what their answers mean. */
import { generateKeyPairSync, verify } from "node:crypto";
import { verifySignature } from "@vonage/jwt";
import { describe, expect, it } from "vitest";
import type { Account, Connector, Rendering } from "../../shared/channels/connector.ts";
import { connectors } from "../../shared/channels/registry.ts";
import type { HttpRequest } from "../../shared/ports.ts";
import { answered } from "../contracts/connector-contract.ts";
import { SAMPLE } from "../contracts/provider.ts";

const CORRELATION = "conv_AAAAAAAAAAAAAAAAAAAAAA.msg_01kat1n2v3w4x5y6z7a8b9c0d1.0";
const PICTURE = { url: "https://files.example.test/shoe.jpg?signed=1", contentType: "image/jpeg" };
const CARD = { url: "https://files.example.test/ana.vcf", contentType: "text/vcard" };

type Sms = "sms-twilio" | "sms-vonage" | "sms-telnyx";

function rendered(name: Sms, about: Partial<Rendering> = {}) {
  const connector: Connector = connectors[name];
  return connector.sender.render({
    to: "+351912345678",
    content: { type: "text", text: "Olá" },
    author: { type: "agent" },
    settings: SAMPLE[name].settings,
    correlation: CORRELATION,
    callbackUrl: `https://hooks.example.test/webhooks/${name}`,
    ...about,
  });
}

async function sent(name: Sms, status: number, body: unknown, account: Account = SAMPLE[name]) {
  const connector: Connector = connectors[name];
  const requests: HttpRequest[] = [];
  const outcome = await connector.sender.send(rendered(name), account, async (request) => {
    requests.push(request);
    return answered({ status, body });
  });
  return { outcome, authorization: requests[0]?.headers.authorization };
}

describe("a Twilio send", () => {
  const formOf = (about: Partial<Rendering>) =>
    Object.fromEntries(new URLSearchParams(String(rendered("sms-twilio", about).body)));
  const accountSid = "AC00000000000000000000000000000001";

  it("brings a file by its address, the caption as its body", () => {
    const form = formOf({ content: { type: "image", media: PICTURE, caption: "Este?" } });
    expect(form).toEqual({
      To: "+351912345678",
      From: "+15550000002",
      MediaUrl: PICTURE.url,
      Body: "Este?",
      StatusCallback: `https://hooks.example.test/webhooks/sms-twilio/status/${CORRELATION}`,
    });
    expect(formOf({ content: { type: "document", media: CARD } })).not.toHaveProperty("Body");
  });

  it("picks a sender out of the pool of a Messaging Service, if the account names one", () => {
    const messagingServiceSid = `MG${"0".repeat(32)}`;
    expect(formOf({ settings: { accountSid, messagingServiceSid, from: "SHOP" } })).toMatchObject({
      MessagingServiceSid: messagingServiceSid,
      From: "SHOP",
    });
  });

  it("takes a number, a short code or a name as its sender, and nothing else", () => {
    const { settings } = connectors["sms-twilio"];
    for (const from of ["+351912345678", "68849", "Loja 24"])
      expect(settings.safeParse({ accountSid, from }).success).toBe(true);
    for (const from of ["351912345678", "A name too long", "Loja!", "+12"])
      expect(settings.safeParse({ accountSid, from }).success).toBe(false);
  });

  it.each([
    [400, 21620, { kind: "rejected", failure: { class: "payload" } }],
    [400, 30011, { kind: "rejected", failure: { class: "unreachable" } }],
    [400, 21712, { kind: "rejected", failure: { class: "account" } }],
    [429, 63017, { kind: "throttled", scope: "account", retryAfterSeconds: 5 }],
    [429, 30454, { kind: "throttled", scope: "account", retryAfterSeconds: 3600 }],
    [400, 30640, { kind: "rejected", failure: { class: "opted_out" } }],
  ])("answered %i with code %i has its outcome", async (status, code, outcome) => {
    expect((await sent("sms-twilio", status, { code, message: "words", status })).outcome).toMatchObject(outcome);
  });

  it("carries no place, and no file without an address", () => {
    const place = { type: "location", latitude: 1, longitude: 2 } as const;
    for (const name of ["sms-twilio", "sms-vonage", "sms-telnyx"] as const) {
      expect(() => rendered(name, { content: place })).toThrow(/location/);
      const media = { contentType: "image/png" };
      expect(() => rendered(name, { content: { type: "image", media } })).toThrow(/image/);
    }
  });
});

describe("a Vonage send", () => {
  const bodyOf = (about: Partial<Rendering>) => JSON.parse(String(rendered("sms-vonage", about).body));

  it("is a text between numbers without plus signs, with our correlation as its reference", () => {
    expect(rendered("sms-vonage").url).toBe("https://api.nexmo.com/v1/messages");
    expect(bodyOf({})).toEqual({
      to: "351912345678",
      from: "15550000003",
      channel: "sms",
      message_type: "text",
      text: "Olá",
      client_ref: CORRELATION,
      webhook_url: "https://hooks.example.test/webhooks/sms-vonage",
      webhook_version: "v1",
    });
    const settings = { apiKey: "abcd1234", from: "Loja" };
    expect(bodyOf({ to: "68849", settings })).toMatchObject({ to: "68849", from: "Loja" });
  });

  it.each([
    ["image", PICTURE, { message_type: "image", image: { url: PICTURE.url, caption: "Este?" } }],
    ["video", PICTURE, { message_type: "video", video: { url: PICTURE.url, caption: "Este?" } }],
    ["audio", PICTURE, { message_type: "audio", audio: { url: PICTURE.url, caption: "Este?" } }],
    ["document", PICTURE, { message_type: "file", file: { url: PICTURE.url, caption: "Este?" } }],
    ["document", CARD, { message_type: "vcard", vcard: { url: CARD.url, caption: "Este?" } }],
  ] as const)("brings a file of the kind %s as MMS (%#)", (type, media, said) => {
    expect(bodyOf({ content: { type, media, caption: "Este?" } })).toMatchObject({ channel: "mms", ...said });
  });

  it("goes out with the account's key and secret", async () => {
    const { outcome, authorization } = await sent("sms-vonage", 202, { message_uuid: "1" });
    expect(outcome).toEqual({ kind: "sent", providerMessageId: "1" });
    expect(authorization).toBe(`Basic ${Buffer.from("abcd1234:api-secret").toString("base64")}`);
  });

  it("goes out with a token of the application, where there is one", async () => {
    const pair = generateKeyPairSync("rsa", {
      modulusLength: 2048,
      publicKeyEncoding: { type: "spki", format: "pem" },
      privateKeyEncoding: { type: "pkcs8", format: "pem" },
    });
    const applicationId = "78d335fa-323d-4114-9c3d-d6f0d48968cf";
    const account = (privateKey: unknown): Account => ({
      name: "vonage",
      settings: { apiKey: "abcd1234", from: "+15550000003", applicationId },
      secrets: { privateKey, apiSecret: "api-secret" },
    });
    for (const pem of [pair.privateKey, pair.privateKey.replaceAll("\n", "\\n")]) {
      const { authorization = "" } = await sent("sms-vonage", 202, { message_uuid: "1" }, account(pem));
      const [, head = "", claims = "", signature = ""] = /^Bearer (.+)\.(.+)\.(.+)$/.exec(authorization) ?? [];
      const decoded = (part: string) => JSON.parse(Buffer.from(part, "base64url").toString("utf8"));
      expect(decoded(head)).toEqual({ typ: "JWT", alg: "RS256" });
      const { iat, exp, ...named } = decoded(claims);
      expect(named).toEqual({ application_id: applicationId, jti: expect.stringMatching(/./) });
      expect(exp - iat).toBe(300);
      const signed = Buffer.from(`${head}.${claims}`);
      expect(verify("sha256", signed, pair.publicKey, Buffer.from(signature, "base64url"))).toBe(true);
      // Vonage's own library reads it the same way.
      const token = authorization.slice("Bearer ".length);
      expect([verifySignature(token, pair.publicKey), verifySignature(`${token}x`, pair.publicKey)]).toEqual([
        true,
        false,
      ]);
    }
    for (const none of [undefined, "no key"]) {
      const { outcome, authorization } = await sent("sms-vonage", 202, {}, account(none));
      expect(outcome).toMatchObject({ kind: "unavailable", detail: expect.stringMatching(/private key/) });
      expect(authorization).toBeUndefined();
    }
  });

  const problem = (code: string) => ({
    type: `https://developer.vonage.com/api-errors/messages#${code}`,
    title: "words",
    detail: "more words",
    instance: "1",
  });

  it.each([
    [401, "unauthorized", { kind: "rejected", failure: { class: "auth", code: "unauthorized" } }],
    [402, "low-balance", { kind: "rejected", failure: { class: "account" } }],
    [422, "1120", { kind: "rejected", failure: { class: "account" } }],
    [422, "1170", { kind: "rejected", failure: { class: "unreachable" } }],
    [422, "1240", { kind: "rejected", failure: { class: "opted_out", code: "1240" } }],
    [422, "1020", { kind: "rejected", failure: { class: "payload" } }],
    [422, "1210", { kind: "rejected", failure: { class: "policy" } }],
    [422, "9999", { kind: "rejected", failure: { class: "unknown", code: "9999" } }],
    [429, "1000", { kind: "throttled", scope: "account", retryAfterSeconds: 2 }],
    [422, "1241", { kind: "throttled", scope: "pair" }],
    [500, "1030", { kind: "uncertain" }],
    [422, "1320", { kind: "uncertain" }],
  ])("answered %i with code %s has its outcome", async (status, code, outcome) => {
    expect((await sent("sms-vonage", status, problem(code))).outcome).toMatchObject(outcome);
  });

  it("tells the agent the provider's words", async () => {
    const { outcome } = await sent("sms-vonage", 422, problem("1020"));
    expect(outcome).toMatchObject({ failure: { reason: expect.stringContaining("more words") } });
  });
});

describe("a Telnyx send", () => {
  const bodyOf = (about: Partial<Rendering>) => JSON.parse(String(rendered("sms-telnyx", about).body));

  it("is a text whose webhooks carry our correlation", () => {
    expect(rendered("sms-telnyx").url).toBe("https://api.telnyx.com/v2/messages");
    expect(bodyOf({})).toEqual({
      to: "+351912345678",
      from: "+15550000004",
      type: "SMS",
      text: "Olá",
      webhook_url: `https://hooks.example.test/webhooks/sms-telnyx/status/${CORRELATION}`,
    });
  });

  it("brings a file by its address, the caption as its text", () => {
    const content = { type: "image", media: PICTURE, caption: "Este?" } as const;
    expect(bodyOf({ content })).toMatchObject({ type: "MMS", media_urls: [PICTURE.url], text: "Este?" });
    expect(bodyOf({ content: { type: "document", media: CARD } })).not.toHaveProperty("text");
  });

  it("goes out from the pool of a profile, or under a name that belongs to one", () => {
    const messagingProfileId = "4000eba1-a0c0-4563-9925-b25e842a7cb6";
    const pool = bodyOf({ settings: { messagingProfileId } });
    expect(pool).toMatchObject({ messaging_profile_id: messagingProfileId });
    expect(pool).not.toHaveProperty("from");
    expect(bodyOf({ settings: { messagingProfileId, from: "Loja" } })).toMatchObject({ from: "Loja" });
    const { settings } = connectors["sms-telnyx"];
    expect(settings.safeParse({ from: "Loja" }).success).toBe(false);
    expect(settings.safeParse({ from: "Loja", messagingProfileId }).success).toBe(true);
    expect(settings.safeParse({}).success).toBe(false);
  });

  it("goes out with the API key", async () => {
    const { outcome, authorization } = await sent("sms-telnyx", 200, { data: { id: "1" } });
    expect(outcome).toEqual({ kind: "sent", providerMessageId: "1" });
    expect(authorization).toBe("Bearer KEY-api-key");
  });

  it.each([
    [401, "10009", { kind: "rejected", failure: { class: "auth" } }],
    [403, "40300", { kind: "rejected", failure: { class: "opted_out", code: "40300" } }],
    [422, "40305", { kind: "rejected", failure: { class: "account" } }],
    [422, "40310", { kind: "rejected", failure: { class: "unreachable" } }],
    [422, "40302", { kind: "rejected", failure: { class: "payload" } }],
    [422, "40322", { kind: "rejected", failure: { class: "policy" } }],
    [400, "99999", { kind: "rejected", failure: { class: "unknown", code: "99999" } }],
    [429, "10011", { kind: "throttled", scope: "account", retryAfterSeconds: 2 }],
    [422, "40318", { kind: "throttled", scope: "account", retryAfterSeconds: 600 }],
    [500, "10007", { kind: "uncertain" }],
  ])("answered %i with code %s has its outcome", async (status, code, outcome) => {
    const body = { errors: [{ code, title: "words", detail: "more words" }] };
    expect((await sent("sms-telnyx", status, body)).outcome).toMatchObject(outcome);
  });

  it("is of the account by its number, or of the one that names the profile", () => {
    const { receiver }: Connector = connectors["sms-telnyx"];
    const profile = "4000eba1-a0c0-4563-9925-b25e842a7cb6";
    const accounts = [SAMPLE["sms-telnyx"], { name: "pool", settings: { messagingProfileId: profile }, secrets: {} }];
    const accountOf = (to: string) => {
      const payload = {
        id: "1",
        type: "SMS",
        from: { phone_number: "+351912345678" },
        to: [{ phone_number: to }],
        text: "Oi",
        messaging_profile_id: profile,
      };
      const body = Buffer.from(JSON.stringify({ data: { event_type: "message.received", payload } }));
      const request = { method: "POST", url: "https://x.test/", query: {}, headers: {}, body, receivedAt: 0 };
      const result = receiver.parse(request, accounts);
      return result.ok ? result.parsed.map(({ account }) => account) : [];
    };
    expect(accountOf("+15550000004")).toEqual(["telnyx"]);
    expect(accountOf("+15551111111")).toEqual(["pool"]);
  });
});
