/** What reaches a desk that speaks our own form, judged by the library that its maker would use. */
import { Webhook, WebhookVerificationError } from "standardwebhooks";
import { afterEach, describe, expect, it, vi } from "vitest";
import { advance } from "../../shared/domain/conversation-log.ts";
import { toEnvelope } from "../../shared/domain/envelope.ts";
import { way } from "../../shared/helpdesks/generic/post.ts";
import type { HttpAnswer, HttpRequest } from "../../shared/ports.ts";

const NOW = 1_795_000_000_000;
const LOG = "conv_AAAAAAAAAAAAAAAAAAAAAA";
const arrival = { key: "k1", token: "t", type: "message.received", account: "whatsapp", channel: "whatsapp" } as const;
const message = {
  id: "msg_1",
  direction: "inbound",
  author: { type: "contact" },
  content: { type: "text", text: "Olá 😀" },
};
const entry = advance(undefined, { ...arrival, at: { received: NOW, recorded: NOW }, data: { message } });
const envelope = toEnvelope(LOG, 1, entry);

async function posted(webhookSecret: unknown, answer: HttpAnswer = answered(204)) {
  const requests: HttpRequest[] = [];
  const outcome = await way.post(
    envelope,
    { name: "desk", settings: { url: "https://desk.example.com/recado" }, secrets: { webhookSecret } },
    {
      now: NOW,
      http: async (request) => {
        requests.push(request);
        return answer;
      },
    },
  );
  return { outcome, requests };
}

function answered(status: number, headers: Record<string, string> = {}): HttpAnswer {
  return { kind: "answer", status, headers, body: "" };
}

describe("a post", () => {
  afterEach(() => vi.useRealTimers());
  const base64 = Buffer.from("a key of thirty-two bytes, or so").toString("base64");

  it.each([
    ["a whsec_ secret", [`whsec_${base64}`], new Webhook(`whsec_${base64}`)],
    ["any word", ["any word"], new Webhook("any word", { format: "raw" })],
    ["the one of two that its owner still has", ["new word", "old word"], new Webhook("old word", { format: "raw" })],
  ])("is genuine under %s", async (_, secrets, judge) => {
    vi.useFakeTimers({ now: NOW + 200_000 });
    const { requests, outcome } = await posted(secrets);
    expect(outcome).toEqual({ kind: "posted" });
    const [{ method, url, headers, body = "" } = { headers: {} } as HttpRequest] = requests;
    expect({ method, url }).toEqual({ method: "POST", url: "https://desk.example.com/recado" });
    expect(judge.verify(String(body), headers)).toEqual(envelope);
    expect(headers).toMatchObject({ "webhook-id": "evt_k1", "content-type": "application/cloudevents+json" });
    expect(() => judge.verify(String(body).replace("Olá", "Adeus"), headers)).toThrow(WebhookVerificationError);
  });

  it("is not made without a secret, and waits for one", async () => {
    const { requests, outcome } = await posted(undefined);
    expect(requests).toEqual([]);
    expect(outcome).toMatchObject({ kind: "unavailable" });
  });
});

describe("an answer of the desk", () => {
  it.each([
    [200, "posted"],
    [204, "posted"],
    [400, "refused"],
    [413, "refused"],
    [422, "refused"],
    [301, "unavailable"],
    [401, "unavailable"],
    [404, "unavailable"],
    [409, "unavailable"],
    [410, "unavailable"],
    [408, "unavailable"],
    [500, "unavailable"],
    [503, "unavailable"],
  ])("%i means that the event is %s", async (status, kind) => {
    expect((await posted(["word"], answered(status))).outcome).toMatchObject({ kind });
  });

  it.each([
    ["7", 7],
    ["86400", 900],
    ["-3", 5],
    ["Wed, 21 Oct 2026 07:28:00 GMT", 5],
    [undefined, 5],
  ])("429 with Retry-After %s has the event wait %i seconds", async (after, retryAfterSeconds) => {
    const { outcome } = await posted(["word"], answered(429, after === undefined ? {} : { "retry-after": after }));
    expect(outcome).toEqual({ kind: "throttled", retryAfterSeconds, detail: "HTTP 429" });
  });

  it("503 with Retry-After has it wait as long", async () => {
    const { outcome } = await posted(["word"], answered(503, { "retry-after": "60" }));
    expect(outcome).toEqual({ kind: "throttled", retryAfterSeconds: 60, detail: "HTTP 503" });
  });

  // Under its id the event is there once, however often it comes.
  it.each(["not_sent", "interrupted"] as const)("that did not come (%s) has it come again", async (kind) => {
    const { outcome } = await posted(["word"], { kind, detail: "ECONNRESET" });
    expect(outcome).toEqual({ kind: "unavailable", detail: "ECONNRESET" });
  });
});
