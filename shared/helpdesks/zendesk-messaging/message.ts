/** What a message of a conversation at Zendesk is to us; the same from a webhook and from the list of messages. */
import type { DeskFile, DeskHappening, TextFormat } from "../../domain/desk-happening.ts";
import { type Content, Content as ContentShape, Message } from "./payload.ts";

/** The key in a message's metadata by which we know our own; its value is the saying's id. */
export const MARKER = "recado_message";

/**
 * What it says to us: nothing where the customer, we or the desk itself wrote it.
 * @param from a webhook does not tell agents from bots (its schema has no subtypes), so that one is told to look; the
 *   list of messages does, and where not even it says, whoever writes for the business counts as an agent
 */
export function happeningsOf(element: unknown, ticket: string, from: "webhook" | "list"): DeskHappening[] {
  const { success, data: message } = Message.safeParse(element);
  if (!success) return [];
  const { id, author, deleted, quotedMessage } = message;
  if (author.type !== "business" || isOurs(message) || isActivity(message)) return [];
  const about = { ticket, ...timeOf(message) };
  if (deleted) return [{ type: "deleted", id: `${id}#deleted`, of: id, ...about }];
  const type = writerOf(message) ?? (from === "list" ? likelyWriterOf(message) : undefined);
  if (!type) return [{ type: "look", id: `${id}#look`, ...about }];
  const words = textOf(message.content);
  const files = filesOf(message.content);
  if (!words && files.length === 0) return [];
  const { displayName: name } = author;
  const replyTo = quotedMessage?.message?.id;
  return [
    {
      ...{ type: "reply", id, ...about, author: { type, ...(name !== undefined && { name }) }, files },
      ...words,
      ...(replyTo !== undefined && { replyTo }),
    },
  ];
}

/** When Zendesk got it, ms since 1970. */
export function timeOf({ received }: Pick<Message, "received">): { at?: number } {
  const at = Date.parse(received ?? "");
  return Number.isNaN(at) ? {} : { at };
}

function isOurs({ metadata }: Message): boolean {
  return typeof metadata?.[MARKER] === "string";
}

/** That a ticket was closed, for example: sent by nobody, and to be sent to nobody. */
function isActivity({ author, content, activity }: Message): boolean {
  const isMarked = typeof activity === "object" && activity !== null;
  return isMarked || content?.type === "activity" || (author.subtypes?.includes("activity") ?? false);
}

function writerOf({ author: { subtypes = [] } }: Message): "agent" | "bot" | undefined {
  if (subtypes.includes("agent")) return "agent";
  return subtypes.includes("bot") || subtypes.includes("AI") ? "bot" : undefined;
}

/** By where it was written: `zd:answerBot`, `api:conversations` and the like are programs. */
function likelyWriterOf({ source }: Message): "agent" | "bot" {
  return /bot|^api\b/i.test(source?.type ?? "") ? "bot" : "agent";
}

/** The plain text is always there beside a formatted one; where it is not, that one is taken with its marks. */
function textOf(content: Content | undefined): { text: string; format: TextFormat } | undefined {
  if (!content) return undefined;
  const more = [...parts(content.items), ...parts(content.fields), ...parts(content.actions)]
    .map(lineOf)
    .filter(Boolean);
  if (content.text !== undefined || more.length > 0)
    return { text: [content.text, ...more].filter((line) => line !== undefined).join("\n"), format: "plain" };
  if (content.markdownText !== undefined) return { text: content.markdownText, format: "markdown" };
  return content.htmlText === undefined ? undefined : { text: content.htmlText, format: "html" };
}

function parts(list: readonly unknown[] | undefined): Content[] {
  return (list ?? []).flatMap((one) => {
    const { success, data } = ContentShape.safeParse(one);
    return success ? [data] : [];
  });
}

/** An item of a list, a field of a form or a button, in words. */
function lineOf({ title, label, text, description, uri }: Content): string {
  const about = [title ?? label ?? text, description].filter((word) => word !== undefined).join(": ");
  return uri === undefined ? about : `${about}: ${uri}`;
}

function filesOf(content: Content | undefined): DeskFile[] {
  if (content?.mediaUrl === undefined) return [];
  const { mediaUrl: url, mediaType: contentType, attachmentId: id, altText } = content;
  const fileName = nameIn(url) ?? altText;
  return [
    {
      url,
      ...(id !== undefined && { id }),
      ...(contentType !== undefined && { contentType }),
      ...(fileName !== undefined && { fileName }),
    },
  ];
}

/** The end of the address, where it looks like a file's name. `altText` is that name only until an agent describes it. */
function nameIn(url: string): string | undefined {
  const last = URL.parse(url)?.pathname.split("/").at(-1) ?? "";
  if (!/\.\w{1,10}$/.test(last)) return undefined;
  try {
    return decodeURIComponent(last);
  } catch {
    return last;
  }
}
