import type { WebhookRequest } from "../../channels/connector.ts";
import type { DeskHappening } from "../../domain/desk-happening.ts";
import { jsonIn } from "../../domain/json.ts";
import type { Desk, DeskParse } from "../helpdesk.ts";
import { unreadable } from "../unreadable.ts";
import { assignedHappening, changeTime, stateHappening, stateOf, tagsHappening } from "./conversation.ts";
import { inboxIds } from "./inbox.ts";
import { deletedHappening, isDeleted, isRetried, isToCustomer, replyOf } from "./message.ts";
import { Conversation, changeOf, Message, msOf, Told, ToldMessage } from "./payload.ts";
import type { Secrets, Settings } from "./settings.ts";

/**
 * An API inbox posts everything that happens in it to its one address; a webhook of the whole account, where somebody
 * has set one up, posts the same again, and other inboxes' beside it, which are none of ours.
 */
export function parse({ body }: WebhookRequest, { settings }: Desk<Settings, Secrets>): DeskParse {
  const json = jsonIn(body);
  if (json === undefined) return { ok: false, reason: "the body is not JSON" };
  const told = Told.safeParse(json);
  if (!told.success) return unreadable(told.error);
  const isOurs = (inbox: number | undefined) => inbox === undefined || inboxIds(settings).includes(inbox);
  const { event, account, inbox } = told.data;
  if (account?.id !== undefined && account.id !== String(settings.accountId)) return { ok: true, happenings: [] };

  switch (event) {
    case "message_created":
    case "message_updated": {
      const message = ToldMessage.safeParse(json);
      if (!message.success) return unreadable(message.error);
      const { conversation } = message.data;
      if (!isOurs(inbox?.id ?? conversation.inbox_id)) return { ok: true, happenings: [] };
      const reply = event === "message_created" ? replyOf(message.data, conversation.id) : undefined;
      const happenings = event === "message_created" ? (reply ? [reply] : []) : updated(message.data, told.data);
      return { ok: true, happenings };
    }
    case "conversation_status_changed":
    case "conversation_updated": {
      const conversation = Conversation.safeParse(json);
      if (!conversation.success) return unreadable(conversation.error);
      if (!isOurs(conversation.data.inbox_id)) return { ok: true, happenings: [] };
      return { ok: true, happenings: changed(conversation.data, told.data) };
    }
    default:
      return { ok: true, happenings: [] };
  }
}

/**
 * Every status that we set comes back as this event, and most of it in this form: without a word of what has changed.
 * So nothing counts but what only somebody at the desk can have done.
 */
function updated(message: Message & { conversation: Conversation }, told: Told): DeskHappening[] {
  const { id, conversation } = message;
  if (!isToCustomer(message)) return [];
  if (isDeleted(message)) return [deletedHappening(message, conversation.id)];
  const time = changeTime(conversation);
  const at = msOf(conversation.updated_at);
  const about = { ticket: conversation.id, of: id, ...(at !== undefined && { at }) };
  if (changeOf(told, "content")) return [{ type: "edited", id: `${id}-edited-${time}`, ...about }];
  const change = changeOf(told, "status");
  if (told.changed_attributes !== undefined && change?.previous_value !== "failed") return [];
  const status = message.status ?? shownStatus(message);
  // Whether it was a failure that we know of, what is kept tells; so that one Retry has one id, whoever tells of it.
  return isRetried(message, status) ? [{ type: "look", id: `${id}-retried-${time}`, ticket: conversation.id }] : [];
}

/** The conversation shows its last message whole: the only place where 4.13 tells a message's status. */
function shownStatus({ id, conversation }: { id: string; conversation: Conversation }): string | undefined {
  for (const shown of conversation.messages ?? []) {
    const message = Message.safeParse(shown);
    if (message.success && message.data.id === id) return message.data.status;
  }
  return undefined;
}

/** The state as it is when it is told: two changes that overtake each other both tell the last one. */
function changed(conversation: Conversation, told: Told): DeskHappening[] {
  if (told.event === "conversation_status_changed") {
    const change = changeOf(told, "status");
    const isStill = change && stateOf(change.previous_value) === stateOf(change.current_value);
    return isStill || conversation.status === undefined ? [] : [stateHappening(conversation)];
  }
  return [
    ...(changeOf(told, "assignee_id") ? [assignedHappening(conversation)] : []),
    ...(changeOf(told, "label_list") ? [tagsHappening(conversation)] : []),
  ];
}
