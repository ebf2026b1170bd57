/** What a desk of tickets is told of one entry of a conversation's log, step by step. Pure: who calls knows the rest. */

import type { Content } from "../../shared/domain/content.ts";
import { wordsOf } from "../../shared/domain/content-words.ts";
import type { Entry } from "../../shared/domain/conversation-log.ts";
import type { Message } from "../../shared/domain/event.ts";
import { isFile, type MediaFailure } from "../../shared/domain/file-content.ts";
import { messageIn } from "../../shared/domain/message-status.ts";
import type { Saying, SayingFile } from "../../shared/domain/telling.ts";

/** Ids of messages here are ours. */
export type Telling =
  /** `quotes`: the message that it answers; `awaits`: the messages in it whose files are to follow. */
  | { kind: "say"; saying: Saying; message: string; quotes?: string; awaits?: readonly string[] }
  /** A private note of Recado's; `about` a message. */
  | { kind: "note"; id: string; text: string; about?: string }
  /** Behind a customer's message: what agents should know of a ticket that it has opened. */
  | { kind: "opening" }
  /** An agent of this desk has written it: what becomes of it is told beside `deskMessage`. */
  | { kind: "own"; message: string; deskMessage: string; attempt?: number }
  /** Something may have become of messages that are followed. */
  | { kind: "receipts" }
  | { kind: "state"; state: "open" | "closed"; isOwn: boolean }
  | { kind: "tags"; tags: readonly string[] }
  | { kind: "customer" }
  /** `isNews`: there is something in them that was not there before; else the time alone has moved. */
  | { kind: "fields"; isNews: boolean }
  | { kind: "moved"; into: string }
  /** The customer was erased: nothing of the ticket is kept here any more. */
  | { kind: "forget" };

/** What became of a message's file, as far as the log is known. */
export type FileFate =
  | { stored: { id: string; contentType: string; size: number; fileName?: string | undefined } }
  | { mediaFailure: MediaFailure };

export interface Told {
  /** The desk's name. */
  desk: string;
  /** By message. */
  files: ReadonlyMap<string, FileFate>;
  /** The messages that were told before their file had come. */
  waiting: readonly string[];
}

export function tellingsOf(entry: Entry, told: Told): Telling[] {
  if (entry.erased) return [];
  const name: Telling[] = entry.profile?.name === undefined ? [] : [{ kind: "customer" }];
  return [...ofEntry(entry, told), ...name];
}

function ofEntry(entry: Entry, told: Told): Telling[] {
  const data = entry.data as Data;
  const message = messageIn(entry);
  switch (entry.type) {
    case "message.received":
      return message ? [...said(message, entry, told), { kind: "opening" }, ...beside(message, entry)] : [];
    case "message.queued":
      if (!message) return [];
      if (message.helpdesk?.name === told.desk) {
        const { id: deskMessage, attempt } = message.helpdesk;
        const own = { message: message.id, deskMessage, ...(attempt !== undefined && { attempt }) };
        return [{ kind: "own", ...own }, ...stoodIn(message, data, entry)];
      }
      return [...said(message, entry, told), ...stoodIn(message, data, entry), ...later(data, entry)];
    case "message.sent":
      return message ? said(message, entry, told) : [{ kind: "receipts" }];
    case "message.delivered":
    case "message.read":
    case "message.played":
    case "message.failed":
    case "message.uncertain":
      return [{ kind: "receipts" }];
    case "message.edited":
      return byCustomer(data, {
        text: `✏️ The customer changed this message. It says now:\n${wordsIn(data.content)}`,
        entry,
      });
    case "message.deleted":
      return byCustomer(data, { text: "🗑️ The customer deleted this message.", entry });
    case "message.reacted":
      return byCustomer(data, {
        text: data.emoji === undefined ? "The customer took a reaction back." : `The customer reacted: ${data.emoji}`,
        entry,
      });
    case "media.stored":
      return lateFile(data, entry, told);
    case "media.failed":
      return told.waiting.includes(data.message?.id ?? "")
        ? [
            {
              kind: "note",
              id: entry.key,
              text: `⚠️ The customer's file could not be kept: ${data.reason}`,
              ...aboutOf(data),
            },
          ]
        : [];
    case "conversation.closed":
      return [{ kind: "state", state: "closed", isOwn: data.helpdesk === told.desk }];
    case "conversation.opened":
      // What the customer opens by writing, their message has opened in the desk.
      return data.by === "contact" ? [] : [{ kind: "state", state: "open", isOwn: data.helpdesk === told.desk }];
    case "conversation.tagged":
      return data.helpdesk === told.desk ? [] : [{ kind: "tags", tags: data.tags ?? [] }];
    case "conversation.assigned":
      return assigned(data, entry, told);
    case "consent.changed":
      return [{ kind: "note", id: entry.key, text: consentText(data) }];
    case "contact.merged":
      return data.into === undefined ? [] : [{ kind: "moved", into: data.into }];
    case "contact.erased":
      return [{ kind: "note", id: entry.key, text: ERASURE }, { kind: "forget" }];
    case "helpdesk.failed":
      // That it would not take something, it would not want to hear either; what became of a reply, it should.
      return data.helpdesk === told.desk && (data.message || data.reply !== undefined)
        ? [{ kind: "note", id: entry.key, text: `⚠️ ${data.detail}`, ...aboutOf(data) }]
        : [];
    default:
      return [];
  }
}

