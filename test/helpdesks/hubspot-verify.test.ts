import { describe, expect, it } from "vitest";
import type { WebhookRequest } from "../../shared/channels/connector.ts";
import { reply, verify } from "../../shared/helpdesks/hubspot/verify.ts";

/** The secret, address and digests that HubSpot's pages on signatures give as examples (of versions 1 and 2). */
const PUBLISHED = {
  secret: "yyyyyyyy-yyyy-yyyy-yyyy-yyyyyyyyyyyy",
  address: "https://www.example.com/webhook_uri",
  second: "eee2dddcc73c94d699f5e395f4b9d454a069a6855fbfa152e91e88823087200e",
  event:
    '[{"eventId":1,"subscriptionId":12345,"portalId":62515,"occurredAt":1564113600000,"subscriptionType":"contact.creation","attemptNumber":0,"objectId":123,"changeSource":"CRM","changeFlag":"NEW","appId":54321}]',
  first: "232db2615f3d666fe21a8ec971ac7b5402d33b9a925784df3ca654d05f4817de",
};

const SECRET = "cfc68e02-f3a6-4c4e-a6f9-32f0c3ac9bb4";
const AT = 1_795_341_600_000;
const ADDRESS = "https://recado.example.com/helpdesks/desk?key=kF3vXW2p";
const BODY = '{"type":"OUTGOING_CHANNEL_MESSAGE_CREATED","portalId":"8000001"}';
/** Made with `openssl dgst -sha256 -hmac <secret> -binary | base64` of method, address, body and time. */
const THIRD = "HxyP0qkJQgzoAjlIQqId22lS3bjpuQ/taJ3SUuCftKo=";
/** Of the same with `&to=a:b` behind the address. */
const THIRD_DECODED = "rKXtkBFGEcWRu0nqsXK0kE4LVWAsWhk//3ujYeidEIY=";
/** Made with `openssl dgst -sha256` of secret, method, address and body. */
const SECOND = "ea157f38778d534e684191947e157d66ff3a15ef8212edad97da1915b22190b9";

const TIME = { "x-hubspot-request-timestamp": String(AT) };
const desk = {
  name: "desk",
  settings: { channelId: "1042", channelAccounts: "2001", appId: "3003" },
  secrets: { accessToken: "pat", clientSecret: SECRET as unknown, pathToken: "kF3vXW2p" as unknown },
};
type Secrets = typeof desk.secrets;

function request(more: Partial<WebhookRequest> & { text?: string } = {}): WebhookRequest {
  const { text = BODY, ...rest } = more;
  const headers = { ...TIME, "x-hubspot-signature-v3": THIRD };
  const query = { key: "kF3vXW2p" };
  return { method: "POST", url: ADDRESS, query, headers, body: Buffer.from(text), receivedAt: AT, ...rest };
}
const judged = (more?: Parameters<typeof request>[0], secrets: Partial<Secrets> = {}) =>
  verify(request(more), { ...desk, secrets: { ...desk.secrets, ...secrets } });

describe("hubspot's door", () => {
  it("opens to the third version, over method, address, body and time", () => {
    expect(judged()).toEqual({ ok: true });
  });

  it("opens to it where it was made of the address with its characters decoded", () => {
    const headers = { ...TIME, "x-hubspot-signature-v3": THIRD_DECODED };
    expect(judged({ url: `${ADDRESS}&to=a%3Ab`, headers })).toEqual({ ok: true });
    expect(judged({ url: `${ADDRESS}&to=a%3ac`, headers })).toMatchObject({ ok: false });
  });

  it.each([
    ["another body", { text: `${BODY} ` }],
    ["another address", { url: `${ADDRESS}1` }],
    ["another method", { method: "PUT" }],
    ["another time", { headers: { ...request().headers, "x-hubspot-request-timestamp": String(AT + 1) } }],
    ["no time", { headers: { "x-hubspot-signature-v3": THIRD } }],
    ["no signature", { headers: TIME }],
    ["a part of one", { headers: { ...TIME, "x-hubspot-signature-v3": THIRD.slice(0, -8) } }],
    ["an empty one", { headers: { ...TIME, "x-hubspot-signature-v3": "", "x-hubspot-signature": "" } }],
  ])("stays shut to %s", (_, more) => {
    expect(judged(more)).toMatchObject({ ok: false });
  });

  it("stays shut to what is older than five minutes, or comes from the future, whatever else fits", () => {
    const headers = { ...request().headers, "x-hubspot-signature-v2": SECOND };
    expect(judged({ headers, receivedAt: AT + 300_000 })).toEqual({ ok: true });
    expect(judged({ headers, receivedAt: AT + 300_001 })).toMatchObject({ ok: false });
    expect(judged({ headers, receivedAt: AT - 300_001 })).toMatchObject({ ok: false });
  });

  it.each(["x-hubspot-signature", "x-hubspot-signature-v2"])("opens to the second version in %s", (name) => {
    expect(judged({ headers: { [name]: SECOND } })).toEqual({ ok: true });
    expect(judged({ headers: { [name]: SECOND }, text: `${BODY} ` })).toMatchObject({ ok: false });
    expect(judged({ headers: { [name]: SECOND.slice(2) } })).toMatchObject({ ok: false });
  });

  it("opens to the vendor's own examples of the second and the first version", () => {
    const clientSecret = PUBLISHED.secret;
    const second = { "x-hubspot-signature": PUBLISHED.second, "x-hubspot-signature-version": "v2" };
    expect(judged({ method: "GET", url: PUBLISHED.address, headers: second, text: "" }, { clientSecret })).toEqual({
      ok: true,
    });
    const first = { "x-hubspot-signature": PUBLISHED.first, "x-hubspot-signature-version": "v1" };
    expect(judged({ headers: first, text: PUBLISHED.event }, { clientSecret })).toEqual({ ok: true });
    expect(judged({ headers: first, text: `${PUBLISHED.event} ` }, { clientSecret })).toMatchObject({ ok: false });
  });

  it("opens to every secret and every word that is in force, while they are changed", () => {
    expect(judged({}, { clientSecret: ["new", SECRET], pathToken: ["new", "kF3vXW2p"] })).toEqual({ ok: true });
    expect(judged({}, { clientSecret: ["new", "newer"] })).toMatchObject({ ok: false });
  });

  it.each([{}, { key: "" }, { key: "kF3vXW2" }, { key: "kF3vXW2pp" }])(
    "stays shut without the word in the address: %j",
    (query) => {
      expect(judged({ query })).toMatchObject({ ok: false, hint: expect.stringContaining("?key=") });
    },
  );

  it("says which secret is not set", () => {
    expect(judged({}, { clientSecret: " " })).toEqual({ ok: false, isUnset: true, hint: "no client secret is set" });
    expect(judged({}, { pathToken: undefined })).toEqual({ ok: false, isUnset: true, hint: "no path token is set" });
  });

  it("names no secret in its refusals", () => {
    const hints = [judged({ query: {} }), judged({ text: "{}" }), judged({ headers: {} })].map((one) =>
      JSON.stringify(one),
    );
    for (const hint of hints) expect(hint).not.toMatch(/kF3vXW2p|cfc68e02/);
  });

  it("answers with success", () => {
    expect(reply()).toMatchObject({ status: 200 });
  });
});
