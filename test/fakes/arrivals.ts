/** Mailbox items as producers make them, for tests. */
import { randomBytes } from "node:crypto";
import type { Content } from "../../shared/domain/content.ts";
import type { EventType } from "../../shared/domain/event.ts";
import { contactId, conversationId, eventKey, messageId } from "../../shared/domain/ids.ts";
import type { MailboxItem } from "../../shared/domain/mailbox.ts";

export const SECRET = "a secret of the tests";

export function newToken(): string {
  return randomBytes(12).toString("base64url");
}

/** A customer's text. `time` is the provider's (ms), left out where the channel gives none. */
export function inboundText(
  id: string,
  {
    account = "whatsapp",
    address = "5511987650000",
    text = "Olá",
    received = 1_795_000_000_000,
    time,
    aliases,
    name,
  }: {
    account?: string;
    address?: string;
    text?: string;
    received?: number;
    time?: number;
    aliases?: string[];
    name?: string;
  } = {},
): MailboxItem {
  return {
    log: conversationId(SECRET, account, address),
    key: eventKey(SECRET, account, `${id}#received`),
    token: newToken(),
    type: "message.received",
    account,
    channel: "whatsapp",
    address,
    ...(aliases && {
      aliases: aliases.map((other) => ({ address: other, conversation: conversationId(SECRET, account, other) })),
    }),
    contact: { id: contactId(SECRET, account, address), ...(name !== undefined && { name }) },
    at: { received, ...(time !== undefined && { provider: time }) },
    data: {
      message: {
        id: messageId(SECRET, account, id),
        direction: "inbound",
        author: { type: "contact" },
        content: { type: "text", text },
        providerMessageId: id,
      },
    },
  };
}

/** A message of ours, put into the mailbox by the API. */
export function queued(
  id: string,
  {
    address = "5511987650000",
    received = 1_795_000_000_000,
    text = "Bom dia",
    content = { type: "text", text },
    parts,
  }: { address?: string; received?: number; text?: string; content?: Content; parts?: Content[] } = {},
): MailboxItem {
  const { message: _, ...rest } = { message: undefined, ...inboundText(id, { address, received }) };
  return {
    ...rest,
    key: eventKey(SECRET, "whatsapp", `${id}#queued`),
    type: "message.queued",
    data: {
      message: { id, direction: "outbound", author: { type: "agent" }, content },
      expiresAt: received + 86_400_000,
      ...(parts && { parts }),
    },
  };
}

/** A receipt for a message of ours. */
export function receipt(
  type: Extract<EventType, "message.sent" | "message.delivered" | "message.read" | "message.failed">,
  id: string,
  {
    address = "5511987650000",
    received = 1_795_000_000_000,
    time,
  }: { address?: string; received?: number; time?: number } = {},
): MailboxItem {
  const provider = `wamid.${id}`;
  const failure = { class: "unreachable", code: "131026", reason: "The customer cannot be reached on WhatsApp." };
  return {
    log: conversationId(SECRET, "whatsapp", address),
    key: eventKey(SECRET, "whatsapp", `${provider}#${type.split(".")[1]}`),
    token: newToken(),
    type,
    account: "whatsapp",
    channel: "whatsapp",
    address,
    at: { received, ...(time !== undefined && { provider: time }) },
    data: { message: { id, part: 0, providerMessageId: provider }, ...(type === "message.failed" && { failure }) },
  };
}
