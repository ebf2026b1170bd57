/** Every kind of content as WhatsApp gets it. */
import { describe, expect, it } from "vitest";
import { whatsappCloud } from "../../shared/channels/whatsapp-cloud/index.ts";
import type { Content } from "../../shared/domain/content.ts";
import { SENDS } from "./whatsapp-cloud-sends.ts";

const CORRELATION = "conv_AAAAAAAAAAAAAAAAAAAAAA.msg_01kat1n2v3w4x5y6z7a8b9c0d1.0";
const settings = { phoneNumberId: "100000000000001", graphVersion: "v26.0" };

const bodyFor = (content: Content, replyToProviderMessageId?: string) => {
  const request = whatsappCloud.sender.render({
    to: "5511987650000",
    content,
    author: { type: "agent" },
    settings,
    correlation: CORRELATION,
    ...(replyToProviderMessageId !== undefined && { replyToProviderMessageId }),
  });
  return JSON.parse(String(request.body));
};

describe("WhatsApp gets", () => {
  it.each(SENDS)("$about", ({ content, sent }) => {
    expect(bodyFor(content)).toEqual({
      messaging_product: "whatsapp",
      recipient_type: "individual",
      to: "+5511987650000",
      biz_opaque_callback_data: CORRELATION,
      ...sent,
    });
  });

  it("every kind that the connector says it carries", () => {
    const sent = new Set(SENDS.map(({ content }) => content.type));
    // A reaction is on another message: below.
    expect([...sent, "reaction"].toSorted()).toEqual(Object.keys(whatsappCloud.capabilities.carries).toSorted());
  });

  it("any kind as an answer to a message", () => {
    for (const { content } of SENDS)
      expect(bodyFor(content, "wamid.IN1")).toMatchObject({ context: { message_id: "wamid.IN1" } });
  });

  it("a reaction on a message, and one that is taken back; it quotes nothing", () => {
    for (const emoji of ["👍", ""]) {
      const body = bodyFor({ type: "reaction", emoji }, "wamid.IN1");
      expect(body).toMatchObject({ type: "reaction", reaction: { message_id: "wamid.IN1", emoji } });
      expect(body).not.toHaveProperty("context");
    }
    expect(() => bodyFor({ type: "reaction", emoji: "👍" })).toThrow("reaction");
  });

  it("words above cards that have none of their own", () => {
    const cards = [1, 2].map((number) => ({
      media: { contentType: "video/mp4", url: `https://files.example.test/${number}.mp4` },
      title: "Ver",
      url: "https://shop.example/1",
    }));
    const { interactive } = bodyFor({ type: "carousel", cards });
    expect(interactive.body).toEqual({ text: "Ver" });
    expect(interactive.action.cards[0].header).toEqual({
      type: "video",
      video: { link: "https://files.example.test/1.mp4" },
    });
  });

  it("word that we have read, and that we write, about a message", () => {
    const said = (signal: "read" | "typing") => {
      const about = { to: "5511987650000", providerMessageId: "wamid.IN1", settings };
      const request = whatsappCloud.sender.signal?.({ ...about, signal });
      expect(request?.url).toBe("https://graph.facebook.com/v26.0/100000000000001/messages");
      return JSON.parse(String(request?.body));
    };
    const read = { messaging_product: "whatsapp", status: "read", message_id: "wamid.IN1" };
    expect(said("read")).toEqual(read);
    expect(said("typing")).toEqual({ ...read, typing_indicator: { type: "text" } });
  });

  it("nothing that it does not carry, and no file without an address", () => {
    expect(() => bodyFor({ type: "story", kind: "mention" })).toThrow("story");
    expect(() => bodyFor({ type: "image", media: { contentType: "image/png", id: "med_1" } })).toThrow("address");
  });
});
