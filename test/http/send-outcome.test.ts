/** What an answer to a send means, for every provider: only what is certain lets the message go out again. */
import { describe, expect, it } from "vitest";
import type { SendOutcome } from "../../shared/domain/outcome.ts";
import { outcomeOf } from "../../shared/http/send-outcome.ts";
import type { HttpAnswer } from "../../shared/ports.ts";

const provider = {
  idIn: ({ id }: Record<string, unknown>) => id,
  errorIn: ({ code }: Record<string, unknown>) => (typeof code === "string" ? { codes: [code] } : undefined),
  errors: {
    classes: { payload: ["bad"], transient: ["down"], rate: ["fast", "slow"] },
    waits: { slow: { scope: "pair" as const, seconds: 6 } },
    maybeSent: ["perhaps"],
  },
};

const outcome = (answer: HttpAnswer) => outcomeOf(answer, provider);
const answered = (status: number, body: object | string, headers: Record<string, string> = {}): HttpAnswer => ({
  ...{ kind: "answer", status, headers, body: typeof body === "string" ? body : JSON.stringify(body) },
});

describe("an answer", () => {
  it.each<[string, HttpAnswer, Partial<SendOutcome>]>([
    ["success with an id", answered(201, { id: "m1" }), { kind: "sent", providerMessageId: "m1" }],
    ["success without one", answered(200, {}), { kind: "uncertain" }],
    ["success that is no JSON", answered(200, "<html>"), { kind: "uncertain" }],
    ["an id on a failure", answered(500, { id: "m1" }), { kind: "uncertain" }],
    ["an error that is known", answered(400, { code: "bad" }), { kind: "rejected" }],
    ["an error that is known, on a server that failed", answered(500, { code: "bad" }), { kind: "rejected" }],
    ["an error that nobody knows", answered(400, { code: "new" }), { kind: "rejected" }],
    ["an error that nobody knows, on a server that failed", answered(500, { code: "new" }), { kind: "uncertain" }],
    ["an error of a time-out", answered(408, { code: "new" }), { kind: "uncertain" }],
    ["an error after which it may have gone out", answered(400, { code: "perhaps" }), { kind: "uncertain" }],
    ["an error that passes", answered(400, { code: "down" }), { kind: "unavailable" }],
    [
      "an error of one pair that is too fast",
      answered(400, { code: "slow" }),
      { kind: "throttled", scope: "pair", retryAfterSeconds: 6 },
    ],
    [
      "an error of an account that is too fast",
      answered(400, { code: "fast" }),
      { kind: "throttled", scope: "account", retryAfterSeconds: 5 },
    ],
    [
      "too much without a word",
      answered(429, "", { "retry-after": "12" }),
      { kind: "throttled", scope: "account", retryAfterSeconds: 12 },
    ],
    [
      "too much for days",
      answered(429, "", { "retry-after": "999999" }),
      { kind: "throttled", retryAfterSeconds: 3600 },
    ],
    ["a page of whatever stands in front", answered(403, "<html>"), { kind: "uncertain" }],
    ["none, after the request was on its way", { kind: "interrupted", detail: "closed" }, { kind: "uncertain" }],
    ["none, since nothing went out", { kind: "not_sent", detail: "ECONNREFUSED" }, { kind: "unavailable" }],
  ])("of %s", (_, answer, expected) => {
    expect(outcome(answer)).toMatchObject(expected);
  });
});
