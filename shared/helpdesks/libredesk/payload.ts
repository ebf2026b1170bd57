/** What LibreDesk writes, in webhooks and answers alike. Loose: it adds fields with every release. */
import * as z from "zod/mini";

const text = z.optional(z.nullable(z.string()));

const Attachment = z.looseObject({ uuid: text, name: text, content_type: text, url: text });

/** A message; `content` is HTML unless `content_type` says otherwise, times are RFC 3339. */
export const Message = z.looseObject({
  uuid: z.string().check(z.minLength(1)),
  conversation_uuid: text,
  /** `incoming`, `outgoing` or `activity`. */
  type: z.string(),
  sender_type: text,
  private: z.optional(z.nullable(z.boolean())),
  content: text,
  text_content: text,
  content_type: text,
  created_at: text,
  attachments: z.optional(z.nullable(z.array(Attachment))),
  author: z.optional(z.nullable(z.looseObject({ first_name: text, last_name: text, email: text, type: text }))),
  /** An object, whose members come with the kind of message. */
  meta: z.optional(z.unknown()),
});
export type Message = z.output<typeof Message>;

export const Webhook = z.looseObject({ event: z.string(), timestamp: text, payload: z.optional(z.unknown()) });

/** What is told of a conversation: older releases leave `conversation` out here and there. */
const about = {
  conversation_uuid: z.string().check(z.minLength(1)),
  conversation: z.optional(z.nullable(z.looseObject({ updated_at: text, status_category: text }))),
};
export const StatusChanged = z.looseObject({ ...about, new_status: z.string() });
export const TagsChanged = z.looseObject({ ...about, new_tags: z.nullable(z.array(z.string())) });
export const Assigned = z.looseObject({ ...about, assigned_to: z.union([z.number(), z.string()]) });
export const Unassigned = z.looseObject(about);

/** A conversation as the API gives it. */
export const Conversation = z.looseObject({
  uuid: z.string(),
  status: text,
  status_category: text,
  tags: z.optional(z.nullable(z.array(z.string()))),
  custom_attributes: z.optional(z.nullable(z.record(z.string(), z.unknown()))),
});
export type Conversation = z.output<typeof Conversation>;

/** One line of the list of conversations; the customer's own list has `created_at` alone. */
export const ListedConversation = z.looseObject({
  uuid: z.string(),
  inbox_channel: text,
  created_at: text,
  last_message_at: text,
});
