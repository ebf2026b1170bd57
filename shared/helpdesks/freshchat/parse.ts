import type { WebhookRequest } from "../../channels/connector.ts";
import type { DeskHappening } from "../../domain/desk-happening.ts";
import { jsonIn } from "../../domain/json.ts";
import type { Desk, DeskParse } from "../helpdesk.ts";
import { unreadable } from "../unreadable.ts";
import { audienceOf, replyOf, writerOf } from "./message.ts";
import { Change, Message, timeIn, Webhook } from "./payload.ts";
import type { Secrets, Settings } from "./settings.ts";

/**
 * There is one webhook for the whole account, every topic's: whose ticket it is, is for others to know. What the customer
 * is made to say, and every note, comes back, too, and is nothing.
 */
export function parse({ body }: WebhookRequest, { settings }: Desk<Settings, Secrets>): DeskParse {
  const json = jsonIn(body);
  if (json === undefined) return { ok: false, reason: "the body is not JSON" };
  const webhook = Webhook.safeParse(json);
  if (!webhook.success) return unreadable(webhook.error);
  const { action, action_time, data } = webhook.data;
  if (action === "message_create") return said(data?.message, settings);
  const inside = CHANGES[action];
  if (inside === undefined) return { ok: true, happenings: [] };
  const within = data?.[inside] === undefined ? ["data"] : ["data", inside];
  const change = Change.safeParse(data?.[inside] ?? data);
  if (!change.success) return unreadable(change.error, ...within);
  const { conversation, to_agent_id: to, interaction_id: interaction } = change.data;
  const ticket = conversation.conversation_id;
  const at = timeIn(action_time);
  const about = {
    // Changes have no id: Freshchat gives the time of each, and the same one when it tells it again.
    id: `${ticket}#${inside}#${action_time ?? interaction ?? ""}`,
    ticket,
    ...(at !== undefined && { at }),
  };
  if (inside !== "assignment")
    return happened({ type: "state", ...about, state: inside === "resolve" ? "closed" : "open" });
  const id = to ?? conversation.assigned_agent_id;
  return happened({ type: "assigned", ...about, ...(id != null && { assignee: { id } }) });
}

const CHANGES: Readonly<Record<string, "resolve" | "reopen" | "assignment">> = {
  conversation_resolution: "resolve",
  conversation_reopen: "reopen",
  conversation_assignment: "assignment",
};

function said(given: unknown, settings: Settings): DeskParse {
  const read = Message.safeParse(given);
  if (!read.success) return unreadable(read.error, "data", "message");
  const message = read.data;
  const ticket = message.conversation_id ?? message.freshchat_conversation_id;
  if (ticket == null || writerOf(message, settings) === undefined) return happened();
  // Better asked than a note sent to the customer.
  if (audienceOf(message, settings) === "unclear") return happened({ type: "look", id: `${message.id}#look`, ticket });
  const reply = replyOf(message, ticket, settings);
  return happened(...(reply ? [reply] : []));
}

function happened(...happenings: DeskHappening[]): DeskParse {
  return { ok: true, happenings };
}
