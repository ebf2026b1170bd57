/** Content → the body of the Send API, which Messenger and Instagram take alike. */
import type { Rendering } from "../channels/connector.ts";
import type { Content } from "../domain/content.ts";

type Of<Type extends Content["type"]> = Extract<Content, { type: Type }>;

/** What the button template takes at most; beyond it the buttons are quick replies, which vanish once one is tapped. */
const MOST_TEMPLATE_BUTTONS = 3;
const LONGEST_TEMPLATE_TEXT = 640;

/** What says how it is meant, beside the message: the messaging type, and the tag. */
type Marked = Record<string, string> | undefined;

/**
 * The body of the Send API for one content.
 * @param marked what the product wants beside a message
 * @throws on content that neither carries, on a file without an address, and on a reaction on nothing: bugs of the caller
 */
export function bodyOf(
  { to, content, correlation, replyToProviderMessageId: mid }: Omit<Rendering, "settings">,
  marked: Marked,
): Record<string, unknown> {
  const recipient = { id: to };
  // Alone in its request: nothing of ours comes back with it.
  if (content.type === "reaction") return { recipient, ...reactionOn(mid, content.emoji) };
  return {
    recipient,
    ...marked,
    message: { ...messageOf(content), metadata: correlation },
    ...(mid && { reply_to: { mid } }),
  };
}

function reactionOn(mid: string | undefined, emoji: string): Record<string, unknown> {
  if (mid === undefined) throw new Error("a reaction is on a message that the provider knows");
  if (emoji === "") return { sender_action: "unreact", payload: { message_id: mid } };
  return { sender_action: "react", payload: { message_id: mid, reaction: emoji } };
}

function messageOf(content: Content): Record<string, unknown> {
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
    case "template":
      return { template: utilityOf(content) };
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

/** An approved utility template of the Page, its values in order or by name. */
function utilityOf({ name, language, header, parameters = [] }: Of<"template">): Record<string, unknown> {
  const values = Array.isArray(parameters)
    ? parameters.map((text) => ({ type: "text", text }))
    : Object.entries(parameters).map(([named, text]) => ({ type: "text", text, parameter_name: named }));
  const components = [
    ...(header === undefined ? [] : [{ type: "header", parameters: [headerValue(header)] }]),
    ...(values.length > 0 ? [{ type: "body", parameters: values }] : []),
  ];
  return { name, language: { code: language }, ...(components.length > 0 && { components }) };
}

function headerValue(header: NonNullable<Of<"template">["header"]>): Record<string, unknown> {
  if (typeof header === "string") return { type: "text", text: header };
  if (header.url === undefined) throw new Error("the picture of the template has no address");
  return { type: "image", image: { link: header.url } };
}

function template(payload: Record<string, unknown>): Record<string, unknown> {
  return { attachment: { type: "template", payload } };
}
