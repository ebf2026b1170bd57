/** How the API and the webhooks show what is in the company. */
import type { DeskMessage, DeskStore, DeskTicket } from "../ticket-desk.ts";

const API = "https://api2.frontapp.com";

/** A conversation's other names, and where it came in. */
export interface Thread {
  channel: string;
  externalIds: string[];
}

const PEOPLE = { agent: "user", bot: "rule" } as const;

/** @param isChannel whether the channel asks: by its token alone external ids are shown */
export function messageShape(
  message: DeskMessage,
  ticket: DeskTicket,
  { store, uid, isChannel }: { store: DeskStore; uid?: string | undefined; isChannel: boolean },
) {
  const handle = store.contacts.get(ticket.contact)?.externalId ?? "";
  const isInbound = message.author.type === "customer";
  const answered = ticket.messages.slice(0, ticket.messages.indexOf(message)).findLast((one) => !one.isPrivate);
  const { marker } = message;
  return {
    _links: {
      self: `${API}/messages/${message.id}`,
      related: {
        conversation: `${API}/conversations/${ticket.id}`,
        ...(answered && { message_replied_to: `${API}/messages/${answered.id}` }),
      },
    },
    ...{ id: message.id, type: "custom", is_inbound: isInbound, is_draft: false, draft_mode: null },
    ...(uid !== undefined && { message_uid: uid }),
    error_type: message.status === "failed" ? "message_failed" : null,
    ...{ version: null, created_at: message.at / 1000, subject: ticket.title ?? "" },
    ...{ blurb: message.text.slice(0, 140), body: message.text, text: message.text },
    author: authorShape(message.author),
    recipients: [{ _links: { related: { contact: null } }, name: null, handle, role: isInbound ? "from" : "to" }],
    attachments: message.files.map(({ id, contentType, fileName, bytes }) => ({
      ...{ id, url: `${API}/messages/${message.id}/download/${id}`, filename: fileName, content_type: contentType },
      ...{ size: bytes.length, metadata: { is_inline: false } },
    })),
    signature: null,
    metadata: isChannel && typeof marker === "string" ? { external_id: marker } : {},
  };
}

export function commentShape(message: DeskMessage, ticket: DeskTicket) {
  return {
    _links: {
      self: `${API}/comments/${message.id}`,
      related: {
        conversation: `${API}/conversations/${ticket.id}`,
        mentions: `${API}/comments/${message.id}/mentions`,
      },
    },
    ...{ id: message.id, author: authorShape(message.author) ?? { id: "tea_api", type: "api", username: "api" } },
    ...{ body: message.text, posted_at: message.at / 1000, attachments: [], is_pinned: false },
  };
}

export function conversationShape(
  ticket: DeskTicket,
  { store, tags, thread }: { store: DeskStore; tags: ReadonlyMap<string, string>; thread?: Thread | undefined },
) {
  const { name = null, externalId: handle } = store.contacts.get(ticket.contact) ?? {};
  const isAssigned = ticket.assignee !== undefined;
  return {
    _links: {
      self: `${API}/conversations/${ticket.id}`,
      related: { messages: `${API}/conversations/${ticket.id}/messages` },
    },
    ...{ id: ticket.id, type: "conversation", subject: ticket.title ?? "", ticket_ids: [] },
    status: ticket.status === "closed" ? "archived" : isAssigned ? "assigned" : "unassigned",
    assignee: teammate(ticket.assignee),
    recipient: { _links: { related: { contact: `${API}/contacts/${ticket.contact}` } }, name, handle, role: "from" },
    tags: ticket.tags.map((tag) => ({ id: idOfTag(tag, tags), name: tag, description: null, highlight: null })),
    ...{
      links: [],
      custom_fields: ticket.fields,
      created_at: ticket.createdAt / 1000,
      updated_at: ticket.updatedAt / 1000,
    },
    ...{ is_private: false, scheduled_reminders: [] },
    metadata: thread ? { external_conversation_ids: thread.externalIds } : {},
  };
}

export function teammate(name: string | undefined) {
  return name === undefined ? null : authorShape({ type: "agent", name });
}

/** @returns `_pagination.next` of the company's own host, as Front writes it */
export function listShape(path: string, query: URLSearchParams, all: readonly unknown[]) {
  const limit = Math.min(Number(query.get("limit") ?? 50) || 50, 100);
  const from = Number(query.get("page_token") ?? 0) || 0;
  const more = from + limit < all.length;
  const next = `https://company.api.frontapp.com${path}?limit=${limit}&page_token=${from + limit}`;
  return {
    _pagination: { next: more ? next : null },
    _links: { self: `${API}${path}` },
    _results: all.slice(from, from + limit),
  };
}

function authorShape({ type, name = "Ana" }: DeskMessage["author"]) {
  if (type !== "agent" && type !== "bot") return null;
  const [first_name, ...others] = name.split(" ");
  const username = name.toLowerCase().replace(/\W+/g, "_");
  return {
    _links: { self: `${API}/teammates/tea_${username}` },
    ...{ id: `tea_${username}`, email: `${username}@example.com`, username, first_name, last_name: others.join(" ") },
    ...{ is_admin: false, is_available: true, is_blocked: false, type: PEOPLE[type], custom_fields: {} },
  };
}

function idOfTag(name: string, tags: ReadonlyMap<string, string>): string {
  return [...tags].find(([, one]) => one === name)?.[0] ?? `tag_${name}`;
}
