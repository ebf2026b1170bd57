/** Freshchat's signature: by the account's private key over the bytes alone, proven by what its page shows of the key. */
import { generateKeyPairSync, sign } from "node:crypto";
import { describe, expect, it } from "vitest";
import type { WebhookRequest } from "../../shared/channels/connector.ts";
import { freshchat } from "../../shared/helpdesks/freshchat/index.ts";

const settings = freshchat.settings.parse({ domain: "acme", channelIds: "topic", agentId: "agent" });
const BODY =
  '{"actor":{"actor_type":"agent","actor_id":"1b8d2418"},"action":"message_create","action_time":"2026-11-22T10:55:23.126Z","data":{"message":{"id":"a834cd45","message_parts":[{"text":{"content":"Olá 😀"}}]}}}';

// openssl genrsa -out key.pem 2048; openssl dgst -sha256 -sign key.pem body.json | base64
const KNOWN =
  "l5hgq6EeOw5wJNSE5PZKE5wG9ShOxzpRbNzvEKKMXnK3JuQX7QVOJ1Unn9UwfP0qUOnrNBF670GjLHiXGQ+rV/m4TJYoS+OKImc0WYiMAS8uPpkgNvE0M3+ZPzIOrIJN5sVWW3wbRKulF7iJ2URU4NCsou8ZhQV49T4Fxr3azdQnD2WPQRRwmjDEcYuLiJ+9EY1i+q5AFWKe/WAAY0i+rZikCmTRAGOIAxQCry39pHCLvlFT+M9TP2l3L58gu3Hrof/VGWbgBo005pS7/FAwL41QWiFKy/PYv36CrY4DU8sosD9aeW3OsngRJ2ncDiqzOKZO9D1rOsIv7n/rS8Alzw==";
// openssl rsa -in key.pem -RSAPublicKey_out
const PKCS1 = [
  "MIIBCgKCAQEAvWiBumMtfngSf6Dc/wZ7oDLIMIBfMHsQIN2EM2WbWlDtU3W30Qt4",
  "bM3GtcJ0D55bef4ydwOKI9C2f7es+T9HPFeqltodR3PjtaJ7NN19aOqNwF3Xa3KB",
  "51k4SOzlIzPuopJf2vwgbz3wMBZdKCesv3GVxLuN16mn45se3cLjCLzhyvNOiaPZ",
  "umGutljLOPpx4NX6PfmfcnIOLJQXRNqUIxRYhH9F9ExGTWzLuuc1QSfl87XDnkC2",
  "kRIdthiYjPXv/ARbV2fggsOawXjR3NOXl3Ou4PT6mYptTIEEw81MBGTmFWXoPDvA",
  "i6khRNx/vfh0YaV/g6yNNjjdyeqp7Qe5FQIDAQAB",
];
// openssl rsa -in key.pem -pubout: the same behind a head that names the algorithm
const SPKI =
  "MIIBIjANBgkqhkiG9w0BAQEFAAOCAQ8AMIIBCgKCAQEAvWiBumMtfngSf6Dc/wZ7oDLIMIBfMHsQIN2EM2WbWlDtU3W30Qt4bM3GtcJ0D55bef4ydwOKI9C2f7es+T9HPFeqltodR3PjtaJ7NN19aOqNwF3Xa3KB51k4SOzlIzPuopJf2vwgbz3wMBZdKCesv3GVxLuN16mn45se3cLjCLzhyvNOiaPZumGutljLOPpx4NX6PfmfcnIOLJQXRNqUIxRYhH9F9ExGTWzLuuc1QSfl87XDnkC2kRIdthiYjPXv/ARbV2fggsOawXjR3NOXl3Ou4PT6mYptTIEEw81MBGTmFWXoPDvAi6khRNx/vfh0YaV/g6yNNjjdyeqp7Qe5FQIDAQAB";
/** As Freshchat shows it: one form between the marks of the other, in one line. */
const SHOWN = `-----BEGIN RSA PUBLIC KEY----- ${SPKI} -----END RSA PUBLIC KEY-----`;

