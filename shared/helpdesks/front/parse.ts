import type { WebhookRequest } from "../../channels/connector.ts";
import type { DeskHappening } from "../../domain/desk-happening.ts";
import { jsonIn } from "../../domain/json.ts";
import type { DeskParse } from "../helpdesk.ts";
import { unreadable } from "../unreadable.ts";
import { Event, Message, Teammate, Webhook } from "./payload.ts";
import { threadAmong } from "./thread.ts";

type Reply = Extract<DeskHappening, { type: "reply" }>;

/**
 * A message that somebody sent on the channel, and what Front wants to hear of it: ids of ours for the message and its
 * thread. `refusal`: it cannot go out, in words for whoever wrote it.
 */
export type Sent = { reply: Reply; externalId: string; thread: string } | { refusal: string };

/** Messages of the channel, and what was done with a conversation. The rest has no interest: imports are our own writing. */
export function parse({ body }: Pick<WebhookRequest, "body">): DeskParse {
  const json = jsonIn(body);
  if (json === undefined) return { ok: false, reason: "the body is not JSON" };
  const webhook = Webhook.safeParse(json);
  if (!webhook.success) return unreadable(webhook.error);
  if (isSending(webhook.data)) {
    const message = Message.safeParse(webhook.data.payload);
    if (!message.success) return unreadable(message.error, "payload");
    const sent = sentBy(webhook.data, message.data);
    return { ok: true, happenings: "reply" in sent ? [sent.reply] : [] };
  }
  const event = Event.safeParse(webhook.data.payload);
  const happening = event.success ? happeningOf(event.data, webhook.data.type) : undefined;
  return { ok: true, happenings: happening ? [happening] : [] };
}

/** The message that a webhook of the channel sends; undefined for any other webhook. */
export function sentIn(json: unknown): Sent | undefined {
  const webhook = Webhook.safeParse(json);
  if (!webhook.success || !isSending(webhook.data)) return undefined;
  const message = Message.safeParse(webhook.data.payload);
  return message.success ? sentBy(webhook.data, message.data) : { refusal: "The message could not be read." };
}

/** Front's id of a message, with what was written; undefined where nothing was. */
export function replyOf(message: Message, about: { id: string; ticket?: string; isBot: boolean }): Reply | undefined {
  const { id, ticket, isBot } = about;
  const { created_at: at, attachments } = message;
  const name = nameOf(message.author);
  const files = (attachments ?? []).map(({ id: file, url, filename, content_type: contentType }) => ({
    url,
    ...(file && { id: file }),
    ...(contentType && { contentType }),
    ...(filename && { fileName: filename }),
  }));
  const words = wordsOf(message);
  if (!words.text && files.length === 0) return undefined;
  return {
    type: "reply",
    id,
    ...(ticket !== undefined && { ticket }),
    ...momentOf(at),
    author: { type: isBot ? "bot" : "agent", ...(name && { name }) },
    ...words,
    files,
  };
}

/**
 * What an event says of its conversation. The same names it has in lists (`archive`) and in webhooks
 * (`conversation_archived`); both are taken in either place, and the id is the event's in both.
 */
export function happeningOf(event: Event, type = event.type ?? ""): DeskHappening | undefined {
  const { id, emitted_at: at, conversation, source, target } = event;
  if (!id || !conversation?.id) return undefined;
  const about = { id, ticket: conversation.id, ...momentOf(at) };
  const kind = KINDS[type] ?? KINDS[event.type ?? ""];
  switch (kind) {
    case "open":
    case "closed":
      // Our own doing shows as the API's, and may come when the customer has long written again.
      return source?._meta?.type === "api" ? undefined : { type: "state", ...about, state: kind };
    case "assigned": {
      const told = target?._meta?.type === "teammate" ? Teammate.safeParse(target.data) : undefined;
      const teammate = told?.success ? told.data : conversation.assignee;
      const name = nameOf(teammate);
      const assignee = { ...(teammate?.id && { id: teammate.id }), ...(name && { name }) };
      return { type: "assigned", ...about, ...(teammate && { assignee }) };
    }
    case "unassigned":
      return { type: "assigned", ...about };
    case "tags":
      if (!conversation.tags) return undefined;
      return {
        type: "tags",
        ...about,
        tags: conversation.tags.flatMap(({ name }) => (name ? [name] : [])),
      };
    default:
      return undefined;
  }
}

