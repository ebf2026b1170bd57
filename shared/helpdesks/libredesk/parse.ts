import type { WebhookRequest } from "../../channels/connector.ts";
import type { DeskHappening } from "../../domain/desk-happening.ts";
import { jsonIn } from "../../domain/json.ts";
import type { Desk, DeskParse } from "../helpdesk.ts";
import { unreadable } from "../unreadable.ts";
import { Assigned, Message, StatusChanged, TagsChanged, Unassigned, Webhook } from "./payload.ts";
import { replyOf } from "./reply.ts";
import type { Secrets, Settings } from "./settings.ts";
import { isDone } from "./status.ts";

/**
 * Webhooks are of the whole LibreDesk, every inbox's: whose ticket it is, is for others to know. `message.updated` tells
 * how far LibreDesk's own sending came, which for a live chat is of no meaning.
 */
export function parse({ body }: WebhookRequest, { settings }: Desk<Settings, Secrets>): DeskParse {
  const json = jsonIn(body);
  if (json === undefined) return { ok: false, reason: "the body is not JSON" };
  const webhook = Webhook.safeParse(json);
  if (!webhook.success) return unreadable(webhook.error);
  const { event, timestamp, payload } = webhook.data;
  switch (event) {
    case "message.created": {
      const message = Message.safeParse(payload);
      if (!message.success) return unreadable(message.error, "payload");
      const reply = replyOf(message.data, settings);
      return happened(...(reply ? [reply] : []));
    }
    case "conversation.status_changed": {
      const change = StatusChanged.safeParse(payload);
      if (!change.success) return unreadable(change.error, "payload");
      const { new_status: status, conversation } = change.data;
      const state = isDone(status, conversation?.status_category) ? "closed" : "open";
      return happened({ type: "state", ...about(change.data, status, timestamp), state });
    }
    case "conversation.tags_changed": {
      const change = TagsChanged.safeParse(payload);
      if (!change.success) return unreadable(change.error, "payload");
      return happened({ type: "tags", ...about(change.data, "tags", timestamp), tags: change.data.new_tags ?? [] });
    }
    case "conversation.assigned": {
      const change = Assigned.safeParse(payload);
      if (!change.success) return unreadable(change.error, "payload");
      const id = String(change.data.assigned_to);
      return happened({ type: "assigned", ...about(change.data, `assigned ${id}`, timestamp), assignee: { id } });
    }
    case "conversation.unassigned": {
      const change = Unassigned.safeParse(payload);
      if (!change.success) return unreadable(change.error, "payload");
      return happened({ type: "assigned", ...about(change.data, "unassigned", timestamp) });
    }
    default:
      return happened();
  }
}

type Change = {
  conversation_uuid: string;
  conversation?: { updated_at?: string | null | undefined } | null | undefined;
};

/** Changes have no id: it is made of what changed, and of the time that the conversation itself gives for it. */
function about(
  { conversation_uuid: ticket, conversation }: Change,
  what: string,
  timestamp: string | null | undefined,
) {
  const time = conversation?.updated_at ?? timestamp ?? "";
  const at = Date.parse(time);
  return { id: `${ticket}#${what}#${time}`, ticket, ...(Number.isFinite(at) && { at }) };
}

function happened(...happenings: DeskHappening[]): DeskParse {
  return { ok: true, happenings };
}