const other = generateKeyPairSync("rsa", { modulusLength: 2048 });
const OTHER = other.publicKey.export({ type: "spki", format: "pem" }).toString();

function request(signature: string | undefined, body = BODY): WebhookRequest {
  return {
    method: "POST",
    url: "https://recado.example.com/helpdesks/desk",
    query: {},
    headers: signature === undefined ? {} : { "x-freshchat-signature": signature },
    body: Buffer.from(body),
    receivedAt: 0,
  };
}

function verdict(given: WebhookRequest, publicKey: unknown = SHOWN) {
  return freshchat.door.verify(given, { name: "desk", settings, secrets: { publicKey } });
}

describe("Freshchat's signature", () => {
  it.each([
    ["as Freshchat shows it", SHOWN],
    ["as PEM, PKCS #1", ["-----BEGIN RSA PUBLIC KEY-----", ...PKCS1, "-----END RSA PUBLIC KEY-----", ""].join("\n")],
    ["as PEM, SPKI", `-----BEGIN PUBLIC KEY-----\n${SPKI.replace(/.{64}/g, "$&\n")}\n-----END PUBLIC KEY-----`],
    ["with line ends that were written out", ["-----BEGIN RSA PUBLIC KEY-----", ...PKCS1].join("\\n")],
    ["without its marks", SPKI],
  ])("is that of openssl, by a key %s", (_, key) => {
    expect(verdict(request(KNOWN), key)).toEqual({ ok: true });
    expect(verdict(request(KNOWN, `${BODY} `), key)).toMatchObject({ ok: false });
  });

  it("may be of any accepted key, while one takes another's place", () => {
    const signed = sign("sha256", Buffer.from(BODY), other.privateKey).toString("base64");
    for (const signature of [KNOWN, signed]) expect(verdict(request(signature), [OTHER, SHOWN])).toEqual({ ok: true });
    expect(verdict(request(signed))).toMatchObject({ ok: false });
    expect(verdict(request(KNOWN), ["no key at all", SHOWN])).toEqual({ ok: true });
  });

  it.each([
    ["of other bytes", request(KNOWN, BODY.replace("Olá", "Ola")), /other bytes/],
    ["of another key", request(sign("sha256", Buffer.from(BODY), other.privateKey).toString("base64")), /another key/],
    ["cut short", request(KNOWN.slice(0, 60)), /another key/],
    ["a hash with the key for a secret", request("b8C5nB8Sx5oyJZ0l0f0o1yqv1Z2y1F3Y1o6l5Hk1m2A="), /another key/],
    ["no base64", request("sha256=0a1b!"), /not base64/],
    ["not there", request(undefined), /missing/],
  ])("is refused when it is %s, and the hint says so", (_, given, hint) => {
    expect(verdict(given)).toEqual({ ok: false, hint: expect.stringMatching(hint) });
  });

  it.each([[undefined], [""], [[]], [" "], [{}]])("says that the key is not set (%j)", (publicKey) => {
    expect(verdict(request(KNOWN), publicKey ?? null)).toMatchObject({ ok: false, isUnset: true });
  });

  it.each([["a word"], ["-----BEGIN RSA PUBLIC KEY----- AAAA -----END RSA PUBLIC KEY-----"], [SPKI.slice(0, 200)]])(
    "says that what is set is no key (%s)",
    (publicKey) => {
      expect(verdict(request(KNOWN), publicKey)).toEqual({
        ok: false,
        hint: expect.stringMatching(/no RSA public key/),
      });
    },
  );

  it("is of an RSA key alone", () => {
    const { publicKey, privateKey } = generateKeyPairSync("ed25519");
    const signature = sign(null, Buffer.from(BODY), privateKey).toString("base64");
    const pem = publicKey.export({ type: "spki", format: "pem" }).toString();
    expect(verdict(request(signature), pem)).toMatchObject({ ok: false });
  });
});
