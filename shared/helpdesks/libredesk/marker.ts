/**
 * What shows that a message is our own, and which: `meta.echo_id` of a public reply, the only one that LibreDesk keeps
 * and gives back, and an attribute of the paragraph of everything that is written as HTML. Its own screens fill
 * `echo_id`, too, so that only one that begins as ours counts.
 */
import { isRecord } from "../../domain/raw-element.ts";
import type { Message } from "./payload.ts";

const BEGINNING = "recado:";
const ATTRIBUTE = /\bdata-recado="/;

/** @param saying the id of what is said */
export function echoId(saying: string): string {
  return `${BEGINNING}${saying}`;
}

/**
 * A text as HTML that says the same, with the mark of what is said. Braces are written as entities, since LibreDesk fills
 * in `{{…}}` in what an agent writes.
 */
export function marked(text: string, saying: string): string {
  return `<p ${attribute(saying)}>${escaped(text).replaceAll("\n", "<br>")}</p>`;
}

export function isOurs(message: Message): boolean {
  return (echoOf(message)?.startsWith(BEGINNING) ?? false) || isMarked(message);
}

/** Whether it carries the mark of any saying, as far as it was written as HTML. */
export function isMarked({ content }: Message): boolean {
  return ATTRIBUTE.test(content ?? "");
}

export function isMarkedAs(saying: string, message: Message): boolean {
  return echoOf(message) === echoId(saying) || (message.content?.includes(attribute(saying)) ?? false);
}

function attribute(saying: string): string {
  return `data-recado="${escaped(saying)}"`;
}

function echoOf({ meta }: Message): string | undefined {
  return isRecord(meta) && typeof meta.echo_id === "string" ? meta.echo_id : undefined;
}

const ENTITIES: Readonly<Record<string, string>> = {
  ...{ "&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;" },
  ...{ "{": "&#123;", "}": "&#125;" },
};

function escaped(text: string): string {
  return text.replace(/[&<>"{}]/g, (character) => ENTITIES[character] ?? character);
}
