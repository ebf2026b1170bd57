import { describe, expect, it } from "vitest";
import { verify } from "../../shared/helpdesks/zendesk-messaging/verify.ts";

/** Two secrets in the form in which Sunshine Conversations makes them; nothing is computed from the body. */
const OLD = "9b1f0a6e5d7c4e21b8a3f6c0d2e4975a";
const NEW = "c47e2d9a1f3b4086a5d7e9b0c1f2384d";

function judged(key: string | undefined, webhookSecret: unknown, body = "{}") {
  const request = {
    method: "POST",
    url: "https://recado.example.com/helpdesks/desk",
    query: {},
    headers: { "content-type": "application/json", ...(key !== undefined && { "x-api-key": key }) },
    body: Buffer.from(body),
    receivedAt: 1_795_000_000_000,
  };
  const settings = { subdomain: "lojaazul", appId: "64f1c2a7be90d3f8417a5c02" };
  return verify(request, { name: "desk", settings, secrets: { webhookSecret } });
}

describe("the webhook's secret", () => {
  it.each([
    ["the only one", NEW, NEW],
    ["the new one of two", NEW, [OLD, NEW]],
    ["the old one of two", OLD, [OLD, NEW]],
  ])("is believed: %s", (_, key, secrets) => {
    expect(judged(key, secrets)).toEqual({ ok: true });
  });

  it.each([
    ["another one", OLD, NEW],
    ["its beginning", NEW.slice(0, -1), NEW],
    ["it with more behind", `${NEW}0`, NEW],
    ["in capitals", NEW.toUpperCase(), NEW],
    ["nothing", "", NEW],
    ["none", undefined, NEW],
  ])("is not believed: %s", (_, key, secrets) => {
    expect(judged(key, secrets)).toMatchObject({ ok: false, hint: expect.stringContaining("x-api-key") });
  });

  it.each([[undefined], [""], [[]], [[" "]], [7]])("is not set: %j", (secrets) => {
    expect(judged(NEW, secrets)).toMatchObject({ ok: false, isUnset: true });
  });

  it("never shows in a hint", () => {
    expect(JSON.stringify([judged(OLD, NEW), judged(undefined, NEW)])).not.toMatch(new RegExp(`${OLD}|${NEW}`));
  });
});
