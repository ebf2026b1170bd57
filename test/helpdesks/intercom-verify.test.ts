/** The signature of Intercom's webhooks: a vector made by OpenSSL, keys that change, and what is not taken. */
import { describe, expect, it } from "vitest";
import { intercom } from "../../shared/helpdesks/intercom/index.ts";

const SECRET = "8c5a3d1e-7b20-4f7e-9a55-0d4c2be1f6a3";
const BODY =
  '{"type":"notification_event","app_id":"i6wc9ipe","data":{"type":"notification_event_data","item":{"type":"ping","message":"something something interzen"}},"id":null,"topic":"ping"}';
/** `openssl dgst -sha1 -hmac <secret> <body>` */
const HEX = "b7cf2592cd815437acb9d939eed8fd8bef513001";

function verdict(secrets: object, headers: Record<string, string>, body = BODY) {
  const request = { method: "POST", url: "https://x.example/helpdesks/desk", query: {}, receivedAt: Date.now() };
  const settings = { region: "us", adminId: "1", apiVersion: "2.16" } as const;
  return intercom.door.verify({ ...request, headers, body: Buffer.from(body) }, { name: "desk", settings, secrets });
}

describe("a webhook of Intercom", () => {
  it.each([
    ["its client secret", SECRET],
    ["the older of two", ["new-secret", SECRET]],
    ["the newer of two", [SECRET, "old-secret"]],
  ])("is genuine under %s", (_, clientSecret) => {
    expect(verdict({ clientSecret }, { "x-hub-signature": `sha1=${HEX}` })).toEqual({ ok: true });
    expect(verdict({ clientSecret }, { "x-hub-signature": `sha1=${HEX.toUpperCase()}` })).toEqual({ ok: true });
  });

  it.each([
    ["other bytes", { "x-hub-signature": `sha1=${HEX}` }, `${BODY} `],
    ["no signature", {}, BODY],
    ["half a signature", { "x-hub-signature": `sha1=${HEX.slice(0, 20)}` }, BODY],
    ["a signature without its kind", { "x-hub-signature": HEX }, BODY],
    ["a signature of another kind alone", { "x-hub-signature-256": `sha256=${HEX}` }, BODY],
  ])("is refused with %s", (_, headers, body) => {
    const refused = verdict({ clientSecret: SECRET }, headers as Record<string, string>, body);
    expect(refused).toMatchObject({ ok: false });
    expect(refused).not.toHaveProperty("isUnset");
  });

  it("is refused under another secret, and says so when the two secrets are mixed up", () => {
    const headers = { "x-hub-signature": `sha1=${HEX}` };
    expect(verdict({ clientSecret: "other" }, headers)).toMatchObject({ ok: false });
    const mixed = verdict({ clientSecret: "the-token", accessToken: SECRET }, headers);
    expect(mixed).toMatchObject({ ok: false, hint: expect.stringContaining("mixed up") });
  });

  it("cannot be judged before a secret is set", () => {
    for (const secrets of [{}, { clientSecret: "" }, { clientSecret: [] }, { clientSecret: 7 }])
      expect(verdict(secrets, { "x-hub-signature": `sha1=${HEX}` })).toMatchObject({ ok: false, isUnset: true });
  });
});
