/** What the workspace has beside what every desk has, and the webhooks that it tells of what happens in it. */
import { randomUUID } from "node:crypto";
import type { DeskDeed, DeskStore, DeskTicket, DeskWebhook } from "../ticket-desk.ts";
import {
  adminId,
  agentOf,
  conversationShape,
  type EventPart,
  type Extra,
  type Showing,
  seconds,
  tagId,
} from "./shapes.ts";

export interface Workspace {
  extraOf(ticket: DeskTicket): Extra;
  showing(ticket: DeskTicket, isPlain?: boolean): Showing;
  newPartId(): string;
  addEvent(ticket: DeskTicket, event: Pick<EventPart, "part_type" | "assigned_to">): EventPart;
  /** What is done meanwhile is done by this teammate. */
  by(admin: string, act: () => void): void;
  webhooks(deed: DeskDeed): readonly DeskWebhook[];
}

export function createWorkspace(store: DeskStore, fileOrigin: string): Workspace {
  const extras = new Map<string, Extra>();
  let actor: string | undefined;

  const extraOf = ({ id }: DeskTicket): Extra => {
    const extra = extras.get(id) ?? { events: [], partTypes: new Map<string, string>() };
    extras.set(id, extra);
    return extra;
  };
  const showing = (ticket: DeskTicket, isPlain = false): Showing => ({
    ...{ contact: store.contacts.get(ticket.contact), extra: extraOf(ticket), isPlain, fileOrigin },
  });
  const newPartId = () => String(30_000_000_000 + store.number());
  const addEvent: Workspace["addEvent"] = (ticket, event) => {
    const author = actor === undefined ? agentOf("Ana") : { ...agentOf("Ana"), id: actor };
    const added = { id: newPartId(), at: Date.now(), author, ...event };
    extraOf(ticket).events.push(added);
    ticket.updatedAt = added.at;
    return added;
  };

  function webhook(topic: string, ticket: DeskTicket, part: string | undefined, more: object = {}) {
    const item = conversationShape(ticket, showing(ticket, true), part === undefined ? [] : [part]);
    const now = seconds(Date.now());
    return {
      body: JSON.stringify({
        type: "notification_event",
        app_id: "i6wc9ipe",
        data: { type: "notification_event_data", item: { ...item, ...more } },
        links: {},
        id: `notif_${randomUUID()}`,
        topic,
        delivery_status: "pending",
        delivery_attempts: 1,
        delivered_at: 0,
        first_sent_at: now,
        created_at: now,
        self: null,
      }),
    };
  }

  /** Of the words, and of what else they did. */
  function webhooks(deed: DeskDeed): readonly DeskWebhook[] {
    const { ticket } = deed;
    switch (deed.type) {
      case "message": {
        const { message } = deed;
        if (message.isPrivate) return [webhook("conversation.admin.noted", ticket, message.id)];
        const replied = () => webhook("conversation.admin.replied", ticket, message.id);
        return message.author.type === "bot"
          ? [replied(), webhook("conversation.operator.replied", ticket, message.id)]
          : [replied()];
      }
      case "state": {
        const isOpen = ticket.status === "open";
        const { id } = addEvent(ticket, { part_type: isOpen ? "open" : "close" });
        return [webhook(`conversation.admin.${isOpen ? "opened" : "closed"}`, ticket, id)];
      }
      case "assigned": {
        const to = { type: "admin", id: adminId(ticket.assignee ?? "") };
        const { id } = addEvent(ticket, { part_type: "assignment", assigned_to: to });
        return [webhook("conversation.admin.assigned", ticket, id)];
      }
      case "tags": {
        const tags = ticket.tags.map((name) => ({ type: "tag", id: tagId(name), name }));
        return [webhook("conversation_part.tag.created", ticket, ticket.messages.at(-1)?.id, { tags_added: { tags } })];
      }
      case "deleted":
        return [webhook("conversation_part.redacted", ticket, deed.message.id)];
      default:
        return [];
    }
  }

  return {
    extraOf,
    showing,
    newPartId,
    addEvent,
    by(admin, act) {
      actor = admin;
      act();
      actor = undefined;
    },
    webhooks,
  };
}
