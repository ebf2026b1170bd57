/** Front's signature and its handshakes. The vectors were made with `openssl dgst -sha256 -hmac … -binary | base64`. */
import { describe, expect, it } from "vitest";
import { front } from "../../shared/helpdesks/front/index.ts";

const KEY = "5f3c1d9be2a74c08";
const SIGNED_AT = 1_795_000_000_123;
const genuine = {
  body: `{"type":"message","payload":{"id":"msg_1q15qmtq","body":"Olá, já segue"},"metadata":{"external_conversation_ids":["conv_wKrj8Laes5BdOZ7Y5lFIIw"]}}`,
  headers: {
    "x-front-request-timestamp": String(SIGNED_AT),
    "x-front-signature": "PqAAvofXVtTzigZwyaySe+b5KqBXps2V77sTYZFQhTA=",
  } as Record<string, string>,
  appSecret: KEY as unknown,
  receivedAt: SIGNED_AT,
};
/** The same with the key `the-next-secret`. */
const NEXT_SIGNATURE = "DBxDJvqfnAiHgJ6+32XpLCeBDegxkMghXtUmbmkBq9g=";
const URL = "https://recado.example.com/helpdesks/front?from=front";

function requestOf({ body, headers, receivedAt }: Omit<typeof genuine, "appSecret">) {
  return { method: "POST", url: URL, query: {}, headers, body: Buffer.from(body), receivedAt };
}
function deskWith(secrets: object) {
  return { name: "front", settings: { appId: "app" }, secrets };
}
function verdictOn({ appSecret, ...given }: typeof genuine) {
  return front.door.verify(requestOf(given), deskWith({ appSecret }));
}
function answerTo(told: unknown, headers: Record<string, string> = {}) {
  const request = requestOf({ ...genuine, headers, body: JSON.stringify(told) });
  const { status, body } = front.door.reply(request, deskWith({ appSecret: KEY }));
  return { status, body: JSON.parse(body) as unknown };
}

describe("Front's signature", () => {
  it("fits the vector, for five minutes either way", () => {
    expect(verdictOn(genuine)).toEqual({ ok: true });
    for (const [apartMs, isTaken] of [
      [300_000, true],
      [300_001, false],
      [-300_000, true],
      [-300_001, false],
    ] as const)
      expect(verdictOn({ ...genuine, receivedAt: SIGNED_AT + apartMs }).ok, String(apartMs)).toBe(isTaken);
  });

  it("is taken with any of several keys, so that a secret may be changed", () => {
    const appSecret = [KEY, "the-next-secret"];
    expect(verdictOn({ ...genuine, appSecret }).ok).toBe(true);
    const headers = { ...genuine.headers, "x-front-signature": NEXT_SIGNATURE };
    expect(verdictOn({ ...genuine, appSecret, headers }).ok).toBe(true);
    expect(verdictOn({ ...genuine, headers }).ok).toBe(false);
  });

  it.each<[string, Partial<typeof genuine>, RegExp]>([
    ["of other bytes", { body: genuine.body.replace("já", "ja") }, /other bytes/],
    [
      "of another time",
      { headers: { ...genuine.headers, "x-front-request-timestamp": "1795000000124" } },
      /other bytes/,
    ],
    ["cut short", { headers: { ...genuine.headers, "x-front-signature": "PqAAvofXVtTzig" } }, /other bytes/],
    ["in hexadecimal", { headers: { ...genuine.headers, "x-front-signature": "3ea000be87d756d4" } }, /other bytes/],
    ["missing", { headers: { "x-front-request-timestamp": String(SIGNED_AT) } }, /missing/],
    ["without a time", { headers: { "x-front-signature": "PqAAvofXVtTzig" } }, /missing/],
    ["with a date for a time", { headers: { ...genuine.headers, "x-front-request-timestamp": "today" } }, /no number/],
  ])("is refused when it is %s", (_, changed, hint) => {
    expect(verdictOn({ ...genuine, ...changed })).toEqual({ ok: false, hint: expect.stringMatching(hint) });
  });

  it.each([undefined, "", [], [" "], 7])("says that nothing is set where the secret is %j", (appSecret) => {
    expect(verdictOn({ ...genuine, appSecret })).toMatchObject({ ok: false, isUnset: true });
  });
});

describe("what Front hears", () => {
  const metadata = { external_conversation_ids: ["other-1", "conv_wKrj8Laes5BdOZ7Y5lFIIw.2"] };

  it("of an agent's message are the same ids each time, and a thread that the conversation has", () => {
    const told = { type: "message", payload: { id: "msg_1q15qmtq", text: "Já segue" }, metadata };
    const answer = {
      status: 200,
      body: {
        type: "success",
        external_id: "msg_1q15qmtq",
        external_conversation_id: "conv_wKrj8Laes5BdOZ7Y5lFIIw.2",
      },
    };
    expect(answerTo(told)).toEqual(answer);
    expect(answerTo(told)).toEqual(answer);
  });

  it.each([
    ["to somebody who never wrote", { type: "message", payload: { id: "msg_1", text: "Olá" }, metadata: {} }],
    [
      "of another channel's thread",
      { type: "message", payload: { id: "msg_1", text: "Olá" }, metadata: { external_conversation_ids: ["x"] } },
    ],
    ["that is empty", { type: "message", payload: { id: "msg_1", text: " ", attachments: [] }, metadata }],
    ["without an id", { type: "message", payload: { text: "Olá" }, metadata }],
  ])("of a message %s is a failure in words, and nothing goes out", (_, told) => {
    expect(answerTo(told)).toMatchObject({
      status: 400,
      body: { type: "bad_request", message: expect.stringMatching(/\.$/) },
    });
    const request = requestOf({ ...genuine, body: JSON.stringify(told) });
    expect(front.door.parse(request, deskWith({}))).toEqual({ ok: true, happenings: [] });
  });

  it("when a channel is connected is where its webhooks go", () => {
    const told = { type: "authorization", payload: { channel_id: "cha_55c8c149" } };
    const webhookUrl = "https://recado.example.com/helpdesks/front";
    expect(answerTo(told)).toEqual({ status: 200, body: { type: "success", webhook_url: webhookUrl } });
  });

  it("when a webhook is saved is its own challenge", () => {
    const told = { type: "sync", authorization: { id: "cmp_abc" } };
    expect(answerTo(told, { "x-front-challenge": "b3f1" })).toEqual({ status: 200, body: { challenge: "b3f1" } });
  });

  it("of anything else is that it was taken, a channel that is taken away included", () => {
    expect(answerTo({ type: "message_imported", payload: {} }).status).toBe(200);
    expect(answerTo({ type: "delete", payload: { channel_id: "cha_1" } }).status).toBe(200);
  });
});
