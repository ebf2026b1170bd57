/** What its program tells of a deed: the event itself, and for most of them an activity, which is a message, too. */
import { randomUUID } from "node:crypto";
import type { DeskDeed, DeskTicket, DeskWebhook } from "../ticket-desk.ts";
import { numberOf, type Rooms, time } from "./rooms.ts";

const ACTOR = "Ana";

export function webhooksOf(deed: DeskDeed, rooms: Rooms): readonly DeskWebhook[] {
  const { ticket } = deed;
  const about = {
    conversation_uuid: ticket.id,
    actor_id: numberOf(ACTOR),
    conversation: rooms.conversationJson(ticket),
  };
  switch (deed.type) {
    case "message": {
      const message = rooms.messageJson(deed.message, ticket);
      const isFirst = ticket.messages[0] === deed.message;
      // A live chat that nobody has open still ends as sent.
      const isSent = message.type === "outgoing" && message.private === false;
      return [
        ...(isFirst ? [webhook("conversation.created", rooms.conversationJson(ticket))] : []),
        webhook("message.created", message),
        ...(isSent ? [webhook("message.updated", { ...message, status: "sent" })] : []),
      ];
    }
    case "state": {
      const status = rooms.statusOf(ticket);
      const previous = ticket.status === "closed" ? "Open" : "Resolved";
      const change = { ...about, previous_status: previous, new_status: status, snooze_until: "" };
      return [
        webhook("conversation.status_changed", change),
        activity(`${ACTOR} marked the conversation as ${status}`, ticket),
      ];
    }
    case "assigned": {
      if (ticket.assignee === undefined) return [webhook("conversation.unassigned", about)];
      const change = { ...about, assigned_to: numberOf(ticket.assignee) };
      return [webhook("conversation.assigned", change), activity(`Assigned to ${ticket.assignee} by ${ACTOR}`, ticket)];
    }
    case "tags":
      return [webhook("conversation.tags_changed", { ...about, previous_tags: [], new_tags: ticket.tags })];
    case "status":
    case "again":
      return [webhook("message.updated", { ...rooms.messageJson(deed.message, ticket), status: "pending" })];
    // Agents cannot change or take back what they wrote.
    case "edited":
    case "deleted":
      return [];
  }
}

function activity(content: string, ticket: DeskTicket): DeskWebhook {
  const now = time(Date.now());
  return webhook("message.created", {
    ...{ uuid: randomUUID(), type: "activity", status: "sent", private: true, created_at: now, updated_at: now },
    ...{ conversation_uuid: ticket.id, content, text_content: content, content_type: "text", sender_type: "agent" },
    ...{ meta: {}, attachments: [], author: { id: numberOf(ACTOR), first_name: ACTOR, last_name: "", type: "agent" } },
  });
}

function webhook(event: string, payload: unknown): DeskWebhook {
  // To the second, and of the time when it goes out.
  const timestamp = new Date().toISOString().replace(/\.\d+Z$/, "Z");
  return {
    body: JSON.stringify({ event, timestamp, payload }),
    headers: { "content-type": "application/json", "user-agent": "Libredesk-Webhook/v2.7.0" },
  };
}
