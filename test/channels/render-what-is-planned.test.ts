/** The two sides of `capabilities`: what `plan` lets through, `render` of the same connector has to take. */
import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { type ConnectorName, connectors } from "../../shared/channels/registry.ts";
import type { Content } from "../../shared/domain/content.ts";
import { plan } from "../../shared/domain/plan.ts";
import { SAMPLE } from "../contracts/provider.ts";

const word = (maxLength: number) =>
  fc.string({ unit: "grapheme", minLength: 1, maxLength }).filter((text) => text.trim() !== "");
const url = fc.constantFrom("https://example.com/a", "https://example.com/b?c=d");
const types = [
  "image/jpeg",
  "image/webp",
  "image/tiff",
  "video/mp4",
  "audio/ogg",
  "audio/mpeg",
  "application/pdf",
  "a/b",
];
const media = fc.record(
  {
    url,
    providerMediaId: fc.constant("1234"),
    contentType: fc.constantFrom(...types),
    fileName: word(12),
    size: fc.constantFrom(1_000, 7_000_000, 200_000_000),
  },
  { requiredKeys: ["contentType"] },
);
const option = fc.record({ id: word(300), title: word(30), description: word(100) }, { requiredKeys: ["id", "title"] });
const card = fc.record({ media, text: word(200), title: word(25), url }, { requiredKeys: ["title", "url"] });
const section = fc.record({ title: word(30), rows: fc.array(option, { maxLength: 8 }) }, { requiredKeys: ["rows"] });
const body = fc.oneof(
  word(40),
  word(40).map((text) => `${text}. `.repeat(60)),
);
const kind = <Type extends Content["type"]>(type: Type) => fc.constant(type);

const content: fc.Arbitrary<Content> = fc.oneof(
  fc.record({ type: kind("text"), text: body }),
  ...(["image", "video", "audio", "document", "sticker"] as const).map((type) =>
    fc
      .record({ type: kind(type), media, caption: body }, { requiredKeys: ["type", "media"] })
      .map((file) => file as Content),
  ),
  fc.record({
    type: kind("location"),
    latitude: fc.double({ min: -90, max: 90 }),
    longitude: fc.double({ min: -180, max: 180 }),
  }),
  fc.record({
    type: kind("contacts"),
    contacts: fc.constant<Record<string, unknown>[]>([{ name: { formatted_name: "Ana" }, phones: [{ phone: "+1" }] }]),
  }),
  fc.record({ type: kind("buttons"), text: body, buttons: fc.array(option, { minLength: 1, maxLength: 14 }) }),
  fc.record({ type: kind("list"), text: body, button: word(25), sections: fc.array(section, { maxLength: 3 }) }),
  fc.record({ type: kind("link"), text: body, title: word(25), url }),
  fc.record(
    { type: kind("carousel"), text: body, cards: fc.array(card, { minLength: 1, maxLength: 11 }) },
    { requiredKeys: ["type", "cards"] },
  ),
  fc.record({ type: kind("location-request"), text: body }),
  fc.record(
    {
      type: kind("template"),
      name: fc.constant("pedido"),
      language: fc.constant("pt_BR"),
      parameters: fc.array(word(10)),
    },
    { requiredKeys: ["type", "name", "language"] },
  ),
);

describe.each(Object.keys(connectors) as ConnectorName[])("%s", (name) => {
  const { capabilities, sender, vendor } = connectors[name];
  const now = Date.parse("2026-03-01T12:00:00Z");

  test("takes all that its capabilities let through", () => {
    fc.assert(
      fc.property(content, (given) => {
        const author = { type: "agent" as const };
        const { parts } = plan({ content: given, author, capabilities, lastInboundAt: now - 1, now });
        for (const part of parts) {
          const request = sender.render({
            to: "+351912345678",
            content: part.content,
            author,
            settings: SAMPLE[name].settings as never,
            correlation: "conv_a.msg_b.0",
            callbackUrl: "https://hooks.example.test/webhooks/x",
          });
          expect(request.url.startsWith(`${vendor.origin}/`)).toBe(true);
        }
      }),
      { numRuns: 500 },
    );
  });

  test("lets through, as something, whatever an agent may write", () => {
    const options = Array.from({ length: 5 }, (_, index) => ({ id: `o${index}`, title: `Opção ${index}` }));
    const photo = { url: "https://example.com/a.jpg", contentType: "image/jpeg" };
    const all: Content[] = [
      { type: "text", text: "x".repeat(5_000) },
      { type: "buttons", text: "Qual?", buttons: options },
      { type: "list", text: "Qual?", button: "Ver", sections: [{ rows: options }] },
      { type: "link", text: "Pague", title: "Pagar", url: "https://example.com" },
      { type: "carousel", cards: [{ title: "Azul", url: "https://example.com", media: photo }] },
      { type: "location", latitude: 1, longitude: 2 },
      { type: "location-request", text: "Onde?" },
      { type: "image", media: photo, caption: "x".repeat(1_500) },
      { type: "document", media: { ...photo, contentType: "application/zip" } },
    ];
    for (const content of all) {
      const planned = plan({ content, author: { type: "agent" }, capabilities, lastInboundAt: now - 1, now });
      expect([content.type, planned.reasons]).toEqual([content.type, []]);
    }
  });
});
