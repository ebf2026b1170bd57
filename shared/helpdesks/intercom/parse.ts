import type { WebhookRequest } from "../../channels/connector.ts";
import type { DeskHappening } from "../../domain/desk-happening.ts";
import { jsonIn } from "../../domain/json.ts";
import type { DeskParse } from "../helpdesk.ts";
import { unreadable } from "../unreadable.ts";
import { assignedIn, deletedIn, isComment, isOurs, replyIn, stateIn } from "./part.ts";
import { Conversation, Notification, type Part, partsOf, Redacted } from "./payload.ts";

/**
 * Known topics alone: an app that was subscribed to more, notes for example, says nothing by them. The same reply may
 * come under several topics, always as the same part.
 */
export function parse({ body }: WebhookRequest): DeskParse {
  const json = jsonIn(body);
  if (json === undefined) return { ok: false, reason: "the body is not JSON" };
  const notification = Notification.safeParse(json);
  if (!notification.success) return unreadable(notification.error);
  const { topic, id, data } = notification.data;
  if (topic === "conversation_part.redacted") return redacted(data?.item);
  const read = TOPICS[topic];
  if (!read) return { ok: true, happenings: [] };
  const conversation = Conversation.safeParse(data?.item);
  if (!conversation.success) return unreadable(conversation.error, "data", "item");
  return { ok: true, happenings: read(conversation.data, id ?? undefined) };
}

type Reading = (conversation: Conversation, notification: string | undefined) => DeskHappening[];

const replied: Reading = (conversation) =>
  partsOf(conversation).flatMap((part): DeskHappening[] => {
    const reply = replyIn(part, conversation.id);
    if (reply) return [reply];
    // Words that are not in the webhook may be in the conversation.
    return isComment(part) ? [{ type: "look", id: `${part.id}:look`, ticket: conversation.id }] : [];
  });

const TOPICS: Readonly<Record<string, Reading>> = {
  "conversation.admin.replied": replied,
  "conversation.operator.replied": replied,
  // A conversation may be closed with a last word.
  "conversation.admin.closed": (conversation) => [
    ...partsOf(conversation).flatMap((part) => replyIn(part, conversation.id) ?? []),
    ...lastOf(conversation).map((part) => stateIn(part, conversation.id, "closed")),
  ],
  "conversation.admin.opened": (conversation) =>
    lastOf(conversation).map((part) => stateIn(part, conversation.id, "open")),
  "conversation.admin.assigned": (conversation) =>
    lastOf(conversation).map((part) => assignedIn(part, conversation.id)),
  "conversation_part.tag.created": ({ id: ticket, tags, updated_at: updated }, notification) => {
    const names = tags?.tags?.flatMap(({ name }) => name || []);
    return names
      ? [{ type: "tags", id: notification ?? `${ticket}:tags:${updated ?? names}`, ticket, tags: names }]
      : [];
  },
};

/** What was done, which the customer cannot have: the last part of somebody else. */
function lastOf(conversation: Conversation): Part[] {
  return partsOf(conversation).filter(isOurs).slice(-1);
}

function redacted(item: unknown): DeskParse {
  const conversation = Conversation.safeParse(item);
  const parts = conversation.success ? partsOf(conversation.data) : [];
  if (conversation.success && parts.length > 0)
    return { ok: true, happenings: parts.map(({ id }) => deletedIn(id, conversation.data.id)) };
  const { success, data } = Redacted.safeParse(item);
  if (!success || data.type !== "conversation_part") return { ok: true, happenings: [] };
  return { ok: true, happenings: [deletedIn(data.id, data.conversation_id ?? undefined)] };
}
