/** Gorgias signs nothing: the word in the header that the HTTP integration's owner wrote is all there is. */
import { describe, expect, it } from "vitest";
import type { WebhookRequest } from "../../shared/channels/connector.ts";
import { gorgias } from "../../shared/helpdesks/gorgias/index.ts";

const WORD = "0f1e2d3c-a-long-random-word";
const settings = gorgias.settings.parse({ domain: "acme", email: "recado@acme.example" });

function request(headers: Record<string, string>): WebhookRequest {
  return {
    method: "POST",
    url: "https://recado.example.com/helpdesks/desk",
    query: {},
    headers,
    body: Buffer.from("{}"),
    receivedAt: 0,
  };
}

function verdict(headers: Record<string, string>, webhookSecret: unknown = WORD) {
  return gorgias.door.verify(request(headers), { name: "desk", settings, secrets: { webhookSecret } });
}

describe("a call of Gorgias's HTTP integration", () => {
  it.each([[WORD], [["the next one", WORD]], [[WORD, "the one before"]]])(
    "is taken with the secret of %j",
    (secret) => {
      expect(verdict({ "x-recado-secret": WORD }, secret)).toEqual({ ok: true });
    },
  );

  it.each([
    ["another word", { "x-recado-secret": "another" }, /another secret/],
    ["a part of it", { "x-recado-secret": WORD.slice(0, -1) }, /another secret/],
    ["more than it", { "x-recado-secret": `${WORD} ` }, /another secret/],
    ["an empty header", { "x-recado-secret": "" }, /is missing: has the HTTP integration/],
    ["no header", {}, /is missing: has the HTTP integration/],
    ["the word elsewhere", { authorization: WORD }, /is missing/],
  ])("is refused with %s, and the hint says why without telling the word", (_, headers, hint) => {
    const given = verdict(headers);
    expect(given).toEqual({ ok: false, hint: expect.stringMatching(hint) });
    expect(JSON.stringify(given)).not.toContain(WORD);
  });

  it.each([[undefined], [""], [" "], [[]], [["", " "]], [{}]])("cannot be judged without a secret (%j)", (secret) => {
    expect(verdict({ "x-recado-secret": WORD }, secret ?? null)).toMatchObject({ ok: false, isUnset: true });
  });
});
