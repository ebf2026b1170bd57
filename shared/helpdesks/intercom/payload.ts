/** What Intercom tells in webhooks and answers, as far as it is read. Ids come as texts and as numbers. */
import * as z from "zod/mini";

const Id = z.pipe(
  z.union([z.string().check(z.minLength(1)), z.number()]),
  z.transform((id) => String(id)),
);
const maybeText = z.optional(z.nullable(z.string()));
const maybeSeconds = z.optional(z.nullable(z.number()));

const Author = z.object({
  type: maybeText,
  id: z.optional(z.nullable(Id)),
  name: maybeText,
  from_ai_agent: z.optional(z.nullable(z.boolean())),
  is_ai_answer: z.optional(z.nullable(z.boolean())),
});

const Attachment = z.object({
  url: maybeText,
  name: maybeText,
  content_type: maybeText,
  filesize: z.optional(z.nullable(z.number())),
});

const Part = z.object({
  id: Id,
  part_type: maybeText,
  body: maybeText,
  created_at: maybeSeconds,
  author: z.optional(z.nullable(Author)),
  attachments: z.optional(z.nullable(z.array(Attachment))),
  assigned_to: z.optional(z.nullable(z.object({ id: z.optional(z.nullable(Id)), name: maybeText }))),
  redacted: z.optional(z.nullable(z.boolean())),
});
export type Part = z.output<typeof Part>;

const parts = z.optional(z.nullable(z.object({ conversation_parts: z.optional(z.nullable(z.array(Part))) })));
const tags = z.optional(z.nullable(z.object({ tags: z.optional(z.nullable(z.array(z.object({ name: maybeText })))) })));

export const Conversation = z.object({
  id: Id,
  created_at: maybeSeconds,
  updated_at: maybeSeconds,
  state: maybeText,
  source: z.optional(z.nullable(z.object({ id: z.optional(z.nullable(Id)), body: maybeText }))),
  custom_attributes: z.optional(z.nullable(z.record(z.string(), z.unknown()))),
  tags,
  conversation_parts: parts,
});
export type Conversation = z.output<typeof Conversation>;

/** One delivery of a webhook. Its id is the same when it comes again; a ping has none. */
export const Notification = z.object({
  topic: z.string(),
  id: z.optional(z.nullable(Id)),
  data: z.optional(z.nullable(z.object({ item: z.unknown() }))),
});

/** What was redacted: the part itself, as some versions tell it, or the conversation with the part in it. */
export const Redacted = z.object({ type: maybeText, id: Id, conversation_id: z.optional(z.nullable(Id)) });

/** Answers of which an id is all that is wanted. */
export const Made = z.object({ id: Id });
export const MadeMessage = z.object({ id: Id, conversation_id: Id });

export const Found = z.object({
  conversations: z.array(Conversation),
  pages: z.optional(z.nullable(z.object({ next: z.optional(z.nullable(z.object({ starting_after: maybeText }))) }))),
});

const Errors = z.object({ errors: z.array(z.object({ message: maybeText })) });

/** What the desk says about a request that it refused; for looking at, never for a log. */
export function complaintIn(json: unknown): string {
  const { success, data } = Errors.safeParse(json);
  return success ? data.errors.map(({ message }) => message ?? "").join("; ") : "";
}

export function partsOf({ conversation_parts: list }: Conversation): Part[] {
  return list?.conversation_parts ?? [];
}
