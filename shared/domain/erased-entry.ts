/**
 * An entry emptied of the customer: what happened, when, in which direction and what became of it stay; what was said,
 * who said it and every id that others gave it are gone. Emptying what is empty changes nothing, so that the same words
 * also prove an entry that says it was erased.
 */
import type * as z from "zod";
import type { After, Entry } from "./conversation-log.ts";
import type { Author, EventType, eventData, Failure, Message, MessageReference } from "./event.ts";

/** Stands where words stood. */
const GONE = "erased";

/**
 * Valid by `eventData` of its type where the entry was. Number, key, times and state stay, so that the log keeps its
 * order, no event can come a second time and every later entry keeps its proof. The token goes: with it the digest could
 * be tried out against every number that there is.
 */
export function erasedEntry(entry: Entry): Entry {
  const { address: _, profile: __, once: ___, ...kept } = entry;
  return { ...kept, token: GONE, data: erasedData(entry), erased: true, after: erasedState(entry.after) };
}

/** Without the fingerprint of who they were: a name may be guessed until it fits. */
function erasedState({ known: _, asked: __, ...kept }: After): After {
  return kept;
}

type Data<Type extends EventType> = z.infer<(typeof eventData)[Type]>;
type Emptying = { [Type in EventType]: (data: Partial<Data<Type>>) => unknown };

/** One for each type, so that a new type cannot be forgotten. They take data of any release, and of what was emptied before. */
const EMPTYING: Emptying = {
  "message.received": ({ message }) => ({ message: messageOf(message) }),
  "message.queued": ({ message, sendAt, expiresAt, parts, confirmsOptOut }) => ({
    message: messageOf(message),
    ...(sendAt !== undefined && { sendAt }),
    expiresAt: expiresAt ?? 0,
    // Their number says how many receipts there are to come.
    ...(parts && { parts: parts.map(() => CONTENT) }),
    ...(confirmsOptOut && { confirmsOptOut }),
  }),
  "message.uncertain": ({ message }) => ({ message: referenceOf(message), detail: GONE }),
  "message.sent": (data) => (isWhole(data) ? { message: messageOf(data.message) } : receiptOf(data)),
  "message.delivered": receiptOf,
  "message.read": receiptOf,
  "message.played": receiptOf,
  "message.failed": ({ message, failure }) => ({ message: referenceOf(message), failure: failureOf(failure) }),
  "message.edited": ({ message, author }) => ({
    message: referenceOf(message),
    content: CONTENT,
    author: authorOf(author),
  }),
  "message.deleted": ({ message, author }) => ({ message: referenceOf(message), author: authorOf(author) }),
  "message.reacted": ({ message, author }) => ({ message: referenceOf(message), author: authorOf(author) }),
  "media.stored": ({ message, media }) => ({
    message: referenceOf(message),
    media: { id: media?.id ?? GONE, contentType: GONE, size: 0, sha256: GONE },
  }),
  "media.failed": ({ message, code }) => ({
    message: referenceOf(message),
    reason: GONE,
    code: code ?? "unavailable",
  }),
  "conversation.opened": ({ by, helpdesk }) => ({ by: by ?? "system", ...deskOf(helpdesk) }),
  "conversation.closed": ({ by, helpdesk }) => ({ by: by ?? "system", ...deskOf(helpdesk) }),
  "conversation.assigned": ({ helpdesk }) => deskOf(helpdesk),
  "conversation.tagged": ({ helpdesk }) => ({ tags: [], ...deskOf(helpdesk) }),
  "contact.updated": () => ({}),
  "contact.merged": ({ into, from }) => ({ into: into ?? GONE, ...(from !== undefined && { from }) }),
  "contact.split": ({ into, from }) => ({ into: into ?? GONE, from: from ?? GONE }),
  // Ids of ours alone.
  "contact.erased": (data) => data,
  // That they want no more has to outlive them.
  "consent.changed": ({ topic = "all", state = "opted_out", source = "provider" }) => ({ topic, state, source }),
  "helpdesk.linked": ({ helpdesk }) => ({ helpdesk: helpdesk ?? GONE, ticket: GONE }),
  "helpdesk.failed": ({ helpdesk, event, message }) => ({
    helpdesk: helpdesk ?? GONE,
    ...(event !== undefined && { event }),
    ...(message?.id !== undefined && { message: { id: message.id } }),
    detail: GONE,
  }),
  "account.alert": ({ code }) => ({ code: code ?? GONE, reason: GONE }),
};

function erasedData({ type, data }: Pick<Entry, "type" | "data">): unknown {
  const empty = EMPTYING[type] as (data: object) => unknown;
  return empty(typeof data === "object" && data !== null ? data : {});
}

const CONTENT = { type: "unsupported", reason: GONE, raw: null } as const;

function messageOf(message: Partial<Message> | undefined): Message {
  return {
    id: message?.id ?? GONE,
    direction: message?.direction ?? "inbound",
    author: authorOf(message?.author),
    content: CONTENT,
    ...(message?.topic !== undefined && { topic: message.topic }),
  };
}

function isWhole(data: Partial<Data<"message.sent">>): data is { message: Message } {
  return data.message !== undefined && "content" in data.message;
}

/** Our id alone: a provider's may hold the customer's number. */
function referenceOf(message: MessageReference | undefined): MessageReference {
  const { id, part } = message ?? {};
  return { ...(id !== undefined && { id }), ...(part !== undefined && { part }) };
}

function receiptOf(data: Partial<Data<"message.delivered">>): unknown {
  const { message, watermark } = data;
  return { message: referenceOf(message), ...(watermark !== undefined && { watermark }) };
}

function failureOf(failure: Partial<Failure> | undefined): Failure {
  return { class: failure?.class ?? "unknown", reason: GONE, ...(failure?.assumed && { assumed: true }) };
}

function authorOf(author: Partial<Author> | undefined): Author {
  return { type: author?.type ?? "system" };
}

function deskOf(helpdesk: string | undefined): { helpdesk?: string } {
  return helpdesk === undefined ? {} : { helpdesk };
}
