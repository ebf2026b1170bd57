/** What a customer may choose from, how it is written where a channel knows no buttons, and what an answer to it means. */
import type { Content } from "./content.ts";
import type { EventType } from "./event.ts";

export interface Option {
  id: string;
  title: string;
  description?: string | undefined;
}

/** The options that a message offers, in the order in which they are numbered; none for any other kind. */
export function optionsOf(content: Content): readonly Option[] {
  if (content.type === "buttons") return content.buttons;
  return content.type === "list" ? content.sections.flatMap(({ rows }) => rows) : [];
}

/** The message as text, its options numbered from 1 through all sections. */
export function numbered(content: Extract<Content, { type: "buttons" | "list" }>): string {
  let number = 0;
  const line = ({ title, description }: Option) =>
    `${++number}. ${title}${description === undefined ? "" : `: ${description}`}`;
  const sections = content.type === "buttons" ? [{ rows: content.buttons }] : content.sections;
  const blocks = sections.map(({ title, rows }: { title?: string | undefined; rows: readonly Option[] }) =>
    [...(title === undefined ? [] : [title]), ...rows.map(line)].join("\n"),
  );
  return [content.text, ...blocks].filter((block) => block.trim() !== "").join("\n\n");
}

/** Whether an event of our own sends options as numbered text alone, so that the answer will come in words. */
export function asksInNumbers({ type, data }: { type: EventType; data: unknown }): boolean {
  if (type !== "message.queued") return false;
  const { message, parts } = data as { message?: { content?: Content }; parts?: readonly Content[] };
  const isOffering = message?.content !== undefined && optionsOf(message.content).length > 0;
  return isOffering && parts?.every((part) => part.type === "text") === true;
}

/**
 * The option that an answer in words means: its number, as “2”, “2.” or “(2)”, or its title. Anything longer is an
 * answer in the customer's own words.
 */
export function choiceFor(options: readonly Option[], text: string): Option | undefined {
  const said = plainly(text);
  const number = /^\(?(\d{1,2})[.)]?$/.exec(said)?.[1];
  const titled = options.filter(({ title }) => plainly(title) === said);
  if (titled.length === 1) return titled[0];
  return number === undefined ? undefined : options[Number(number) - 1];
}

function plainly(text: string): string {
  return text.normalize("NFC").trim().toLowerCase();
}
