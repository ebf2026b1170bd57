/** The messages of a conversation, in the order of its log. */
import { type ApiMessage, MessagesQuery, type Page } from "../../shared/domain/api-shapes.ts";
import { iso } from "../../shared/domain/envelope.ts";
import type { MessageView } from "../../shared/domain/message-status.ts";
import { locate } from "./conversations.ts";
import { openCursor, sealCursor } from "./cursor.ts";
import { readMessages } from "./message-page.ts";
import { readQuery } from "./request.ts";
import { type Answer, type Call, json } from "./route.ts";

export async function listMessages({ request, name, ports }: Call): Promise<Answer> {
  const { limit, cursor, ...filter } = readQuery(request, MessagesQuery);
  const { idSecret } = await ports.deployment();
  const list = `messages:${name}`;
  const after = cursor === undefined ? 0 : Number(openCursor(idSecret, list, cursor));
  const { newest } = await locate(name, ports);
  const source = { log: ports.table, conversation: name, newest, idSecret };
  const { messages, next } = await readMessages(source, { after, limit, filter });
  const page: Page<ApiMessage> = {
    data: messages.map(shown),
    nextCursor: next === undefined ? null : sealCursor(idSecret, list, String(next)),
  };
  return json(200, page);
}

/** A message as callers see it. */
export function shown({
  sequence: _,
  sendAt,
  sentAt,
  receivedAt,
  statusAt,
  parts,
  editedAt,
  deletedAt,
  ...message
}: MessageView): ApiMessage {
  return {
    ...message,
    ...(sendAt !== undefined && { sendAt: iso(sendAt) }),
    sentAt: iso(sentAt),
    receivedAt: iso(receivedAt),
    ...(editedAt !== undefined && { editedAt: iso(editedAt) }),
    ...(deletedAt !== undefined && { deletedAt: iso(deletedAt) }),
    ...(statusAt && { statusAt: times(statusAt) }),
    ...(parts && { parts: parts.map((part) => ({ ...part, statusAt: times(part.statusAt) })) }),
  };
}

function times(statusAt: NonNullable<MessageView["statusAt"]>): NonNullable<ApiMessage["statusAt"]> {
  return Object.fromEntries(Object.entries(statusAt).map(([status, time]) => [status, iso(time)]));
}
