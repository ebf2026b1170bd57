import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { Capabilities } from "../../shared/domain/capabilities.ts";
import type { Content } from "../../shared/domain/content.ts";
import { fitToChannel } from "../../shared/domain/fit.ts";

type Carries = Capabilities["carries"];

const textOnly: Carries = { text: { longestText: 1600, segmented: true } };
const photo = { url: "https://example.com/a.jpg", contentType: "image/jpeg" };
const rich: Carries = {
  text: { longestText: 60 },
  image: { longestCaption: 20, files: [{ contentTypes: ["image/jpeg", "image/png"], largestBytes: 5_000_000 }] },
  video: { longestCaption: 20, files: [{ contentTypes: ["video/mp4"] }] },
  audio: { files: [{ contentTypes: ["audio/*"] }] },
  document: { longestCaption: 20, takesProviderMediaId: true },
  buttons: { longestText: 30, mostButtons: 3, longestTitle: 20, longestId: 10, uniqueTitles: true },
  list: {
    longestText: 60,
    mostRows: 10,
    mostSections: 10,
    longestTitle: 24,
    longestDescription: 72,
    longestListButton: 20,
  },
  link: { longestText: 60, longestTitle: 20 },
  carousel: { fewestCards: 2, mostCards: 10, longestCardText: 16, cardsNeedMedia: true },
  template: {},
};

const buttons = (...titles: string[]): Content => ({
  type: "buttons",
  text: "Qual?",
  buttons: titles.map((title, index) => ({ id: `b${index}`, title })),
});
const text = (words: string): Content => ({ type: "text", text: words });

/** What goes out, and the codes of what was changed. */
function became(content: Content, carries: Carries): [string[], Content[]] | string {
  const fitted = fitToChannel(content, carries);
  return fitted.kind === "refused" ? fitted.code : [fitted.changes.map(({ code }) => code), fitted.parts];
}

describe("options", () => {
  test("go out as they are within the limits", () => {
    expect(became(buttons("S", "M", "G"), rich)).toEqual([[], [buttons("S", "M", "G")]]);
  });

  test("become a numbered text where there are no buttons", () => {
    expect(became(buttons("S", "M"), textOnly)).toEqual([["numbered"], [text("Qual?\n\n1. S\n2. M")]]);
  });

  test.each([
    ["too many", buttons("1", "2", "3", "4")],
    ["of too long a title", buttons("um título de mais de 20", "M")],
    ["with the same title twice, of which only the list takes two", buttons("M", "M")],
  ])("become a list when there are %s", (_, content) => {
    const [codes, parts] = became(content, rich);
    expect(codes).toEqual(["as_list"]);
    expect(parts).toMatchObject([{ type: "list", sections: [{ rows: "buttons" in content && content.buttons }] }]);
  });

  test("of a list become buttons where those are all there is, unless something would be lost", () => {
    const list = (description?: string): Content => ({
      type: "list",
      text: "Qual?",
      button: "Ver",
      sections: [{ rows: [{ id: "b0", title: "S", ...(description && { description }) }] }],
    });
    const { list: _, ...carries } = rich;
    expect(became(list(), carries)).toEqual([["as_buttons"], [buttons("S")]]);
    expect(became(list("pequeno"), carries)).toEqual([["numbered"], [text("Qual?\n\n1. S: pequeno")]]);
  });

  test("under a body that is too long stand under its end", () => {
    const long: Content = {
      ...buttons("Sim"),
      type: "buttons",
      text: "Temos hoje, amanhã e depois. Serve assim?",
      buttons: [{ id: "s", title: "Sim" }],
    };
    expect(became(long, rich)).toEqual([
      ["split"],
      [
        text("Temos hoje, amanhã e depois."),
        { type: "buttons", text: "Serve assim?", buttons: [{ id: "s", title: "Sim" }] },
      ],
    ]);
  });

  test("none at all are no message", () => {
    expect(became({ type: "list", text: "Qual?", button: "Ver", sections: [] }, rich)).toBe("not_carried");
  });
});