/** Of whom it goes to. */
export function handlesOf({ recipients }: Message): string[] {
  return (recipients ?? []).flatMap(({ handle, role }) => (handle && role !== "from" ? [handle] : []));
}

/** The id at the end of a link to a resource: `cnv_…`, `msg_…`. */
export function idIn(link: string | null | undefined, prefix: "cnv" | "msg"): string | undefined {
  return new RegExp(`/(${prefix}_[A-Za-z0-9]+)(?=[/?#]|$)`).exec(link ?? "")?.[1];
}

const KINDS: Readonly<Record<string, "open" | "closed" | "assigned" | "unassigned" | "tags">> = {
  archive: "closed",
  conversation_archived: "closed",
  trash: "closed",
  conversation_deleted: "closed",
  reopen: "open",
  conversation_reopened: "open",
  restore: "open",
  conversation_restored: "open",
  reminder: "open",
  conversation_snooze_expired: "open",
  assign: "assigned",
  assignee_changed: "assigned",
  unassign: "unassigned",
  tag: "tags",
  tag_added: "tags",
  untag: "tags",
  tag_removed: "tags",
};

/** Teammates that are people; every other author is a rule, a macro, an API client … */
const PEOPLE = new Set(["user", "visitor"]);
const MERGED =
  "This conversation was merged from several ones, and Front does not say to which of them the reply belongs. " +
  "Write to the customer in a conversation that is theirs alone.";

function isSending({ type }: Webhook): boolean {
  return type === "message" || type === "message_autoreply";
}

function sentBy({ type, metadata }: Webhook, message: Message): Sent {
  const related = message._links?.related;
  const answered = idIn(related?.message_replied_to, "msg");
  // An automatic reply may come without an id of its own; it is the only one to the message that it answers.
  const id = message.id || (type === "message_autoreply" && answered ? `${answered}_autoreply` : undefined);
  if (!id) return { refusal: "The message has no id." };
  const ticket = idIn(related?.conversation, "cnv");
  const threads = [metadata, message.metadata].flatMap((one) => [
    ...(one?.external_conversation_ids ?? []),
    ...(one?.external_conversation_id ? [one.external_conversation_id] : []),
  ]);
  const thread = threadAmong(threads, handlesOf(message));
  if (thread === "several") return { refusal: MERGED };
  // Known by Front's id alone; an answer to something, so that it is in a conversation which may be ours.
  const isAnswer = threads.length === 0 && ticket !== undefined && answered !== undefined;
  if (thread === "none" && !isAnswer)
    return { refusal: "Only a customer who has written before can be written to from Front." };
  const isBot = type === "message_autoreply" || !PEOPLE.has(message.author?.type ?? "user");
  const reply = replyOf(message, { id, isBot, ...(ticket !== undefined && { ticket }) });
  if (!reply) return { refusal: "The message is empty." };
  if (thread === "none") return { reply, externalId: id, thread: ticket ?? "" };
  return { reply: { ...reply, conversation: thread.conversation }, externalId: id, thread: thread.name };
}

/** A channel's messages are plain text to write; the body may have it as HTML all the same. */
function wordsOf({ text, body }: Message): Pick<Reply, "text" | "format"> {
  if (text?.trim()) return { text, format: "plain" };
  if (!body?.trim()) return {};
  return { text: body, format: /<[a-z][^>]*>/i.test(body) ? "html" : "plain" };
}

/** @param seconds since 1970, with a fraction */
function momentOf(seconds: number | null | undefined): { at?: number } {
  const at = Math.round((seconds ?? Number.NaN) * 1000);
  return Number.isFinite(at) ? { at } : {};
}

function nameOf(teammate: Teammate | null | undefined): string | undefined {
  const { first_name: first, last_name: last, username } = teammate ?? {};
  return [first, last].filter(Boolean).join(" ").trim() || username || undefined;
}
