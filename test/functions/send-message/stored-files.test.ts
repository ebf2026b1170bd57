/** Files that are named by their ids get their addresses when they are sent, and no sooner. */
import { describe, expect, it } from "vitest";
import type { Content } from "../../../shared/domain/content.ts";
import { fileBehind, placeholderOf } from "../../../shared/domain/media-link.ts";
import { LOG, NOW, SendingWorld } from "../../fakes/sending-world.ts";

const id = "med_AAAAAAAAAAAAAAAAAAAAAA";
const other = "med_BBBBBBBBBBBBBBBBBBBBBB";
const media = { id, contentType: "image/jpeg", size: 5 };
const fetched = { ...media, url: `https://bucket.test/media/${id}?seconds=43200&disposition=` };

async function sent(content: Content, given: ConstructorParameters<typeof SendingWorld>[0] = {}): Promise<Content[]> {
  const world = new SendingWorld({ content, ...given });
  await world.untilQuiet();
  expect(JSON.stringify(world.table.logs.get(LOG))).not.toMatch(/bucket|v1\/links/);
  return world.requests.map((request) => (request as object as { content: Content }).content);
}

describe("a file of ours", () => {
  it("is fetched by the provider from a link that lasts for hours, wherever the message holds it", async () => {
    const all = { text: {}, image: {}, carousel: { mostCards: 10 }, template: {} };
    const capabilities = { carries: all };
    const card = { title: "Ver", url: "https://a.pt" };
    const template: Content = { type: "template", name: "a", language: "pt" };
    const contents: [Content, Content][] = [
      [
        { type: "image", media, caption: "x" },
        { type: "image", media: fetched },
      ],
      [
        { type: "carousel", cards: [{ ...card, media }, card] },
        { type: "carousel", cards: [{ ...card, media: fetched }, card] },
      ],
      [
        { ...template, header: media },
        { ...template, header: fetched },
      ],
      [
        { ...template, header: "Olá" },
        { ...template, header: "Olá" },
      ],
    ];
    for (const [content, first] of contents) expect((await sent(content, { capabilities }))[0]).toEqual(first);
  });

  it("is named by its place in the bucket where the provider reads nothing else; what lies elsewhere is a link", async () => {
    const stored = { storedOnly: true, files: [{ contentTypes: ["image/*"] }] } as const;
    const capabilities = { carries: { text: {}, image: stored } };
    const image = { ...media, url: `s3://bucket/media/${id}` };
    expect(await sent({ type: "image", media }, { capabilities })).toEqual([{ type: "image", media: image }]);
    const elsewhere = { url: "https://a.pt/b.jpg", contentType: "image/jpeg" };
    expect(await sent({ type: "image", media: elsewhere }, { capabilities })).toEqual([
      { type: "text", text: "https://a.pt/b.jpg" },
    ]);
  });

  it("is a link of ours in a text, which opens this file and no other", async () => {
    const content: Content = { type: "document", media: { ...media, fileName: "a.jpg" }, caption: "A foto" };
    const parts: Content[] = [{ type: "text", text: `A foto\na.jpg: ${placeholderOf(id)} ${placeholderOf(other)}` }];
    for (const given of [{}, { parts }]) {
      const [only] = await sent(content, given);
      const { text } = only as Extract<Content, { type: "text" }>;
      const [, code = ""] = /^A foto\na\.jpg: http:\/\/localhost:3000\/v1\/links\/(\S+)/.exec(text) ?? [];
      expect(fileBehind("id-secret", code, NOW)).toBe(id);
      // What a text says by itself stays as it is: only files of this message are let out.
      if ("parts" in given) expect(text).toContain(placeholderOf(other));
    }
  });
});
