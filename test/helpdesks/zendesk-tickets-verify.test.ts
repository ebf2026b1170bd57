/** Zendesk's signature, by a vector that `openssl dgst -sha256 -hmac` made, and against what an attacker might try. */
import { describe, expect, it } from "vitest";
import type { WebhookRequest } from "../../shared/channels/connector.ts";
import { zendeskTickets } from "../../shared/helpdesks/zendesk-tickets/index.ts";

const SECRET = "wh-s3cret-AAAABBBBCCCC";
const SIGNED_AT = "2026-11-22T10:00:00Z";
const BODY =
  '{"type":"zen:event-type:ticket.comment_added","account_id":22129848,"id":"d4f5c389-8f4a-4c2e-a1b9-8e4f39c71d52","detail":{"id":"5158","subject":"Olá"}}';
const SIGNATURE = "AW2mgUEuEKpaDlqeuWSjcawn5J61GFBPirEicFWTqD4=";
const MINUTE_MS = 60_000;

interface Changes {
  signature?: string | undefined;
  timestamp?: string | undefined;
  body?: string;
  receivedAt?: number;
  secret?: unknown;
}

function verdictOf(changes: Changes = {}) {
  const { signature, timestamp } = { signature: SIGNATURE, timestamp: SIGNED_AT, ...changes };
  const request: WebhookRequest = {
    method: "POST",
    url: "https://recado.example.com/helpdesks/desk",
    query: {},
    headers: {
      ...(signature !== undefined && { "x-zendesk-webhook-signature": signature }),
      ...(timestamp !== undefined && { "x-zendesk-webhook-signature-timestamp": timestamp }),
    },
    body: Buffer.from(changes.body ?? BODY),
    receivedAt: changes.receivedAt ?? Date.parse(SIGNED_AT) + 1_000,
  };
  const settings = { subdomain: "acme", email: "recado@acme.example", integrationUserId: 35_436 };
  const webhookSecret = "secret" in changes ? changes.secret : SECRET;
  return zendeskTickets.door.verify(request, { name: "desk", settings, secrets: { webhookSecret } });
}

describe("a webhook of Zendesk's", () => {
  it("is accepted as it is signed, with any of several secrets", () => {
    expect(verdictOf()).toEqual({ ok: true });
    expect(verdictOf({ secret: ["of-tomorrow", SECRET] })).toEqual({ ok: true });
    expect(verdictOf({ secret: [SECRET, "of-yesterday"] })).toEqual({ ok: true });
  });

  it.each<[string, Changes, RegExp]>([
    ["another secret", { secret: "another" }, /another secret/],
    ["another body", { body: BODY.replace("5158", "5159") }, /other bytes/],
    ["another time than was signed", { timestamp: "2026-11-22T10:00:30Z" }, /other bytes/],
    ["a part of the signature", { signature: SIGNATURE.slice(0, 12) }, /another secret/],
    ["something that is no base64", { signature: "%%%" }, /another secret/],
    ["an empty signature", { signature: "" }, /not both there/],
    ["no signature", { signature: undefined }, /not both there/],
    ["no time", { timestamp: undefined }, /not both there/],
  ])("is refused with %s, and the hint says why", (_, changes, hint) => {
    expect(verdictOf(changes)).toEqual({ ok: false, hint: expect.stringMatching(hint) });
  });

  it.each([
    [5 * MINUTE_MS, true],
    [5 * MINUTE_MS + 1, false],
    [-5 * MINUTE_MS, true],
    [-5 * MINUTE_MS - 1, false],
  ])("counts for five minutes before and behind our clock (%d ms: %s)", (apartMs, isOk) => {
    expect(verdictOf({ receivedAt: Date.parse(SIGNED_AT) + apartMs }).ok).toBe(isOk);
  });

  it.each([[undefined], [""], [[]], [["", " "]]])("cannot be judged without a secret (%j)", (secret) => {
    expect(verdictOf({ secret })).toMatchObject({ ok: false, isUnset: true });
  });
});
