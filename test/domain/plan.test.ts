import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { Capabilities } from "../../shared/domain/capabilities.ts";
import type { Content } from "../../shared/domain/content.ts";
import type { Author } from "../../shared/domain/event.ts";
import { type Plan, partsToKeep, plan, replyUntil } from "../../shared/domain/plan.ts";

const HOUR = 3_600_000;
const NOW = Date.parse("2026-03-01T12:00:00Z");
const windowless: Capabilities = { carries: { text: { longestText: 10 } }, receipts: [], correlates: true };
const windowed: Capabilities = { ...windowless, windowHours: 24 };
const sms: Capabilities = { ...windowless, carries: { text: { longestText: 1600, segmented: true } } };
const hello: Content = { type: "text", text: "Olá!" };
const template: Content = { type: "template", name: "pedido_pronto", language: "pt_BR" };

interface Case {
  content?: Content;
  author?: Author["type"];
  capabilities?: Capabilities;
  hoursAgo?: number | undefined;
}

function planned({ content = hello, author = "agent", capabilities = windowed, ...rest }: Case = {}): Plan {
  const hoursAgo = "hoursAgo" in rest ? rest.hoursAgo : 1;
  const lastInboundAt = hoursAgo === undefined ? undefined : NOW - hoursAgo * HOUR;
  return plan({ content, author: { type: author }, capabilities, lastInboundAt, now: NOW });
}

const codes = (asked: Case) => planned(asked).reasons.map(({ code }) => code);

describe("what goes out", () => {
  it("is the text itself, inside the window, with the time until which replies are possible", () => {
    expect(planned()).toEqual({
      allowed: true,
      reasons: [],
      parts: [{ content: hello }],
      changes: [],
      replyUntil: NOW + 23 * HOUR,
    });
  });

  it("needs no message from the customer on a channel without a window", () => {
    expect(planned({ capabilities: windowless, hoursAgo: undefined })).toEqual({
      allowed: true,
      reasons: [],
      parts: [{ content: hello }],
      changes: [],
    });
  });

  it("tells the segments of each part and of all, where the network charges for them", () => {
    const content: Content = { type: "text", text: "Não há. ".repeat(250) };
    const { parts, segments, priceClass } = planned({ content, capabilities: sms });
    expect(parts.map((part) => [part.encoding, part.segments])).toEqual([
      ["UCS-2", 24],
      ["UCS-2", 6],
    ]);
    expect([segments, priceClass]).toEqual([30, "sms"]);
  });

  it("is spelled as it is counted: accents composed, line ends of one character", () => {
    const content: Content = { type: "text", text: "cafe\u0301\r\n" };
    expect(planned({ content, capabilities: sms }).parts).toEqual([
      { content: { type: "text", text: "café\n" }, segments: 1, encoding: "GSM-7" },
    ]);
  });

  it("is an MMS with a picture, whose caption may be a segment of its own", () => {
    const capabilities: Capabilities = { ...sms, carries: { ...sms.carries, image: {} } };
    const media = { url: "https://example.com/a.png", contentType: "image/png" };
    expect(planned({ content: { type: "image", media, caption: "Oi" }, capabilities })).toMatchObject({
      parts: [{ content: { type: "image", media } }, { content: { type: "text", text: "Oi" }, segments: 1 }],
      segments: 1,
      priceClass: "mms",
    });
  });
});

describe("what does not", () => {
  it("no text", () => {
    expect(codes({ content: { type: "text", text: "" } })).toEqual(["empty"]);
    expect(codes({ content: { type: "text", text: " \n\t" } })).toEqual(["empty"]);
  });

  it("a reply after the window, to the millisecond, or to somebody who never wrote", () => {
    expect(codes({ hoursAgo: 24 - 1 / HOUR })).toEqual([]);
    expect(codes({ hoursAgo: 24 })).toEqual(["window_closed"]);
    const never = planned({ hoursAgo: undefined });
    expect(never).toMatchObject({ allowed: false, reasons: [{ code: "window_closed" }], parts: [] });
    expect(never.reasons[0]?.text).toBe(
      "The customer has not written yet: this channel takes replies only within 24 hours after a message from the customer.",
    );
  });

  it("says everything that is wrong at once, and shows nothing as going out", () => {
    const both = planned({ content: { type: "form", values: {} }, hoursAgo: 25 });
    expect(both).toMatchObject({ parts: [], changes: [] });
    expect(both.reasons.map(({ code }) => code)).toEqual(["not_carried", "window_closed"]);
  });
});

describe("beyond the window", () => {
  const meta: Capabilities = { ...windowed, humanAgentHours: 168, carries: { ...windowed.carries, template: {} } };

  it("a person may still answer for so long, and the provider is told that it is one", () => {
    expect(planned({ capabilities: meta, hoursAgo: 167 })).toMatchObject({ allowed: true, tag: "human_agent" });
    expect(planned({ capabilities: meta, hoursAgo: 23 })).not.toHaveProperty("tag");
    expect(codes({ capabilities: meta, hoursAgo: 168 })).toEqual(["window_closed"]);
    expect(codes({ capabilities: meta, hoursAgo: undefined })).toEqual(["window_closed"]);
  });

  it.each(["bot", "system"] as const)("a %s may not, and is told who may", (author) => {
    const refused = planned({ capabilities: meta, hoursAgo: 25, author });
    expect(refused).toMatchObject({ allowed: false, reasons: [{ code: "window_closed" }] });
    expect(refused).not.toHaveProperty("tag");
    expect(refused.reasons[0]?.text).toBe(
      "The customer last wrote more than 24 hours ago: this channel takes replies only within 24 hours after a message from the customer. A reply that a person writes is still possible. A template is possible at any time.",
    );
  });

  it.each([undefined, 1000])("a template goes where templates are carried (%s hours)", (hoursAgo) => {
    expect(planned({ capabilities: meta, content: template, author: "bot", hoursAgo })).toMatchObject({
      allowed: true,
      parts: [{ content: template }],
      template: { name: "pedido_pronto", language: "pt_BR" },
    });
    expect(codes({ content: template, hoursAgo })).toEqual(["not_carried"]);
  });
});

it("the log keeps the parts only where they are not the message itself", () => {
  expect(partsToKeep(planned(), hello)).toEqual({});
  const long: Content = { type: "text", text: "Um dia. Outro." };
  expect(partsToKeep(planned({ content: long }), long)).toEqual({
    parts: [
      { type: "text", text: "Um dia." },
      { type: "text", text: "Outro." },
    ],
  });
});

it("is allowed exactly when nothing speaks against it, and then before replyUntil", () => {
  const texts = fc.string({ maxLength: 20 }).map((text): Content => ({ type: "text", text }));
  const hours = fc.option(fc.nat(48), { nil: undefined });
  fc.assert(
    fc.property(texts, hours, fc.constantFrom(windowed, windowless), (content, hoursAgo, capabilities) => {
      const answer = planned({ content, hoursAgo, capabilities });
      expect(answer.allowed).toBe(answer.reasons.length === 0);
      expect(answer.allowed).toBe(answer.parts.length > 0);
      const lastInboundAt = hoursAgo === undefined ? undefined : NOW - hoursAgo * HOUR;
      expect(answer.replyUntil).toBe(replyUntil(capabilities, lastInboundAt));
      if (answer.allowed && answer.replyUntil !== undefined) expect(NOW).toBeLessThan(answer.replyUntil);
    }),
  );
});
