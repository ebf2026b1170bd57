/** What a message of Chatwoot's is to us, whether a webhook brought it or the API. */
import type { DeskFile, DeskHappening } from "../../domain/desk-happening.ts";
import { Attachment, type Message, msOf } from "./payload.ts";

/** In the `source_id` of what we wrote, before the id of the saying. */
const OURS = "recado:";
const TYPES = ["incoming", "outgoing", "activity", "template"] as const;
/** What has an address without being a file. */
const NO_FILES: ReadonlySet<string> = new Set(["location", "fallback", "contact"]);

export function sourceIdOf(saying: string): string {
  return `${OURS}${saying}`;
}

/**
 * Whether people, bots or rules at the desk have written it to the customer. What is not plainly public is not: a note
 * must never leave.
 */
export function isToCustomer({ message_type: type, private: isPrivate, source_id: source }: Message): boolean {
  const word = typeof type === "number" ? TYPES[type] : type;
  return (word === "outgoing" || word === "template") && isPrivate === false && !source?.startsWith(OURS);
}

export function isDeleted({ content_attributes: attributes }: Message): boolean {
  return attributes?.deleted === true;
}

/** Undefined where it is not for the customer, or says nothing. */
export function replyOf(message: Message, ticket: string): DeskHappening | undefined {
  if (!isToCustomer(message) || isDeleted(message)) return undefined;
  const text = textOf(message.content ?? "");
  const files = (message.attachments ?? []).flatMap(fileOf);
  if (text === "" && files.length === 0) return undefined;
  const at = msOf(message.created_at);
  const { in_reply_to: answered } = message.content_attributes ?? {};
  return {
    type: "reply",
    id: message.id,
    ticket,
    ...(at !== undefined && { at }),
    author: authorOf(message),
    ...(text !== "" && { text, format: "markdown" }),
    files,
    ...((typeof answered === "number" || (typeof answered === "string" && answered !== "")) && {
      replyTo: String(answered),
    }),
  };
}

export function deletedHappening({ id }: Message, ticket: string): DeskHappening {
  return { type: "deleted", id: `${id}-deleted`, ticket, of: id };
}

/**
 * Whether the failure of a reply was taken back by the button "Retry", and not by us: the button takes the words of the
 * failure away, while a status that we set leaves them there, empty.
 */
export function isRetried({ content_attributes: attributes }: Message, status: string | undefined): boolean {
  return status === "sent" && !Object.hasOwn(attributes ?? {}, "external_error");
}

/** Bots, rules (which have no sender), greetings and surveys are `bot`; a person is who has written it as one. */
function authorOf({ message_type: type, sender }: Message): { type: "agent" | "bot"; name?: string } {
  const kind = sender?.type?.toLowerCase() ?? (sender ? "user" : "none");
  const isTemplate = type === "template" || type === TYPES.indexOf("template");
  return {
    type: kind === "user" && !isTemplate ? "agent" : "bot",
    ...(sender?.name && { name: sender.name }),
  };
}

/** The editor's hard line breaks are a backslash at the line's end; webhooks come without them, the API's list has them. */
function textOf(content: string): string {
  return content.replace(/\\\r?\n/g, "\n").replace(/(\r?\n)+$/, "");
}

/** The address redirects to where the file lies, and asks nobody who they are. */
function fileOf(attachment: unknown): DeskFile[] {
  const {
    id,
    file_type: type = "file",
    data_url: url,
    content_type: contentType,
  } = Attachment.safeParse(attachment).data ?? {};
  if (url === undefined || NO_FILES.has(type) || !URL.canParse(url)) return [];
  const fileName = nameIn(new URL(url).pathname);
  return [{ url, ...(id !== undefined && { id }), ...(contentType && { contentType }), ...(fileName && { fileName }) }];
}

function nameIn(path: string): string | undefined {
  try {
    return decodeURIComponent(path.split("/").at(-1) ?? "");
  } catch {
    return undefined;
  }
}
