/** What an agent wrote, as the contents that go out: a template by its name, or words as the channel writes them. */
import type { Content } from "../../shared/domain/content.ts";
import type { DeskHappening } from "../../shared/domain/desk-happening.ts";
import type { Channel } from "../../shared/domain/event.ts";
import { mediaContent } from "../../shared/domain/media-kind.ts";
import { channelText } from "../../shared/helpdesks/channel-text.ts";
import type { ReplyFile } from "./bring-files.ts";
import type { Template } from "./ports.ts";

type Reply = Extract<DeskHappening, { type: "reply" }>;

/** `/template order_shipped Ana | 1234`, or with a language: `/template order_shipped pt_BR Ana | 1234`. */
const TEMPLATE = /^\/template\s+([a-z0-9_]{1,512})(?:\s+([\s\S]+))?$/;
/** What may be one, and the values behind it. */
const LANGUAGE = /^([a-z]{2,3}(?:_[A-Za-z]{2,4})?)(?:\s+(?![\s|])([\s\S]+))?$/;
const DEFAULT_LANGUAGE = "en";

/** One file takes the text with it; several follow it, each a message of its own. */
export function contentsOf(
  { text = "", format = "plain", author }: Reply,
  files: readonly ReplyFile[],
  { channel, templates, isNamed }: { channel: Channel; templates: readonly Template[]; isNamed: boolean },
): Content[] {
  const words = channelText(text, format, channel);
  const template = templateIn(words, templates);
  if (template) return [template, ...files.map((file) => mediaContent(file))];
  const named = isNamed && author.name && words !== "" ? `${nameLine(author.name, channel)}\n${words}` : words;
  const [first, ...others] = files;
  if (first && others.length === 0) return [mediaContent(first, named)];
  return [...(named ? [{ type: "text" as const, text: named }] : []), ...files.map((file) => mediaContent(file))];
}

function nameLine(name: string, channel: Channel): string {
  return channel === "whatsapp" ? `*${name}:*` : `${name}:`;
}

function templateIn(words: string, templates: readonly Template[]): Content | undefined {
  const [, name, rest] = TEMPLATE.exec(words.trim()) ?? [];
  if (name === undefined) return undefined;
  const languages = templates.filter((one) => one.name === name).map(({ language }) => language);
  const [, told = "", behind] = LANGUAGE.exec(rest ?? "") ?? [];
  // “ana” may be a name as well as a language: of a template that is known, only its own languages are.
  const isLanguage = told.includes("_") || languages.includes(told) || (told !== "" && languages.length === 0);
  const values = isLanguage ? behind : rest;
  const parameters = values?.split("|").map((value) => value.trim());
  return {
    type: "template",
    name,
    language: isLanguage ? told : (languages[0] ?? DEFAULT_LANGUAGE),
    ...(parameters && { parameters }),
  };
}
