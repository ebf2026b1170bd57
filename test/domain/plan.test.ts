import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { Capabilities } from "../../shared/domain/capabilities.ts";
import type { Content } from "../../shared/domain/content.ts";
import { plan, replyUntil } from "../../shared/domain/plan.ts";

const HOUR = 3_600_000;
const NOW = Date.parse("2026-03-01T12:00:00Z");
const windowed: Capabilities = {
  text: { level: "full", longest: 10 },
  windowHours: 24,
  receipts: [],
  correlates: true,
};
const windowless: Capabilities = { text: { level: "full", longest: 10 }, receipts: [], correlates: true };
const hello: Content = { type: "text", text: "Olá!" };

function codes(content: Content, capabilities = windowed, lastInboundAt: number | undefined = NOW - HOUR): string[] {
  return plan({ content, capabilities, lastInboundAt, now: NOW }).reasons.map(({ code }) => code);
}

describe("what goes out", () => {
  it("is the text itself, inside the window, with the time until which replies are possible", () => {
    const lastInboundAt = NOW - HOUR;
    expect(plan({ content: hello, capabilities: windowed, lastInboundAt, now: NOW })).toEqual({
      allowed: true,
      reasons: [],
      parts: [{ content: hello }],
      replyUntil: lastInboundAt + 24 * HOUR,
    });
  });

  it("needs no message from the customer on a channel without a window", () => {
    expect(plan({ content: hello, capabilities: windowless, lastInboundAt: undefined, now: NOW })).toEqual({
      allowed: true,
      reasons: [],
      parts: [{ content: hello }],
    });
  });
});

describe("what does not", () => {
  it("text over the limit, counted in UTF-16 units", () => {
    expect(codes({ type: "text", text: "x".repeat(10) })).toEqual([]);
    expect(codes({ type: "text", text: "x".repeat(11) })).toEqual(["too_long"]);
    expect(codes({ type: "text", text: "🕐".repeat(6) })).toEqual(["too_long"]);
  });

  it("no text", () => {
    expect(codes({ type: "text", text: "" })).toEqual(["empty"]);
    expect(codes({ type: "text", text: " \n\t" })).toEqual(["empty"]);
  });

  it("another kind than text, or text where there is none", () => {
    expect(codes({ type: "location", latitude: 1, longitude: 2 })).toEqual(["not_carried"]);
    expect(codes(hello, { ...windowed, text: { level: "none" } })).toEqual(["not_carried"]);
  });

  it("a reply after the window, to the millisecond, or to somebody who never wrote", () => {
    expect(codes(hello, windowed, NOW - 24 * HOUR + 1)).toEqual([]);
    expect(codes(hello, windowed, NOW - 24 * HOUR)).toEqual(["window_closed"]);
    const never = plan({ content: hello, capabilities: windowed, lastInboundAt: undefined, now: NOW });
    expect(never).toMatchObject({ allowed: false, reasons: [{ code: "window_closed" }], parts: [] });
    expect(never.reasons[0]?.text).toBe(
      "The customer has not written yet: this channel takes replies only within 24 hours after a message from the customer.",
    );
  });

  it("says everything that is wrong at once", () => {
    expect(codes({ type: "text", text: "x".repeat(11) }, windowed, NOW - 25 * HOUR)).toEqual([
      "too_long",
      "window_closed",
    ]);
  });
});

it("is allowed exactly when nothing speaks against it, and then before replyUntil", () => {
  const texts = fc.string({ maxLength: 20 }).map((text): Content => ({ type: "text", text }));
  const inbound = fc.option(fc.integer({ min: NOW - 48 * HOUR, max: NOW }), { nil: undefined });
  fc.assert(
    fc.property(texts, inbound, fc.constantFrom(windowed, windowless), (content, lastInboundAt, capabilities) => {
      const planned = plan({ content, capabilities, lastInboundAt, now: NOW });
      expect(planned.allowed).toBe(planned.reasons.length === 0);
      expect(planned.allowed).toBe(planned.parts.length > 0);
      expect(planned.replyUntil).toBe(replyUntil(capabilities, lastInboundAt));
      if (planned.allowed && planned.replyUntil !== undefined) expect(NOW).toBeLessThan(planned.replyUntil);
    }),
  );
});
