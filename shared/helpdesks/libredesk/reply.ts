/** Which messages are an agent's reply to the customer, and what such a one says. */
import type { DeskFile, DeskHappening } from "../../domain/desk-happening.ts";
import { isRecord } from "../../domain/raw-element.ts";
import { isOurs } from "./marker.ts";
import type { Message } from "./payload.ts";
import type { Settings } from "./settings.ts";

/** The address of LibreDesk's own user, as whom automations write. */
const SYSTEM_USER = "System";

/**
 * The reply that a message is: nothing for what the customer wrote, notes, activities, the mails that carry unread
 * messages after a customer, and our own writing. What no person wrote (an AI assistant, an automation, a survey) is a
 * bot's. Its id is the message's, in webhooks and lists alike.
 */
export function replyOf(message: Message, { baseUrl }: Settings): DeskHappening | undefined {
  const { uuid, type, content, conversation_uuid: ticket, author } = message;
  const meta = isRecord(message.meta) ? message.meta : {};
  if (type !== "outgoing" || message.sender_type !== "agent" || message.private !== false || !ticket) return undefined;
  if (meta.continuity_email === true || isOurs(message)) return undefined;
  const files = (message.attachments ?? []).flatMap((one) => fileOf(one, baseUrl));
  const text = content && !isBlank(content) ? content : undefined;
  if (text === undefined && files.length === 0) return undefined;
  const isMachine =
    author?.type === "ai_assistant" ||
    author?.email === SYSTEM_USER ||
    meta.is_automated === true ||
    meta.is_csat === true;
  const name = [author?.first_name, author?.last_name].filter(Boolean).join(" ");
  const at = Date.parse(message.created_at ?? "");
  return {
    type: "reply",
    id: uuid,
    ticket,
    ...(Number.isFinite(at) && { at }),
    author: { type: isMachine ? "bot" : "agent", ...(name && { name }) },
    ...(text !== undefined && { text, format: message.content_type === "text" ? "plain" : "html" }),
    files,
  };
}

/** Where a file is, for whoever may read it. */
export function uploadUrl(baseUrl: string, uuid: string): string {
  return `${baseUrl.replace(/\/+$/, "")}/uploads/${encodeURIComponent(uuid)}`;
}

/** Images that stand in the text come among the attachments, too. */
function fileOf(attachment: NonNullable<Message["attachments"]>[number], baseUrl: string): DeskFile[] {
  const { uuid, name, content_type: contentType } = attachment;
  const given = attachment.url ? URL.parse(attachment.url, baseUrl)?.href : undefined;
  const url = given ?? (uuid ? uploadUrl(baseUrl, uuid) : undefined);
  if (url === undefined) return [];
  return [{ url, ...(uuid && { id: uuid }), ...(contentType && { contentType }), ...(name && { fileName: name }) }];
}

/** An editor that holds nothing but a picture still writes its paragraph. */
function isBlank(html: string): boolean {
  return (
    html
      .replace(/<[^>]*>/g, "")
      .replaceAll("&nbsp;", " ")
      .trim() === ""
  );
}
