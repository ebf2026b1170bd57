import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { Capabilities } from "../../shared/domain/capabilities.ts";
import type { Content } from "../../shared/domain/content.ts";
import type { Author } from "../../shared/domain/event.ts";
import { type Plan, partsToKeep, plan, type Question, replyUntil } from "../../shared/domain/plan.ts";

const HOUR = 3_600_000;
const NOW = Date.parse("2026-03-01T12:00:00Z");
const windowless: Capabilities = { carries: { text: { longestText: 10 } }, receipts: [], correlates: true };
const windowed: Capabilities = { ...windowless, windowHours: 24 };
const sms: Capabilities = { ...windowless, carries: { text: { longestText: 1600, segmented: true } } };
const hello: Content = { type: "text", text: "Olá!" };
const template: Content = { type: "template", name: "pedido_pronto", language: "pt_BR" };

interface Case extends Partial<Pick<Question, "address" | "topic" | "optedOut" | "quietHours" | "fallback">> {
  content?: Content;
  author?: Author["type"];
  capabilities?: Capabilities;
  hoursAgo?: number | undefined;
  confirmsOptOut?: boolean;
}

function planned({ content = hello, author = "agent", capabilities = windowed, ...rest }: Case = {}): Plan {
  const { hoursAgo, ...more } = { hoursAgo: 1, ...rest };
  const lastInboundAt = hoursAgo === undefined ? undefined : NOW - hoursAgo * HOUR;
  return plan({ content, author: { type: author }, capabilities, lastInboundAt, now: NOW, ...more });
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

const templates: Capabilities = { ...windowed, carries: { ...windowed.carries, template: {} } };

describe("a customer who wants no more messages", () => {
  it.each(["agent", "bot", "system"] as const)(
    "gets none from any %s, and the reason says how they come back",
    (author) => {
      const refused = planned({ capabilities: sms, optedOut: ["all"], author });
      expect(refused).toMatchObject({ allowed: false, parts: [], reasons: [{ code: "opted_out" }] });
      expect(refused.reasons[0]?.text).toContain("until they write START");
    },
  );

  it("is told once that it was understood", () => {
    expect(planned({ capabilities: sms, optedOut: ["all"], confirmsOptOut: true })).toMatchObject({ allowed: true });
  });

  const proactive = ["proactive"];
  it.each<[string, Case, boolean]>([
    ["an answer while the window is open", {}, true],
    ["an answer that says that it is one", { topic: "conversation" }, true],
    ["an answer in a template", { topic: "conversation", content: template }, true],
    ["a template right after the stop word", { content: template }, false],
    ["a template later", { content: template, topic: "conversation", hoursAgo: 25 }, false],
    ["a message on a topic", { topic: "orders" }, false],
    ["a template in place of an answer", { hoursAgo: 25, fallback: template }, false],
  ])("on a channel where only what we begin is stopped: %s", (_, asked, isAllowed) => {
    const { allowed, reasons } = planned({ capabilities: templates, optedOut: proactive, ...asked });
    expect([allowed, reasons.map(({ code }) => code)]).toEqual([isAllowed, isAllowed ? [] : ["opted_out"]]);
  });

  it("of one topic gets everything else", () => {
    const optedOut = ["marketing"];
    expect(codes({ optedOut, topic: "marketing" })).toEqual(["opted_out"]);
    expect(codes({ optedOut, topic: "orders" })).toEqual([]);
    expect(codes({ optedOut })).toEqual([]);
    expect(codes({ optedOut, content: template, capabilities: templates, hoursAgo: 30 })).toEqual([]);
  });
});

describe("quiet hours", () => {
  const quietHours = { from: "11:00", to: "14:00", timeZone: "UTC" };
  const notBefore = Date.parse("2026-03-01T14:00:00Z");

  it("hold back what we begin ourselves, and say until when", () => {
    const asked = { quietHours, topic: "orders", capabilities: sms };
    expect(planned(asked)).toMatchObject({ allowed: false, notBefore, reasons: [{ code: "quiet_hours" }] });
    expect(planned(asked).reasons[0]?.text).toContain("2026-03-01T14:00:00.000Z");
    expect(codes({ quietHours, content: template, capabilities: templates, hoursAgo: 25 })).toEqual(["quiet_hours"]);
    expect(codes({ ...asked, quietHours: { ...quietHours, from: "12:01" } })).toEqual([]);
  });

  it("hold back no answer and no confirmation", () => {
    expect(planned({ quietHours })).not.toHaveProperty("notBefore");
    expect(codes({ quietHours, topic: "conversation" })).toEqual([]);
    expect(codes({ quietHours, content: template, capabilities: templates })).toEqual([]);
    expect(codes({ quietHours, topic: "orders", confirmsOptOut: true })).toEqual([]);
  });
});

describe("a template in place of an answer that comes too late", () => {
  const fallback = { ...template, type: "template" as const, parameters: ["{text}", "Ana"] };
  const late = { capabilities: templates, fallback, hoursAgo: 25 };
  const parametersFor = (content: Content) => {
    const [part] = planned({ ...late, content }).parts;
    return part?.content.type === "template" ? part.content.parameters : undefined;
  };

  it("says what the answer says, and that it stands in", () => {
    expect(planned(late)).toMatchObject({
      allowed: true,
      parts: [{ content: { type: "template", name: "pedido_pronto", parameters: ["Olá!", "Ana"] } }],
      changes: [{ code: "template_fallback" }],
      template: { name: "pedido_pronto", language: "pt_BR" },
    });
  });

  it("has each parameter in one line, as long as one may be", () => {
    expect(parametersFor({ type: "text", text: "Um\n\tdia     $& {text}." })).toEqual(["Um dia $& {text}.", "Ana"]);
    const [long] = parametersFor({ type: "text", text: "😀".repeat(600) }) as string[];
    expect([long?.length, long?.at(-1), long?.isWellFormed()]).toEqual([1023, "…", true]);
    const named = { ...fallback, parameters: { said: "Disse: {text}" } };
    expect(planned({ ...late, fallback: named }).parts).toMatchObject([
      { content: { parameters: { said: "Disse: Olá!" } } },
    ]);
  });

  it("repeats the words of a picture; for one without any nothing stands in, unless nothing is to be repeated", () => {
    const media = { url: "https://example.com/a.png", contentType: "image/png" };
    expect(parametersFor({ type: "image", media, caption: "Este" })).toEqual(["Este", "Ana"]);
    expect(codes({ ...late, content: { type: "image", media } })).toContain("window_closed");
    expect(
      codes({ ...late, content: { type: "image", media }, fallback: { ...fallback, parameters: ["Ana"] } }),
    ).toEqual([]);
  });

  it("is no template while the window is open, in place of a template, or where none is carried", () => {
    expect(planned({ ...late, hoursAgo: 1 })).toMatchObject({ parts: [{ content: hello }], changes: [] });
    expect(planned({ ...late, content: template }).parts).toEqual([{ content: template }]);
    expect(codes({ ...late, capabilities: windowed })).toEqual(["window_closed"]);
  });
});

it("a group takes less than a person does", () => {
  const groups = { addressPrefix: "group:", kinds: ["text", "template"] as const };
  const capabilities = { ...templates, carries: { text: {}, template: {}, buttons: {} }, groups };
  const content: Content = { type: "buttons", text: "Qual?", buttons: [{ id: "s", title: "S" }] };
  const kindsTo = (address: string) =>
    planned({ content, capabilities, address }).parts.map((part) => part.content.type);
  expect(kindsTo("5511987650000")).toEqual(["buttons"]);
  expect(kindsTo("group:Y2FwaV9ncm91cA")).toEqual(["text"]);
});
