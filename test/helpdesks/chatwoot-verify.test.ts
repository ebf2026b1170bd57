import { describe, expect, it } from "vitest";
import type { WebhookRequest } from "../../shared/channels/connector.ts";
import { chatwoot } from "../../shared/helpdesks/chatwoot/index.ts";

/** Computed with `openssl dgst -sha256 -hmac`, over the time, a full stop and the body. */
const SECRET = "kq0vN2J8x1dQZ3mYb7RtUwHs";
const TIMESTAMP = "1795000000";
const BODY =
  '{"event":"message_created","id":42,"content":"Olá, já vai 😀","message_type":"outgoing","private":false,"conversation":{"id":7}}';
const SIGNATURE = "sha256=2737157debf35f79802f0297cd32c8443011a28ff6fb93f700156d686ed93a22";
const AT = 1_795_000_000_000;

function verdict(webhookSecret: unknown, more: Partial<WebhookRequest> = {}, headers: Record<string, string> = {}) {
  const request = {
    ...{ method: "POST", url: "https://recado.example.com/helpdesks/desk", query: {}, receivedAt: AT },
    body: Buffer.from(BODY),
    headers: { "x-chatwoot-timestamp": TIMESTAMP, "x-chatwoot-signature": SIGNATURE, ...headers },
    ...more,
  };
  const settings = { baseUrl: "https://chatwoot.example.com", accountId: 1, inbox: { id: 1, identifier: "i" } };
  return chatwoot.door.verify(request, { name: "desk", settings, secrets: { webhookSecret } });
}

describe("a webhook's signature", () => {
  it.each([
    ["the inbox's secret", SECRET],
    ["one of several inboxes", ["another inbox's", SECRET]],
    ["the one before the last change", ["new", SECRET, ""]],
  ])("is genuine with %s", (_, secrets) => {
    expect(verdict(secrets)).toEqual({ ok: true });
  });

  it.each([
    ["of another secret", ["other"], {}, {}, "another secret"],
    ["stored with blanks around the secret", [`${SECRET} `], {}, {}, "blanks"],
    ["over another body", SECRET, { body: Buffer.from(BODY.replace("já vai", "nunca")) }, {}, "another secret"],
    ["under another time", SECRET, {}, { "x-chatwoot-timestamp": "1795000001" }, "another secret"],
    ["cut short", SECRET, {}, { "x-chatwoot-signature": SIGNATURE.slice(0, -2) }, "64 hexadecimal"],
    ["without its kind", SECRET, {}, { "x-chatwoot-signature": SIGNATURE.slice(7) }, "64 hexadecimal"],
    ["without a time", SECRET, {}, { "x-chatwoot-timestamp": "" }, "no number"],
    ["of six minutes ago", SECRET, { receivedAt: AT + 360_000 }, {}, "five minutes"],
    ["of a time to come", SECRET, { receivedAt: AT - 360_000 }, {}, "five minutes"],
    ["that is not there", SECRET, { headers: {} }, {}, "not signed"],
  ])("is refused %s", (_, secrets, more, headers, hint) => {
    expect(verdict(secrets, more, headers)).toEqual({ ok: false, hint: expect.stringContaining(hint) });
  });

  it.each([[undefined], [[]], [[" "]], [7]])("cannot be judged without a secret (%j)", (secrets) => {
    expect(verdict(secrets)).toMatchObject({ ok: false, isUnset: true });
  });
});
