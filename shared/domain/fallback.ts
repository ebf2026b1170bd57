/** The approved message that goes out in place of one for which the window is closed. */
import type { Content } from "./content.ts";
import { numbered } from "./options.ts";

export type Template = Extract<Content, { type: "template" }>;

/** What stands in a parameter for what the message says. */
const SAID = /\{text\}/g;
/** Of one parameter, by WhatsApp's count; a template of long words of its own may take less. */
const LONGEST_PARAMETER = 1024;

/**
 * The template with what `content` says in it. Undefined where nothing can stand in: a template itself, a reaction, or
 * a message without words where the template is to repeat them.
 */
export function standIn(template: Template, content: Content): Template | undefined {
  if (content.type === "template" || content.type === "reaction") return undefined;
  const { parameters } = template;
  if (!parameters || !Object.values(parameters).some((parameter) => parameter.search(SAID) !== -1)) return template;
  const said = wordsOf(content);
  if (said.trim() === "") return undefined;
  const fill = (parameter: string) => asParameter(parameter.replace(SAID, () => said));
  return {
    ...template,
    parameters: Array.isArray(parameters)
      ? parameters.map(fill)
      : Object.fromEntries(Object.entries(parameters).map(([name, parameter]) => [name, fill(parameter)])),
  };
}

/** WhatsApp takes no line ends, tabs, or more than three blanks in a row in a parameter. */
function asParameter(text: string): string {
  const line = text.replace(/\s+/g, " ").trim();
  if (line.length <= LONGEST_PARAMETER) return line;
  const cut = line.slice(0, LONGEST_PARAMETER - 1);
  // Not through the middle of a character.
  return `${/[\uD800-\uDBFF]$/.test(cut) ? cut.slice(0, -1) : cut}…`;
}

/** What a message says, as far as it says it in words. */
function wordsOf(content: Content): string {
  switch (content.type) {
    case "text":
    case "location-request":
      return content.text;
    case "buttons":
    case "list":
      return numbered(content);
    case "link":
      return `${content.text} ${content.title}: ${content.url}`;
    case "carousel":
      return [content.text, ...content.cards.map(({ title, url }) => `${title}: ${url}`)].join(" ");
    case "location":
      return [content.name, content.address, content.url].filter((line) => line !== undefined).join(", ");
    case "image":
    case "video":
    case "audio":
    case "document":
    case "sticker":
      return content.caption ?? "";
    default:
      return "";
  }
}
