/** How Chatwoot writes a message, a contact and a conversation: in its API, and a little differently in its webhooks. */
import type { DeskContact, DeskFile, DeskMessage, DeskTicket } from "../ticket-desk.ts";
import type { Account } from "./account.ts";

const TYPES = { incoming: 0, outgoing: 1, activity: 2 } as const;
const DELETED = "This message was deleted";

/** As the API lists it. */
export function messageJson(message: DeskMessage, ticket: DeskTicket, account: Account) {
  const type = message.author.type === "customer" ? "incoming" : "outgoing";
  return {
    ...common(message, ticket, account),
    inbox_id: account.particulars(ticket).inbox.id,
    conversation_id: Number(ticket.id),
    message_type: TYPES[type],
    status: message.status ?? "sent",
    created_at: seconds(message.at),
    sender: senderJson(message, ticket, account),
  };
}

export function activityJson({ id, content, at }: { id: string; content: string; at: number }, ticket: DeskTicket) {
  return {
    ...{ id: Number(id), content, conversation_id: Number(ticket.id), message_type: TYPES.activity },
    ...{ content_type: "text", status: "sent", content_attributes: {}, private: false, source_id: null },
    created_at: seconds(at),
  };
}

/** As a webhook tells it: without its status. */
export function toldMessageJson(message: DeskMessage, ticket: DeskTicket, account: Account) {
  const { inbox } = account.particulars(ticket);
  return {
    account: { id: account.id, name: "Simulated" },
    additional_attributes: {},
    ...common(message, ticket, account),
    conversation: toldConversationJson(ticket, account),
    created_at: new Date(message.at).toISOString(),
    inbox: { id: inbox.id, name: `Inbox ${inbox.id}` },
    message_type: message.author.type === "customer" ? "incoming" : "outgoing",
    sender: senderJson(message, ticket, account),
  };
}

function common(message: DeskMessage, _ticket: DeskTicket, account: Account) {
  const { id, text, files, isPrivate, marker, isDeleted } = message;
  const content = isDeleted ? DELETED : text === "" ? null : text;
  const attributes = isDeleted ? { deleted: true } : { ...account.attributesOf(message), ...repliedTo(message) };
  return {
    id: Number(id),
    content,
    content_type: "text",
    content_attributes: attributes,
    private: isPrivate,
    source_id: typeof marker === "string" ? marker : null,
    ...(files.length > 0 && !isDeleted && { attachments: files.map((file) => attachmentJson(file, message, account)) }),
  };
}

function repliedTo({ replyTo }: DeskMessage) {
  return replyTo === undefined ? {} : { in_reply_to: Number(replyTo), in_reply_to_external_id: null };
}

/** The address names a file for ever, and redirects to where it lies. */
function attachmentJson(
  { id, fileName, contentType, bytes }: DeskFile,
  message: DeskMessage,
  { id: account, baseUrl }: Account,
) {
  const [kind = ""] = contentType.split("/");
  const url = `${baseUrl}/rails/active_storage/blobs/redirect/${id}/${encodeURIComponent(fileName)}`;
  return {
    ...{ id: numberOf(id), message_id: Number(message.id), account_id: account },
    file_type: ["image", "video", "audio"].includes(kind) ? kind : "file",
    extension: null,
    content_type: contentType,
    data_url: url,
    thumb_url: kind === "image" ? url : "",
    file_size: bytes.length,
  };
}

/** A contact has no `type` here. */
function senderJson({ author }: DeskMessage, ticket: DeskTicket, account: Account) {
  const { type, name = "Ana" } = author;
  if (type === "customer") {
    const contact = account.store.contacts.get(ticket.contact);
    return contact && contactJson(contact);
  }
  if (type === "bot") return { id: account.userId(name), name, type: "agent_bot" };
  const called = type === "api" ? "API" : name;
  return { id: account.userId(called), name: called, email: "agent@example.com", type: "user" };
}

export function contactJson({ id, name, phone, externalId, fields }: DeskContact) {
  return {
    ...{ id: Number(id), name: name ?? null, email: null, phone_number: phone ?? null },
    ...{ identifier: externalId ?? null, thumbnail: "", additional_attributes: {}, custom_attributes: fields },
  };
}

/** As a webhook tells it, and most of how the API does. */
export function toldConversationJson(ticket: DeskTicket, account: Account) {
  const { inbox, sourceId, additional, status } = account.particulars(ticket);
  const last = ticket.messages.findLast(({ isPrivate }) => !isPrivate);
  const contact = account.store.contacts.get(ticket.contact);
  return {
    additional_attributes: additional,
    can_reply: true,
    channel: "Channel::Api",
    contact_inbox: { source_id: sourceId, inbox_id: inbox.id, contact_id: Number(ticket.contact) },
    id: Number(ticket.id),
    inbox_id: inbox.id,
    messages: last ? [shownMessageJson(last, ticket, account)] : [],
    labels: ticket.tags,
    meta: {
      sender: contact && contactJson(contact),
      assignee: ticket.assignee === undefined ? null : assigneeJson(ticket.assignee, account),
      team: null,
      hmac_verified: false,
    },
    status,
    custom_attributes: ticket.fields,
    snoozed_until: null,
    unread_count: 0,
    ...{ last_activity_at: seconds(activeAt(ticket)), timestamp: seconds(activeAt(ticket)) },
    created_at: seconds(ticket.createdAt),
    updated_at: ticket.updatedAt / 1000,
  };
}

function shownMessageJson(message: DeskMessage, ticket: DeskTicket, account: Account) {
  const updated = new Date(message.editedAt ?? message.at).toISOString();
  return { ...messageJson(message, ticket, account), account_id: account.id, updated_at: updated };
}

/** As the API shows it: nobody's, where webhooks say null, is not there at all. */
export function conversationJson(ticket: DeskTicket, account: Account) {
  const { contact_inbox: _, meta, ...shown } = toldConversationJson(ticket, account);
  const { assignee, team: __, ...others } = meta;
  return { ...shown, account_id: account.id, muted: false, meta: { ...others, ...(assignee && { assignee }) } };
}

function assigneeJson(name: string, account: Account) {
  return { id: account.userId(name), name, available_name: name, type: "user" };
}

/** What is written counts; a status, a label and an attribute alone do not. */
export function activeAt({ messages, createdAt }: DeskTicket): number {
  return messages.at(-1)?.at ?? createdAt;
}

function seconds(ms: number): number {
  return Math.floor(ms / 1000);
}

function numberOf(id: string): number {
  return Number(id) || 0;
}
