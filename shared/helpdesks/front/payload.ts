/** What Front sends: messages of a channel, and events of a company. Loose, since Front adds fields at any time. */
import * as z from "zod/mini";

const text = z.nullish(z.string());

const Author = z.object({ id: text, type: text, username: text, first_name: text, last_name: text });

const Attachment = z.object({ id: text, url: z.string(), filename: text, content_type: text });

const Threads = z.object({ external_conversation_id: text, external_conversation_ids: z.nullish(z.array(z.string())) });

/** A message as the webhook of a channel and the API give it. */
export const Message = z.object({
  id: text,
  is_inbound: z.nullish(z.boolean()),
  is_draft: z.nullish(z.boolean()),
  draft_mode: text,
  error_type: text,
  /** Seconds since 1970, with a fraction. */
  created_at: z.nullish(z.number()),
  body: text,
  /** The body without its marks, where there is one. */
  text: text,
  author: z.nullish(Author),
  recipients: z.nullish(z.array(z.object({ handle: text, role: text }))),
  attachments: z.nullish(z.array(Attachment)),
  _links: z.nullish(z.object({ related: z.nullish(z.object({ conversation: text, message_replied_to: text })) })),
  metadata: z.nullish(Threads),
});
export type Message = z.output<typeof Message>;

/** A webhook of either kind. */
export const Webhook = z.object({ type: z.string(), payload: z.optional(z.unknown()), metadata: z.nullish(Threads) });
export type Webhook = z.output<typeof Webhook>;

/** Something that happened in a conversation: of a webhook of the application, or of the conversation's own list. */
export const Event = z.object({
  id: text,
  type: text,
  /** Seconds since 1970, with a fraction. */
  emitted_at: z.nullish(z.number()),
  source: z.nullish(z.object({ _meta: z.nullish(z.object({ type: text })) })),
  target: z.nullish(z.object({ _meta: z.nullish(z.object({ type: text })), data: z.optional(z.unknown()) })),
  conversation: z.nullish(
    z.object({ id: text, assignee: z.nullish(Author), tags: z.nullish(z.array(z.object({ name: text }))) }),
  ),
});
export type Event = z.output<typeof Event>;

/** The target of an assignment. */
export const Teammate = Author;
export type Teammate = z.output<typeof Author>;
