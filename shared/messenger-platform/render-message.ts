/** Content → the `message` of the Send API, which Messenger and Instagram take alike. */
import type { Content } from "../domain/content.ts";

type Of<Type extends Content["type"]> = Extract<Content, { type: Type }>;

/** What the button template takes at most; beyond it the buttons are quick replies, which vanish once one is tapped. */
const MOST_TEMPLATE_BUTTONS = 3;
const LONGEST_TEMPLATE_TEXT = 640;

/** @throws on content that neither carries, and on a file without an address: bugs of the caller */
export function messageOf(content: Content): Record<string, unknown> {
  switch (content.type) {
    case "text":
      return { text: content.text };
    case "image":
    case "video":
    case "audio":
      return { attachment: { type: content.type, payload: fileOf(content) } };
    case "document":
      return { attachment: { type: "file", payload: fileOf(content) } };
    case "buttons":
      return buttonsOf(content);
    case "list":
      // There is no list: its rows are what can be tapped.
      return quickReplies(
        content.text,
        content.sections.flatMap(({ rows }) => rows),
      );
    case "link":
      return template({
        template_type: "button",
        text: content.text,
        buttons: [{ type: "web_url", url: content.url, title: content.title }],
      });
    case "carousel":
      return template({ template_type: "generic", elements: content.cards.map(elementOf) });
    default:
      throw new Error(`the Messenger Platform does not carry ${content.type}`);
  }
}

function fileOf({ type, media }: Of<"image" | "video" | "audio" | "document">): Record<string, string> {
  if (media.url !== undefined) return { url: media.url };
  if (media.providerMediaId !== undefined) return { attachment_id: media.providerMediaId };
  throw new Error(`the ${type} has no address`);
}

function buttonsOf({ text, buttons }: Of<"buttons">): Record<string, unknown> {
  if (buttons.length > MOST_TEMPLATE_BUTTONS || text.length > LONGEST_TEMPLATE_TEXT) return quickReplies(text, buttons);
  return template({
    template_type: "button",
    text,
    buttons: buttons.map(({ id, title }) => ({ type: "postback", title, payload: id })),
  });
}

function quickReplies(text: string, choices: readonly { id: string; title: string }[]): Record<string, unknown> {
  return {
    text,
    quick_replies: choices.map(({ id, title }) => ({ content_type: "text", title, payload: id })),
  };
}

/** `title` of a card is its button's; an element needs a title of its own. */
function elementOf({ media, text, title, url }: Of<"carousel">["cards"][number]): Record<string, unknown> {
  return {
    title: text ?? title,
    ...(media?.url !== undefined && { image_url: media.url }),
    buttons: [{ type: "web_url", url, title }],
  };
}

function template(payload: Record<string, unknown>): Record<string, unknown> {
  return { attachment: { type: "template", payload } };
}
