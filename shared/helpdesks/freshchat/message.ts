/** Which messages are an agent's reply to the customer, and what such a one says. */
import type { DeskFile, DeskHappening } from "../../domain/desk-happening.ts";
import { isRecord } from "../../domain/raw-element.ts";
import { fileId, lookUpUrl } from "./file-id.ts";
import { type Media, type Message, Part, timeIn } from "./payload.ts";
import type { Settings } from "./settings.ts";

export type Reply = Extract<DeskHappening, { type: "reply" }>;

/**
 * Who can see a message; `unclear`: the payload does not say. That it is no note of a bot's says nothing of what a person
 * wrote.
 */
export function audienceOf(message: Message, settings: Settings): "customer" | "agents" | "unclear" {
  const { message_type: type, botsPrivateNote } = message;
  if (botsPrivateNote === true) return "agents";
  if (type) return type === "normal" ? "customer" : "agents";
  return botsPrivateNote === false && writerOf(message, settings) === "bot" ? "customer" : "unclear";
}

/** Undefined for the customer, and for Freshchat's own system. Bots often write as an agent. */
export function writerOf(message: Message, { botIds }: Settings): "agent" | "bot" | undefined {
  const { actor_type: type, actor_id: id, message_source: source } = message;
  if (type === "bot") return "bot";
  if (type !== "agent") return undefined;
  return /bot/i.test(source ?? "") || (id != null && botIds.includes(id)) ? "bot" : "agent";
}

/**
 * The reply that a message is: nothing for what the customer wrote, notes (ours are notes, too), the system, and what says
 * nothing. Its id is the message's, in webhooks and lists alike.
 * @param ticket whose it is, as we know it
 */
export function replyOf(message: Message, ticket: string, settings: Settings): Reply | undefined {
  const type = writerOf(message, settings);
  if (type === undefined || audienceOf(message, settings) !== "customer") return undefined;
  const { text, files } = contentOf(message);
  if (text.trim() === "" && files.length === 0) return undefined;
  const at = timeIn(message.created_time);
  const replyTo = answeredBy(message);
  return {
    type: "reply",
    id: message.id,
    ticket,
    ...(at !== undefined && { at }),
    author: { type },
    ...(text.trim() !== "" && { text, format: isHtml(text) ? ("html" as const) : ("plain" as const) }),
    files: files.map((file, index) => asDeskFile(file, { message, ticket, index, settings })),
    ...(replyTo !== undefined && { replyTo }),
  };
}

/** The words of all parts, and their files in order. */
export function contentOf(message: Message): { text: string; files: Media[] } {
  const parts = partsOf(message.message_parts ?? message.msg_parts ?? []);
  return { text: parts.flatMap(wordsIn).join("\n"), files: parts.flatMap(filesIn) };
}

/** Where a file is fetched from, undefined as long as the payload does not say. */
export function addressOf({ download_url, downloadUrl, file_url, url }: Media): string | undefined {
  return [download_url, downloadUrl, file_url, url].find((one) => one && /^https?:\/\//i.test(one)) ?? undefined;
}

/** What the editor writes; not what somebody types who compares two numbers. */
function isHtml(text: string): boolean {
  return /<(p|div|br|b|i|u|em|strong|a|ul|ol|li|span|img)(\s[^<>]*)?\/?>/i.test(text);
}

/** Those in a collection stand for themselves. */
function partsOf(given: readonly unknown[]): Part[] {
  return readable(given).flatMap((part) => [part, ...readable(part.collection?.sub_parts ?? [])]);
}

function readable(given: readonly unknown[]): Part[] {
  return given.flatMap((one) => {
    const { success, data } = Part.safeParse(one);
    return success ? [data] : [];
  });
}

function wordsIn({ text, url_button: button, properties }: Part): string[] {
  const words = text?.content ?? properties?.text;
  const link = button?.url ? [[button.label, button.url].filter(Boolean).join(": ")] : [];
  return [...(words ? [words] : []), ...link];
}

function filesIn({ image, file, video, audio, part_type: kind, properties }: Part): Media[] {
  const older = properties && kind && kind !== "text" ? [properties] : [];
  return [...[image, file, video, audio].filter((one) => one != null), ...older];
}

function asDeskFile(
  media: Media,
  { message, ticket, index, settings }: { message: Message; ticket: string; index: number; settings: Settings },
): DeskFile {
  const {
    content_type,
    contentType = content_type,
    file_content_type,
    name,
    file_name,
    file_extension: extension,
  } = media;
  const type = contentType || file_content_type;
  const fileName = withExtension(name || file_name || undefined, extension);
  return {
    url: addressOf(media) ?? lookUpUrl(ticket, settings),
    id: fileId({ ticket, message: message.id, index, at: timeIn(message.created_time) }),
    ...(type && { contentType: type }),
    ...(fileName !== undefined && { fileName }),
  };
}

function withExtension(name: string | undefined, extension: string | null | undefined): string | undefined {
  return name !== undefined && extension && !name.includes(".") ? `${name}.${extension.replace(/^\./, "")}` : name;
}

function answeredBy({ in_reply_to: given }: Message): string | undefined {
  const id = isRecord(given) ? (given.message_id ?? given.id) : given;
  return typeof id === "string" && id !== "" ? id : undefined;
}