describe("files", () => {
  test("keep a caption that fits, and send another as a text behind them", () => {
    const short: Content = { type: "image", media: photo, caption: "Azul" };
    expect(became(short, rich)).toEqual([[], [short]]);
    expect(became({ ...short, caption: "Azul, e também em verde" }, rich)).toEqual([
      ["caption_apart"],
      [{ type: "image", media: photo }, text("Azul, e também em verde")],
    ]);
    const voice: Content = { type: "audio", media: { ...photo, contentType: "audio/ogg; codecs=opus" }, voice: true };
    expect(became({ ...voice, caption: "Ouça" }, rich)).toEqual([["caption_apart"], [voice, text("Ouça")]]);
  });

  test.each([
    ["a type that is no picture here", { ...photo, contentType: "image/tiff" }],
    ["too large a picture", { ...photo, size: 5_000_001 }],
  ])("of %s go out as a document", (_, media) => {
    expect(became({ type: "image", media, caption: "x" }, rich)).toEqual([
      ["as_document"],
      [{ type: "document", media, caption: "x" }],
    ]);
  });

  test("become a link where the channel takes none of the kind", () => {
    const media = { url: "https://example.com/c.pdf", contentType: "application/pdf", fileName: "conta.pdf" };
    expect(became({ type: "document", media, caption: "A conta" }, textOnly)).toEqual([
      ["as_link"],
      [text("A conta\nconta.pdf: https://example.com/c.pdf")],
    ]);
  });

  test("a sticker becomes a picture", () => {
    const media = { ...photo, contentType: "image/png" };
    expect(became({ type: "sticker", media, animated: false }, rich)).toEqual([
      ["as_image"],
      [{ type: "image", media }],
    ]);
  });

  test("that nobody could fetch are refused, but for an upload that the provider knows", () => {
    const media = { providerMediaId: "77", contentType: "image/jpeg" };
    expect(became({ type: "image", media }, textOnly)).toBe("not_carried");
    expect(became({ type: "document", media }, rich)).toEqual([[], [{ type: "document", media }]]);
  });
});

describe("what has no form of its own on a channel", () => {
  test.each<[string, Content, string]>([
    [
      "link",
      { type: "link", text: "Pague aqui", title: "Pagar", url: "https://a.pt/p" },
      "Pague aqui\nPagar: https://a.pt/p",
    ],
    ["location-request", { type: "location-request", text: "Onde está?" }, "Onde está?"],
    [
      "location",
      { type: "location", latitude: 38.7, longitude: -9.1, name: "Loja", address: "Rua 1" },
      "Loja\nRua 1\nhttps://www.google.com/maps/search/?api=1&query=38.7,-9.1",
    ],
    [
      "contacts",
      {
        type: "contacts",
        contacts: [{ name: { formatted_name: "Ana" }, phones: [{ phone: "+351 1" }] }, { name: "Bia" }],
      },
      "Ana\n+351 1\n\nBia",
    ],
    [
      "carousel",
      {
        type: "carousel",
        text: "Novidades",
        cards: [
          { title: "Azul", text: "12 €", url: "https://a.pt/1" },
          { title: "Verde", url: "https://a.pt/2" },
        ],
      },
      "Novidades\n\n12 €\nAzul: https://a.pt/1\n\nVerde: https://a.pt/2",
    ],
  ])("%s becomes text", (_, content, words) => {
    expect(became(content, textOnly)).toEqual([["as_text"], [text(words)]]);
  });

  test("a carousel becomes pictures with captions where it has pictures", () => {
    const cards = [{ title: "Azul", url: "https://a.pt/1", media: photo }];
    const caption = "Azul: https://a.pt/1";
    expect(became({ type: "carousel", text: "Veja", cards }, rich)).toEqual([
      ["as_text"],
      [text("Veja"), { type: "image", media: photo, caption }],
    ]);
    expect(became({ type: "carousel", cards }, textOnly)).toEqual([
      ["as_text", "as_link"],
      [text(`${caption}\n${photo.url}`)],
    ]);
  });

  test("a carousel goes out as it is only with as many cards, and pictures of one kind, as the channel wants", () => {
    const card = { title: "Azul", url: "https://a.pt/1", media: photo };
    const film = { ...card, media: { url: "https://a.pt/v.mp4", contentType: "video/mp4" } };
    expect(became({ type: "carousel", cards: [card, card] }, rich)).toEqual([
      [],
      [{ type: "carousel", cards: [card, card] }],
    ]);
    for (const cards of [[card], [card, film], [card, { title: "x", url: "https://a.pt/2" }]]) {
      expect(became({ type: "carousel", cards }, rich)[0]).toEqual(["as_text"]);
    }
  });

  test("words above the cards go before them where the channel has no place for them, or not enough", () => {
    const card = { title: "Azul", url: "https://a.pt/1", media: photo };
    const cards: Content = { type: "carousel", cards: [card, card] };
    const heading = (longestText: number) => ({ ...rich, carousel: { ...rich.carousel, longestText } });
    const carousel: Content = { ...cards, text: "Chegaram. Veja!" };
    expect(became(carousel, heading(20))).toEqual([[], [carousel]]);
    expect(became(carousel, heading(10))).toEqual([["split"], [text("Chegaram."), { ...cards, text: "Veja!" }]]);
    expect(became(carousel, heading(0))).toEqual([["caption_apart"], [text("Chegaram. Veja!"), cards]]);
  });

  test.each<Content>([
    { type: "template", name: "a", language: "pt" },
    { type: "choice", id: "1", title: "x" },
    { type: "form", values: {} },
    { type: "unsupported", reason: "poll", raw: {} },
    { type: "contacts", contacts: [{}] },
  ])("$type is refused", (content) => {
    expect(became(content, textOnly)).toBe("not_carried");
  });

  test("nothing becomes text where there is no text", () => {
    expect(became(buttons("S"), {})).toBe("not_carried");
  });
});

