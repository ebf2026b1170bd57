/** What the widget and the agents share: conversations, their messages, and how either is written. */
import { createHmac, randomUUID } from "node:crypto";
import { asHtml } from "../html.ts";
import type { DeskDeed, DeskFile, DeskMessage, DeskStore, DeskTicket } from "../ticket-desk.ts";
import type { LibredeskOptions } from "./index.ts";

/** How a message is kept that came by the API; what an agent types in the screens has none. */
interface Kept {
  content: string;
  contentType: "text" | "html";
  meta: Record<string, unknown>;
}

export type Rooms = ReturnType<typeof createRooms>;

export function createRooms(store: DeskStore, options: LibredeskOptions, tell: (deed: DeskDeed) => void) {
  /** Uploads by their number, until a message takes them. */
  const uploads = new Map<number, DeskFile>();
  const statuses = new Map<string, string>();

  function add(
    ticket: DeskTicket,
    author: DeskMessage["author"],
    { isPrivate = false, files = [], ...kept }: Kept & { isPrivate?: boolean; files?: DeskFile[] },
  ): DeskMessage {
    const text = kept.contentType === "text" ? kept.content : plain(kept.content);
    const message = store.addMessage(ticket, { id: randomUUID(), author, isPrivate, text, files, marker: kept });
    tell({ type: "message", ticket, message });
    return message;
  }

  /** The status by its name. Administrators name some more; the two that are over are Resolved and Closed. */
  function statusOf(ticket: DeskTicket): string {
    const named = statuses.get(ticket.id);
    const isOver = named === "Resolved" || named === "Closed";
    if (named !== undefined && isOver === (ticket.status === "closed")) return named;
    return ticket.status === "closed" ? "Resolved" : "Open";
  }

  function setStatus(ticket: DeskTicket, name: string): void {
    statuses.set(ticket.id, name);
    ticket.status = name === "Resolved" || name === "Closed" ? "closed" : "open";
    ticket.updatedAt = Date.now();
  }

  function messageJson(message: DeskMessage, ticket: DeskTicket): Record<string, unknown> {
    const kept = keptOf(message);
    const { author, isPrivate, at } = message;
    const isCustomer = author.type === "customer";
    const contact = store.contacts.get(ticket.contact);
    const [first = "", ...others] = (isCustomer ? contact?.name : author.name)?.split(" ") ?? [];
    const time = new Date(at).toISOString();
    return {
      ...{ id: numberOf(message.id), created_at: time, updated_at: time, uuid: message.id },
      type: isCustomer ? "incoming" : "outgoing",
      status: isCustomer ? "received" : (message.status ?? (isPrivate ? "sent" : "pending")),
      ...{ conversation_id: numberOf(ticket.id), conversation_uuid: ticket.id },
      ...{ content: kept.content, text_content: message.text, content_type: kept.contentType, private: isPrivate },
      sender_id: isCustomer ? Number(ticket.contact) : numberOf(author.name ?? "api"),
      sender_type: isCustomer ? "contact" : "agent",
      meta: kept.meta,
      attachments: message.files.map(attachmentJson),
      author: {
        id: isCustomer ? Number(ticket.contact) : numberOf(author.name ?? "api"),
        ...{ first_name: first, last_name: others.join(" "), availability_status: "online", avatar_url: null },
        email: isCustomer ? (contact?.fields.email ?? null) : `${first.toLowerCase()}@desk.example.com`,
        type: isCustomer ? "contact" : author.type === "bot" ? "ai_assistant" : "agent",
        last_active_at: null,
      },
    };
  }

  function attachmentJson(file: DeskFile): Record<string, unknown> {
    const expires = Math.floor(Date.now() / 1000) + 3600;
    const url = `${options.baseUrl.replace(/\/+$/, "")}/uploads/${file.id}?sig=${signatureOf(file.id, expires)}&exp=${expires}`;
    return {
      ...{ uuid: file.id, name: file.fileName, content_type: file.contentType, size: file.bytes.length },
      ...{ content_id: "", disposition: "attachment", url },
    };
  }

  function conversationJson(ticket: DeskTicket): Record<string, unknown> {
    const contact = store.contacts.get(ticket.contact);
    const [first = "", ...others] = contact?.name?.split(" ") ?? [];
    const last = ticket.messages.at(-1);
    return {
      ...{ id: numberOf(ticket.id), uuid: ticket.id, contact_id: Number(ticket.contact), inbox_id: 1 },
      ...{ created_at: time(ticket.createdAt), updated_at: time(ticket.updatedAt), closed_at: null, resolved_at: null },
      ...{
        status: statusOf(ticket),
        priority: null,
        subject: null,
        inbox_channel: "livechat",
        inbox_name: "Live chat",
      },
      assigned_user_id: ticket.assignee === undefined ? null : numberOf(ticket.assignee),
      ...{ assigned_team_id: null, tags: ticket.tags, meta: {}, custom_attributes: ticket.fields },
      ...{ last_message: last?.text ?? null, last_message_at: last ? time(last.at) : null },
      contact: {
        ...{ id: Number(ticket.contact), first_name: first, last_name: others.join(" "), type: "contact" },
        ...{ email: contact?.fields.email ?? null, phone_number: contact?.phone ?? null },
        external_user_id: contact?.externalId ?? null,
      },
    };
  }

  function signatureOf(file: string, expires: number): string {
    return createHmac("sha256", options.apiSecret).update(`${file}.${expires}`).digest("hex");
  }

  return {
    ...{ store, options, tell, uploads, add, statusOf, setStatus },
    ...{ messageJson, attachmentJson, conversationJson, signatureOf },
  };
}

/** What the database numbers, by its UUID or name: the same each time. */
export function numberOf(name: string): number {
  return Buffer.from(name).reduce((sum, byte) => (sum * 31 + byte) % 1_000_003, 7);
}

export function time(ms: number): string {
  return new Date(ms).toISOString();
}

function keptOf(message: DeskMessage): Kept {
  const kept = message.marker as Kept | undefined;
  if (kept) return kept;
  // Typed by an agent in the screens, whose editor gives every message a mark of its own to find it again by.
  return { content: `<p>${asHtml(message.text)}</p>`, contentType: "html", meta: { echo_id: `temp-${message.id}` } };
}

/** What HTML says without its tags. */
function plain(html: string): string {
  const entities: Record<string, string> = { amp: "&", lt: "<", gt: ">", quot: '"' };
  return html
    .replace(/<br\s*\/?>/g, "\n")
    .replace(/<[^>]*>/g, "")
    .replace(/&(?:#(\d+)|(\w+));/g, (whole, code?: string, name?: string) =>
      code === undefined ? (entities[name ?? ""] ?? whole) : String.fromCodePoint(Number(code)),
    );
}
