import { createHmac } from "node:crypto";
import { describe, expect, it } from "vitest";
import type { WebhookRequest } from "../../shared/channels/connector.ts";
import { whatsappCloud } from "../../shared/channels/whatsapp-cloud/index.ts";

const { verify, challenge } = whatsappCloud.receiver;
const account = {
  name: "whatsapp",
  settings: { phoneNumberId: "100000000000001", graphVersion: "v26.0" },
  secrets: { appSecret: ["the app secret"], verifyToken: ["the word", "an older word"], accessToken: "the token" },
};

/** Signed as on the wire: escaped, and with escaped slashes. */
const WIRE = String.raw`{"text":"\u00e4\u00f6 \ud83d\ude00 a@b.example https:\/\/example.com"}`;

function signed(body: string, { key = "the app secret", over = body } = {}): WebhookRequest {
  const hex = createHmac("sha256", key).update(over).digest("hex");
  return {
    method: "POST",
    url: "https://hooks.example.test/webhooks/whatsapp-cloud",
    query: {},
    headers: { "x-hub-signature-256": `sha256=${hex}` },
    body: Buffer.from(body),
    receivedAt: 0,
  };
}

function hintOf(request: WebhookRequest, secrets: object = account.secrets): string {
  const verdict = verify(request, { ...account, secrets });
  return verdict.ok ? "accepted" : verdict.hint;
}

describe("Meta's signature", () => {
  it("is the HMAC-SHA256 of the bytes on the wire, as computed elsewhere", () => {
    // echo -n '<body>' | openssl dgst -sha256 -hmac 'the app secret'
    const known = "44f54122868997c87f6546c37403054800b7c5dfc476d53fea8f75f6510f49c2";
    const request = { ...signed(WIRE), headers: { "x-hub-signature-256": `sha256=${known}` } };
    expect(verify(request, account)).toEqual({ ok: true });
  });

  it("covers the escaped form: the same JSON written otherwise is refused, and the hint says so", () => {
    const again = JSON.stringify(JSON.parse(WIRE));
    expect(again).not.toBe(WIRE);
    expect(hintOf(signed(again, { over: WIRE }))).toMatch(/parsed and written again/);
    expect(hintOf(signed(`${WIRE}\n`, { over: WIRE }))).toMatch(/parsed and written again/);
  });

  it.each([
    [signed(WIRE, { key: "the word" }), /another secret of this account/],
    [signed(WIRE, { key: "the token" }), /another secret of this account/],
    [signed(WIRE, { key: "of another app" }), /another key/],
    [{ ...signed(WIRE), headers: {} }, /X-Hub-Signature-256 is missing/],
    [{ ...signed(WIRE), headers: { "x-hub-signature": "sha1=00" } }, /only the SHA-1/],
    [{ ...signed(WIRE), headers: { "x-hub-signature-256": "sha256=abc" } }, /64 hexadecimal digits/],
    [{ ...signed(WIRE), headers: { "x-hub-signature-256": "0".repeat(64) } }, /`sha256=`/],
  ])("names the likely cause of a refusal (%#)", (request, hint) => {
    expect(hintOf(request)).toMatch(hint);
  });

  it("finds a secret that was stored with blanks", () => {
    expect(hintOf(signed(WIRE), { appSecret: "the app secret\n" })).toMatch(/blanks/);
  });
});

describe("Meta's handshake", () => {
  const asked = (query: Record<string, string>) => challenge?.({ ...signed(""), method: "GET", query }, [account]);

  it("answers the challenge to either word", () => {
    for (const word of ["the word", "an older word"]) {
      const query = { "hub.mode": "subscribe", "hub.verify_token": word, "hub.challenge": "1158201444" };
      expect(asked(query)).toBe("1158201444");
    }
  });

  it.each([
    { "hub.mode": "subscribe", "hub.verify_token": "a guess", "hub.challenge": "1" },
    { "hub.mode": "subscribe", "hub.challenge": "1" },
    { "hub.mode": "unsubscribe", "hub.verify_token": "the word", "hub.challenge": "1" },
    { "hub.verify_token": "the word", "hub.challenge": "1" },
    { "hub.mode": "subscribe", "hub.verify_token": "", "hub.challenge": "1" },
  ])("stays silent to anything else (%#)", (query) => {
    expect(asked(query as Record<string, string>)).toBeUndefined();
  });
});
