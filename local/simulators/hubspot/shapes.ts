/** Threads and their entries as HubSpot's API and webhooks show them. */
import { asHtml } from "../html.ts";
import type { DeskContact, DeskFile, DeskMessage, DeskTicket } from "../ticket-desk.ts";

export interface Portal {
  portalId: string;
  channelId: string;
  appId: string;
}

/** What happened to a thread stands among its messages. */
export interface Activity {
  id: string;
  type: "THREAD_STATUS_CHANGE" | "ASSIGNMENT";
  at: number;
  newStatus?: "OPEN" | "CLOSED";
  assignedTo?: string;
}

const ORIGIN = "https://api.hubapi.com";

export function threadShape(ticket: DeskTicket, { channelId }: Portal, channelAccountId: string) {
  return {
    id: ticket.id,
    inboxId: "1001",
    status: ticket.status === "open" ? "OPEN" : "CLOSED",
    createdAt: iso(ticket.createdAt),
    ...(ticket.status === "closed" && { closedAt: iso(ticket.updatedAt) }),
    latestMessageTimestamp: iso(latestMessageAt(ticket)),
    originalChannelId: channelId,
    originalChannelAccountId: channelAccountId,
    associatedContactId: ticket.contact,
    ...(ticket.assignee !== undefined && { assignedTo: `A-${ticket.assignee}` }),
    spam: false,
    archived: false,
  };
}

export function latestMessageAt({ messages, createdAt }: DeskTicket): number {
  return messages.at(-1)?.at ?? createdAt;
}

/** A message of the channel, or a comment, which belongs to no channel and has no direction. */
export function messageShape(
  message: DeskMessage,
  {
    ticket,
    contact,
    portal,
    channelAccountId,
  }: {
    ticket: DeskTicket;
    contact: DeskContact | undefined;
    portal: Portal;
    channelAccountId: string;
  },
) {
  const { id, author, text, files, isPrivate, at, status, statusReason } = message;
  const customer = {
    actorId: `V-${ticket.contact}`,
    ...(contact?.name !== undefined && { name: contact.name }),
    deliveryIdentifier: contact?.phone
      ? { type: "HS_PHONE_NUMBER", value: contact.phone }
      : { type: "CHANNEL_SPECIFIC_OPAQUE_ID", value: contact?.externalId ?? ticket.contact },
  };
  const isIncoming = author.type === "customer";
  const actorId = author.type === "api" ? `I-${portal.appId}` : author.type === "bot" ? "B-31" : "A-501";
  const business = { actorId, ...(author.name !== undefined && { name: author.name }) };
  const common = {
    id,
    conversationsThreadId: ticket.id,
    createdAt: iso(at),
    createdBy: isIncoming ? customer.actorId : actorId,
    client:
      isIncoming || author.type === "api"
        ? { clientType: "INTEGRATION", integrationAppId: Number(portal.appId) }
        : { clientType: "HUBSPOT" },
    senders: [isIncoming ? customer : business],
    archived: false,
    text,
    ...(text && { richText: `<div><p>${asHtml(text)}</p></div>` }),
    attachments: files.map(attachmentShape),
  };
  if (isPrivate) return { ...common, type: "COMMENT", recipients: [] };
  return {
    ...common,
    type: "MESSAGE",
    recipients: [isIncoming ? { deliveryIdentifier: { type: "CHANNEL_SPECIFIC_OPAQUE_ID", value: "us" } } : customer],
    direction: isIncoming ? "INCOMING" : "OUTGOING",
    channelId: portal.channelId,
    channelAccountId,
    truncationStatus: "NOT_TRUNCATED",
    ...(message.replyTo !== undefined && { inReplyToId: message.replyTo }),
    status: {
      statusType: status ?? (isIncoming ? "RECEIVED" : "SENT"),
      ...(statusReason !== undefined && { failureDetails: { errorMessage: statusReason, errorMessageTokens: {} } }),
    },
  };
}

export function activityShape({ id, type, at, newStatus, assignedTo }: Activity, ticket: DeskTicket) {
  return {
    ...{ id, type, conversationsThreadId: ticket.id, createdAt: iso(at), createdBy: "S-hubspot" },
    ...{ client: { clientType: "HUBSPOT" }, senders: [], recipients: [], archived: false },
    ...(newStatus !== undefined && { newStatus }),
    ...(assignedTo !== undefined && { assignedTo }),
  };
}

/** Files of conversations are private: what stands here as their address opens for nobody without a signed link. */
function attachmentShape({ id, contentType, fileName }: DeskFile) {
  const [kind] = contentType.split("/");
  return {
    type: "FILE",
    fileId: id,
    fileUsageType: kind === "image" ? "IMAGE" : kind === "audio" ? "AUDIO" : "OTHER",
    name: fileName,
    url: `${ORIGIN}/filemanager/private/${id}`,
  };
}

export function signedLink(path: string, expiresAt: number): string {
  return `${ORIGIN}${path}?Expires=${Math.floor(expiresAt / 1000)}&Signature=simulated`;
}

export function iso(ms: number): string {
  return new Date(ms).toISOString();
}