describe("long text", () => {
  test("goes out in order, in parts that fit, and says so", () => {
    const fitted = fitToChannel(text("Primeiro isto e aquilo. ".repeat(5).trim()), rich);
    expect(fitted).toMatchObject({
      parts: [
        { text: "Primeiro isto e aquilo. Primeiro isto e aquilo." },
        { text: "Primeiro isto e aquilo. Primeiro isto e aquilo." },
        { text: "Primeiro isto e aquilo." },
      ],
      changes: [{ code: "split", text: "The text is longer than 60 characters and goes out as 3 messages." }],
    });
  });

  test("by bytes where the provider counts those", () => {
    expect(became(text("ééé ééé"), { text: { longestTextBytes: 6 } })).toEqual([["split"], [text("ééé"), text("ééé")]]);
  });

  test("of more parts than anybody reads is refused, at once", () => {
    expect(became(text("x".repeat(60 * 20)), rich)[1]).toHaveLength(20);
    expect(became(text("x".repeat(60 * 20 + 1)), rich)).toBe("too_long");
    expect(became(text("x".repeat(10_000_000)), rich)).toBe("too_long");
    // Fits by its length, but not where its sentences end.
    expect(became(text(`${"x".repeat(31)}. `.repeat(21)), rich)).toBe("too_long");
  });
});

test("whatever goes out is carried, within the limits of its kind, and a change is always told", () => {
  const short = fc.string({ minLength: 1, maxLength: 40 });
  const option = fc.record({ id: fc.string({ minLength: 1, maxLength: 12 }), title: short });
  const content: fc.Arbitrary<Content> = fc.oneof(
    fc.string({ maxLength: 400 }).map(text),
    fc.record({
      type: fc.constant("buttons" as const),
      text: short,
      buttons: fc.array(option, { minLength: 1, maxLength: 6 }),
    }),
    fc.record({
      type: fc.constant("list" as const),
      text: short,
      button: short,
      sections: fc.array(fc.record({ rows: fc.array(option, { maxLength: 6 }) }), { maxLength: 3 }),
    }),
    fc.record({ type: fc.constant("link" as const), text: short, title: short, url: fc.constant("https://a.pt") }),
    fc.record({
      type: fc.constantFrom("image" as const, "video" as const, "audio" as const, "document" as const),
      media: fc.record({
        url: fc.constant("https://a.pt/x"),
        contentType: fc.constantFrom("image/jpeg", "audio/ogg", "a/b"),
      }),
      caption: short,
    }),
  );
  fc.assert(
    fc.property(content, fc.constantFrom(rich, textOnly), (given, carries) => {
      const fitted = fitToChannel(given, carries);
      if (fitted.kind === "refused") return;
      expect(fitted.parts.length).toBeGreaterThan(0);
      for (const part of fitted.parts) {
        const limits = carries[part.type];
        expect(limits).toBeDefined();
        if ("text" in part) expect((part.text ?? "").length).toBeLessThanOrEqual(limits?.longestText ?? Infinity);
        if ("caption" in part) expect((part.caption ?? "").length).toBeLessThanOrEqual(limits?.longestCaption ?? 0);
        if (part.type === "buttons") expect(part.buttons.length).toBeLessThanOrEqual(limits?.mostButtons ?? 0);
      }
      const isSame = fitted.parts.length === 1 && fitted.parts[0]?.type === given.type;
      if (!isSame) expect(fitted.changes.length).toBeGreaterThan(0);
    }),
    { numRuns: 2_000 },
  );
});
