/** What an answer of a desk's API says about what was asked: the same for every desk that has nothing better to go by. */
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { ask, harmless, notNow, ofTicket, type Refusal } from "../../shared/helpdesks/ask.ts";
import { forAccount } from "../../shared/helpdesks/by-account.ts";
import type { HttpAnswer, HttpRequest } from "../../shared/ports.ts";

const NOW = Date.UTC(2026, 10, 22, 12);
beforeEach(() => void vi.useFakeTimers({ now: NOW }));
afterEach(() => void vi.useRealTimers());

async function asked(method: "GET" | "POST", answer: HttpAnswer) {
  const requests: HttpRequest[] = [];
  const http = async (request: HttpRequest) => {
    requests.push(request);
    return answer;
  };
  const result = await ask(http, { method, url: "https://desk.example.com/tickets", headers: {}, json: { a: 1 } });
  return { result, requests };
}

const answered = (status: number, headers: Record<string, string> = {}): HttpAnswer => ({
  ...{ kind: "answer", status, headers, body: '{"error":"why"}' },
});

describe("an answer", () => {
  it("of success brings what it says", async () => {
    const { result, requests } = await asked("POST", { ...answered(201), body: '{"id":"1"}' } as HttpAnswer);
    expect(result).toEqual({ isOk: true, status: 201, json: { id: "1" }, headers: {} });
    expect(requests).toMatchObject([{ body: '{"a":1}', headers: { "content-type": "application/json" } }]);
  });

  it.each<[number, Refusal["kind"], Refusal["kind"]]>([
    // What is asked can be asked again; what was written may be there.
    [500, "unavailable", "uncertain"],
    [502, "unavailable", "uncertain"],
    [503, "unavailable", "uncertain"],
    // The desk is set up wrong, or closed: what was to be told keeps.
    [401, "unavailable", "unavailable"],
    [402, "unavailable", "unavailable"],
    [403, "unavailable", "unavailable"],
    [408, "unavailable", "unavailable"],
    [302, "unavailable", "unavailable"],
    // What was to be told is at fault.
    [400, "refused", "refused"],
    [404, "refused", "refused"],
    [413, "refused", "refused"],
    [422, "refused", "refused"],
    [429, "throttled", "throttled"],
  ])("of %i is %s to a question, and %s to a word", async (status, question, word) => {
    for (const [method, kind] of [
      ["GET", question],
      ["POST", word],
    ] as const) {
      const { result } = await asked(method, answered(status));
      expect(result).toMatchObject({
        ...{ isOk: false, status, json: { error: "why" } },
        outcome: { kind, detail: `HTTP ${status}` },
      });
    }
  });

  it("that did not come leaves a word uncertain, unless the request never went out", async () => {
    const cut = { kind: "interrupted", detail: "no answer in time" } as const;
    const unsent = { kind: "not_sent", detail: "ECONNREFUSED" } as const;
    const outcomes = [];
    for (const method of ["GET", "POST"] as const)
      for (const answer of [cut, unsent]) outcomes.push((await asked(method, answer)).result);
    expect(outcomes).toMatchObject([
      { outcome: { kind: "unavailable" } },
      { outcome: { kind: "unavailable" } },
      { outcome: { kind: "uncertain", detail: "no answer in time" } },
      { outcome: { kind: "unavailable", detail: "ECONNREFUSED" } },
    ]);
  });

  it.each<[string, Record<string, string>, number]>([
    ["nothing", {}, 5],
    ["seconds", { "retry-after": "30" }, 30],
    ["a date", { "retry-after": new Date(NOW + 40_000).toUTCString() }, 40],
    ["a date that is over", { "retry-after": new Date(NOW - 40_000).toUTCString() }, 5],
    ["a day", { "retry-after": "86400" }, 900],
    ["less than a second", { "retry-after": "0.2" }, 1],
    ["no number", { "retry-after": "soon" }, 5],
    ["seconds of the limit", { "ratelimit-reset": "12" }, 12],
    ["the moment of the limit", { "x-ratelimit-reset": String(NOW / 1000 + 20) }, 20],
    ["the moment of the limit in ms", { "x-ratelimit-reset": String(NOW + 25_000) }, 25],
  ])("of too much that says %s is waited for so long", async (_, headers, retryAfterSeconds) => {
    const { result } = await asked("POST", answered(429, headers));
    expect(result).toMatchObject({ outcome: { kind: "throttled", retryAfterSeconds } });
  });

  it("of a desk that is down until then is one of too much", async () => {
    const { result } = await asked("POST", answered(503, { "retry-after": "60" }));
    expect(result).toMatchObject({ outcome: { kind: "throttled", retryAfterSeconds: 60 } });
  });
});

describe("a refusal", () => {
  const throttled = { kind: "throttled", retryAfterSeconds: 9, detail: "HTTP 429" } as const;
  const refused = { kind: "refused", detail: "HTTP 422" } as const;
  const uncertain = { kind: "uncertain", detail: "HTTP 500" } as const;

  it("of a question is none of what was to be told", () => {
    expect([refused, uncertain, throttled].map(notNow)).toEqual([
      { kind: "unavailable", detail: "HTTP 422" },
      { kind: "unavailable", detail: "HTTP 500" },
      throttled,
    ]);
  });

  it("of what may be written again leaves nothing uncertain", () => {
    expect([refused, uncertain, throttled].map(harmless)).toEqual([
      refused,
      { kind: "unavailable", detail: "HTTP 500" },
      throttled,
    ]);
  });

  it("by a ticket that is not there needs another one", () => {
    const gone = { kind: "refused", detail: "HTTP 404" } as const;
    expect(ofTicket({ isOk: false, status: 404, outcome: gone })).toEqual({ kind: "closed", detail: "HTTP 404" });
    expect(ofTicket({ isOk: false, status: 422, outcome: refused })).toEqual(refused);
  });
});

describe("a setting that is one for all accounts, or each one's own", () => {
  it.each([
    ["7", "sms", "7"],
    [{ sms: "7", whatsapp: "8" }, "whatsapp", "8"],
    [{ sms: "7" }, "whatsapp", undefined],
    // An account may be called so.
    [{ sms: "7" }, "constructor", undefined],
    [undefined, "sms", undefined],
  ])("%j has for %s %s", (setting, account, value) => {
    expect(forAccount(setting, account)).toBe(value);
  });
});