/** What entries of any type may carry. */
interface Data {
  message?: { id?: string };
  content?: Content;
  author?: { type: string };
  emoji?: string;
  media?: { id: string; contentType: string; size: number; fileName?: string };
  reply?: string;
  reason?: string;
  by?: string;
  /** By its name. */
  helpdesk?: string;
  detail?: string;
  tags?: string[];
  assignee?: { name?: string };
  topic?: string;
  state?: string;
  into?: string;
  sendAt?: number;
  parts?: Content[];
}

/** Behind words in whose place the customer gets a template. */
function stoodIn({ content }: Message, { parts = [], ...data }: Data, { key }: Entry): Telling[] {
  const [template] = parts.flatMap((part) => (part.type === "template" ? [part] : []));
  if (!template || content.type === "template") return [];
  const text = `ℹ️ The customer last wrote too long ago for a free reply: it goes out as the template “${template.name}”.`;
  return [{ kind: "note", id: `${key}#template`, text, ...aboutOf(data) }];
}

/** Behind what the customer does not have yet. */
function later(data: Data, { key }: Entry): Telling[] {
  if (data.sendAt === undefined) return [];
  const text = `⏰ This goes out at ${new Date(data.sendAt).toISOString()}, unless it is cancelled.`;
  return [{ kind: "note", id: `${key}#later`, text, ...aboutOf(data) }];
}

function said(message: Message, entry: Entry, { files }: Told): Telling[] {
  const isCustomer = message.direction === "inbound";
  const { content } = message;
  const fate = files.get(message.id);
  const own = isFile(content) && content.media.id !== undefined ? storedFile(content, content.media) : undefined;
  const fetched = isFile(content) && fate && "stored" in fate ? storedFile(content, fate.stored) : undefined;
  const file = own ?? fetched;
  const isMissing = isFile(content) && !file;
  const why = fate && "mediaFailure" in fate ? `\n⚠️ Its file could not be kept: ${fate.mediaFailure.reason}` : "";
  const words = isMissing ? `${wordsOf(content) || `[${content.type}]`}${why}` : wordsOf(content);
  const { author, origin } = { author: message.author.name, origin: message.author.origin };
  const quoted = message.replyTo?.id;
  const saying: Saying = {
    id: message.id,
    from: isCustomer ? "customer" : "business",
    isPrivate: false,
    text: words,
    files: file ? [file] : [],
    at: entry.at.provider ?? entry.at.received,
    ...(!isCustomer && { author: author ?? WRITERS[message.author.type] ?? origin ?? "the business" }),
    ...(content.type === "location" && {
      location: {
        latitude: content.latitude,
        longitude: content.longitude,
        ...(content.name !== undefined && { name: content.name }),
        ...(content.address !== undefined && { address: content.address }),
      },
    }),
  };
  return [
    {
      kind: "say",
      saying,
      message: message.id,
      ...(quoted !== undefined && { quotes: quoted }),
      ...(isMissing && !why && { awaits: [message.id] }),
    },
  ];
}

