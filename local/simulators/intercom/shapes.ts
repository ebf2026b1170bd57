/** Contacts, conversations and their parts as the API and the webhooks show them. */
import { asHtml } from "../html.ts";
import { type DeskContact, type DeskFile, type DeskMessage, type DeskTicket, filePath } from "../ticket-desk.ts";

/** A part without words: somebody closed, opened, handed over, or an attribute was changed. */
export interface EventPart {
  id: string;
  part_type: string;
  author: Record<string, unknown>;
  assigned_to?: { type: string; id: string };
  at: number;
}

/** What the API has beside what every desk has. */
export interface Extra {
  events: EventPart[];
  /** Messages that did something else, too: closed tickets are opened by the customer's word. */
  partTypes: Map<string, string>;
}

export interface Showing {
  contact: DeskContact | undefined;
  extra: Extra;
  /** HTML, but for who asks for plain text, and for webhooks of newer versions. */
  isPlain: boolean;
  fileOrigin: string;
}

export function contactShape({ id, externalId, name, phone }: DeskContact) {
  return {
    type: "contact",
    id,
    external_id: externalId ?? null,
    role: "user",
    email: null,
    phone: phone ?? null,
    name: name ?? null,
    custom_attributes: {},
  };
}

/** @param only the parts that a webhook carries; all of them otherwise, the newest 500 */
export function conversationShape(ticket: DeskTicket, showing: Showing, only?: readonly string[]) {
  const [source, ...messages] = ticket.messages;
  const { contact, extra } = showing;
  const all = [...messages.map((message) => messagePart(message, showing)), ...extra.events.map(eventShape)];
  const parts = all.toSorted((one, other) => Number(one.id) - Number(other.id)).slice(-500);
  const shown = only ? parts.filter((part) => only.includes(part.id)) : parts;
  return {
    type: "conversation",
    id: ticket.id,
    created_at: seconds(ticket.createdAt),
    updated_at: seconds(ticket.updatedAt),
    title: ticket.title ?? null,
    source: source && {
      type: "conversation",
      id: source.id,
      delivered_as: "customer_initiated",
      subject: "",
      body: written(source.text, showing.isPlain),
      author: { type: "user", id: ticket.contact, name: contact?.name ?? null, email: null },
      attachments: source.files.map((file) => attachment(file, showing.fileOrigin)),
      redacted: false,
    },
    contacts: {
      type: "contact.list",
      contacts: [{ type: "contact", id: ticket.contact, external_id: contact?.externalId ?? null }],
    },
    admin_assignee_id: 0,
    team_assignee_id: 0,
    open: ticket.status === "open",
    state: ticket.status,
    read: false,
    tags: { type: "tag.list", tags: ticket.tags.map((name) => ({ type: "tag", id: tagId(name), name })) },
    custom_attributes: ticket.fields,
    conversation_parts: {
      type: "conversation_part.list",
      conversation_parts: shown,
      total_count: shown.length,
    },
  };
}

/** In a list of conversations, none has its parts. */
export function listItem(ticket: DeskTicket, showing: Showing) {
  const { conversation_parts: _, ...item } = conversationShape(ticket, showing);
  return item;
}

export function adminId(name: string): string {
  return String(900_000 + ([...name].reduce((sum, letter) => sum * 31 + (letter.codePointAt(0) ?? 0), 7) % 90_000));
}

export function agentOf(name: string) {
  return { type: "admin", id: adminId(name), name, email: "somebody@example.com" };
}

export function tagId(name: string): string {
  return `7${adminId(name)}`;
}

export function seconds(ms: number): number {
  return Math.floor(ms / 1000);
}

function messagePart(message: DeskMessage, { contact, extra, isPlain, fileOrigin }: Showing) {
  const { id, isPrivate, isDeleted = false, text, files, at, editedAt } = message;
  return {
    type: "conversation_part",
    id,
    part_type: isPrivate ? "note" : (extra.partTypes.get(id) ?? "comment"),
    body: isDeleted ? null : written(text, isPlain),
    created_at: seconds(at),
    updated_at: seconds(editedAt ?? at),
    notified_at: seconds(at),
    assigned_to: null,
    author: author(message, contact),
    attachments: isDeleted ? [] : files.map((file) => attachment(file, fileOrigin)),
    external_id: null,
    redacted: isDeleted,
    app_package_code: null,
  };
}

function eventShape({ at, assigned_to: to, ...event }: EventPart) {
  return {
    type: "conversation_part",
    ...event,
    body: null,
    created_at: seconds(at),
    updated_at: seconds(at),
    notified_at: seconds(at),
    assigned_to: to ?? null,
    attachments: [],
    external_id: null,
    redacted: false,
    app_package_code: null,
  };
}

function author({ author: { type, name = "Operator", id } }: DeskMessage, contact: DeskContact | undefined) {
  if (type === "customer") return { type: "user", id: contact?.id, name: contact?.name ?? null, email: null };
  const isBot = type === "bot";
  const admin = { ...agentOf(name), ...(id !== undefined && { id }) };
  return { ...admin, type: isBot ? "bot" : "admin", from_ai_agent: isBot, is_ai_answer: false };
}

function attachment(file: DeskFile, origin: string) {
  const { fileName: name, contentType: content_type, bytes } = file;
  return { type: "upload", name, url: `${origin}${filePath(file)}`, content_type, filesize: bytes.length };
}

function written(text: string, isPlain: boolean): string | null {
  if (isPlain) return text;
  if (text === "") return null;
  return `<p class="no-margin">${asHtml(text)}</p>`;
}
