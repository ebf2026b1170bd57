/** LibreDesk's signature: over the bytes alone, by any accepted secret. */
import { createHmac } from "node:crypto";
import { describe, expect, it } from "vitest";
import type { WebhookRequest } from "../../shared/channels/connector.ts";
import { libredesk } from "../../shared/helpdesks/libredesk/index.ts";

const BODY = '{"event":"webhook.test","payload":{"id":3,"name":"Recado"},"timestamp":"2026-11-22T09:00:00Z"}';
const SECRET = "a secret of LibreDesk";
const settings = libredesk.settings.parse({
  baseUrl: "https://desk.example.com",
  inboxes: "7f1f2c1a-1b57-4a6e-9a6d-3c7f0e6f2b11",
});

function request(signature: string | undefined, body = BODY): WebhookRequest {
  return {
    method: "POST",
    url: "https://recado.example.com/helpdesks/desk",
    query: {},
    headers: signature === undefined ? {} : { "x-libredesk-signature": signature },
    body: Buffer.from(body),
    receivedAt: 0,
  };
}

function signed(key: string, body = BODY): string {
  return `sha256=${createHmac("sha256", key).update(body).digest("hex")}`;
}

function verdict(given: WebhookRequest, webhookSecret: unknown = SECRET) {
  return libredesk.door.verify(given, { name: "desk", settings, secrets: { webhookSecret } });
}

describe("LibreDesk's signature", () => {
  it("is the HMAC-SHA256 of the bytes, as computed elsewhere", () => {
    // printf '%s' '<body>' | openssl dgst -sha256 -hmac 'a secret of LibreDesk'
    const known = "ae7f9562fe523534b9471c80a7d370b4fcae866a83de7a22a186eca3b664967f";
    expect(verdict(request(`sha256=${known}`))).toEqual({ ok: true });
    expect(verdict(request(`sha256=${known.toUpperCase()}`))).toEqual({ ok: true });
  });

  it("may be of any accepted secret, while one takes another's place", () => {
    const both = ["the new one", SECRET];
    expect(verdict(request(signed(SECRET)), both)).toEqual({ ok: true });
    expect(verdict(request(signed("the new one")), both)).toEqual({ ok: true });
    expect(verdict(request(signed("the old one")), both)).toMatchObject({ ok: false });
  });

  it.each([
    ["of another body", request(signed(SECRET, `${BODY} `)), /other bytes/],
    ["of another secret", request(signed("another")), /another secret/],
    ["not there", request(undefined), /has the webhook in LibreDesk a secret/],
    ["cut short", request(signed(SECRET).slice(0, 40)), /64 hexadecimal digits/],
    ["without its name", request(signed(SECRET).slice("sha256=".length)), /`sha256=`/],
    ["of letters that are no digits", request(`sha256=${"z".repeat(64)}`), /64 hexadecimal digits/],
  ])("is refused when it is %s, and the hint says so", (_, given, hint) => {
    expect(verdict(given)).toEqual({ ok: false, hint: expect.stringMatching(hint) });
  });

  it.each([[undefined], [""], [[]], [" "], [{}]])("says that the secret is not set (%j)", (webhookSecret) => {
    expect(verdict(request(signed(SECRET)), webhookSecret ?? null)).toMatchObject({ ok: false, isUnset: true });
  });
});
