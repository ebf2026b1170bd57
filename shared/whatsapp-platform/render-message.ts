import type { Rendering } from "../channels/connector.ts";
import type { Content } from "../domain/content.ts";
import { fileOf, type Media } from "./file.ts";
import { templateOf } from "./template.ts";

/**
 * The body of Meta's `messages` call, in whatever way it gets there.
 * @throws on content that `capabilities` do not carry: a bug of the caller
 */
export function renderMessage({
  to,
  content,
  correlation,
  replyToProviderMessageId,
}: Omit<Rendering, "settings">): Record<string, unknown> {
  return {
    messaging_product: "whatsapp",
    ...recipient(to),
    ...(content.type === "reaction"
      ? reactionOn(replyToProviderMessageId, content.emoji)
      : {
          ...message(content),
          ...(replyToProviderMessageId && { context: { message_id: replyToProviderMessageId } }),
        }),
    biz_opaque_callback_data: correlation,
  };
}

/**
 * A user id in `to` would be taken for a number, accepted and dropped; a number without `+` gets the country code of the
 * business's own number.
 */
function recipient(address: string): Record<string, string> {
  if (address.startsWith("group:")) return { recipient_type: "group", to: address.slice("group:".length) };
  if (/^\+?\d+$/.test(address)) return { recipient_type: "individual", to: `+${address.replace("+", "")}` };
  return { recipient_type: "individual", recipient: address };
}

/** Names the message itself, and may not quote it. */
function reactionOn(messageId: string | undefined, emoji: string): Record<string, unknown> {
  if (messageId === undefined) throw new Error("a reaction is on a message that the provider knows");
  return typed("reaction", { message_id: messageId, emoji });
}

/** `type`, and under its name what it says. */
function message(content: Content): Record<string, unknown> {
  switch (content.type) {
    case "text":
      return typed("text", { body: content.text, ...(/https?:\/\/\S/i.test(content.text) && { preview_url: true }) });
    case "image":
    case "video":
      return typed(content.type, { ...fileOf(content.media), caption: content.caption });
    case "document":
      return typed("document", {
        ...fileOf(content.media),
        caption: content.caption,
        filename: content.media.fileName,
      });
    case "audio": {
      // Only such a file can be shown as recorded on the spot.
      const isVoice = content.voice === true && /^audio\/ogg\b/.test(content.media.contentType);
      return typed("audio", { ...fileOf(content.media), ...(isVoice && { voice: true }) });
    }
    case "sticker":
      return typed("sticker", fileOf(content.media));
    case "location": {
      const { latitude, longitude, name, address } = content;
      return typed("location", { latitude, longitude, name, address });
    }
    case "contacts":
      return typed("contacts", content.contacts.map(cardOf));
    case "template":
      return typed("template", templateOf(content));
    default:
      return typed("interactive", interactive(content));
  }
}

function typed(type: string, value: unknown): Record<string, unknown> {
  return { type, [type]: value };
}

function interactive(content: Content): Record<string, unknown> {
  switch (content.type) {
    case "buttons": {
      const buttons = content.buttons.map(({ id, title }) => ({ type: "reply", reply: { id, title } }));
      return { type: "button", body: { text: content.text }, action: { buttons } };
    }
    case "list": {
      const filled = content.sections.filter(({ rows }) => rows.length > 0);
      // With several, each must have a title.
      const sections = filled.map(({ title, rows }, index) => ({
        title: title || (filled.length > 1 ? String(index + 1) : undefined),
        rows: rows.map(({ id, title, description }) => ({ id, title, description: description || undefined })),
      }));
      return { type: "list", body: { text: content.text }, action: { button: content.button, sections } };
    }
    case "link":
      return { type: "cta_url", body: { text: content.text }, action: opening(content) };
    case "location-request":
      return {
        type: "location_request_message",
        body: { text: content.text },
        action: { name: "send_location" },
      };
    case "carousel": {
      const [first] = content.cards;
      const cards = content.cards.map((card, index) => ({
        card_index: index,
        type: "cta_url",
        ...(card.media && { header: headerOf(card.media) }),
        ...(card.text && { body: { text: card.text } }),
        action: opening(card),
      }));
      // Meta wants words above the cards.
      const text = content.text || first?.text || first?.title;
      return { type: "carousel", body: { text }, action: { cards } };
    }
    default:
      throw new Error(`WhatsApp does not carry ${content.type}`);
  }
}

function opening({ title, url }: { title: string; url: string }): Record<string, unknown> {
  return { name: "cta_url", parameters: { display_text: title, url } };
}

function headerOf(media: Media): Record<string, unknown> {
  return typed(media.contentType.startsWith("video/") ? "video" : "image", fileOf(media));
}

const CARD_FIELDS = ["addresses", "birthday", "emails", "name", "org", "phones", "urls"];

/** What came in with a contact (`origin`, `vcard`) is not taken back. */
function cardOf(contact: Record<string, unknown>): Record<string, unknown> {
  return Object.fromEntries(CARD_FIELDS.filter((name) => name in contact).map((name) => [name, contact[name]]));
}