const ERASURE =
  "🗑️ This customer asked to be erased. Recado has removed what it knew of them: please remove this ticket's contents, its files and the contact here, too. If they write again, another ticket begins.";

const WRITERS: Readonly<Record<string, string>> = { bot: "a bot", system: "an automation" };

/** A referral or an order stands beside the messages, too, where the desk has a place. */
function beside({ referral, content, consentWish }: Message, { key }: Entry): Telling[] {
  const wish: Telling[] =
    consentWish?.said === "phrase"
      ? [
          {
            kind: "note",
            id: `${key}#wish`,
            text: "❗ This may mean that the customer wants to hear no more. Please read it yourself.",
          },
        ]
      : [];
  const isNews = referral !== undefined || content.type === "order";
  return [{ kind: "fields", isNews }, ...wish];
}

function byCustomer(data: Data, { text, entry }: { text: string; entry: Entry }): Telling[] {
  if (data.author?.type !== "contact") return [];
  return [{ kind: "note", id: entry.key, text, ...aboutOf(data) }];
}

function aboutOf({ message }: Data): { about?: string } {
  return message?.id === undefined ? {} : { about: message.id };
}

function wordsIn(content: Content | undefined): string {
  return content ? wordsOf(content) : "";
}

function lateFile({ message, media }: Data, entry: Entry, { waiting }: Told): Telling[] {
  if (message?.id === undefined || !media || !waiting.includes(message.id)) return [];
  const file = { ...media, fileName: media.fileName ?? nameFor(media.contentType) };
  const saying: Saying = {
    ...{ id: `${message.id}#file`, from: "customer", isPrivate: false, text: "", files: [file] },
    at: entry.at.recorded,
  };
  return [{ kind: "say", saying, message: message.id, quotes: message.id }];
}

function assigned(data: Data, entry: Entry, { desk }: Told): Telling[] {
  if (data.helpdesk === desk) return [];
  const who = data.assignee?.name;
  const text = who === undefined ? "Nobody has this conversation any more" : `${who} has this conversation`;
  return [{ kind: "note", id: entry.key, text: `👤 ${text} (${data.helpdesk ?? "elsewhere"}).` }];
}

function consentText({ topic, state }: Data): string {
  const about = topic === "all" ? "messages" : `messages about ${topic}`;
  return state === "opted_out"
    ? `🚫 The customer wants no more ${about}. Replies will be refused.`
    : `✅ The customer wants ${about} again.`;
}

function storedFile(
  content: Content & { type: string },
  {
    id = "",
    contentType,
    size = 0,
    fileName,
  }: { id?: string | undefined; contentType: string; size?: number | undefined; fileName?: string | undefined },
): SayingFile {
  const named = isFile(content) ? content.media.fileName : undefined;
  return { id, contentType, size, fileName: fileName ?? named ?? nameFor(contentType) };
}

const EXTENSIONS: Readonly<Record<string, string>> = { jpeg: "jpg", plain: "txt", mpeg: "mp3", "x-vcard": "vcf" };

/** Desks want a name for every file: `image.jpg`, `document.pdf`. */
function nameFor(contentType: string): string {
  const [type = "", rest = ""] = contentType.split(";")[0]?.trim().toLowerCase().split("/") ?? [];
  const subtype = rest.replace(/^vnd\..*/, "bin").replace(/[^a-z0-9-].*$/, "");
  const what = type === "image" || type === "video" || type === "audio" ? type : "document";
  return `${what}.${EXTENSIONS[subtype] ?? (subtype || "bin")}`;
}
