/**
 * What Chatwoot says of a message and of a conversation: nearly the same in a webhook and in its API. Loose: an odd
 * value is an absent one, but for the ids without which nothing can be told.
 */
import * as z from "zod/mini";
import { lenient } from "../../domain/lenient.ts";

/** A number there, and a text to us. */
const Id = z.pipe(
  z.union([z.number(), z.string().check(z.minLength(1))]),
  z.transform((id) => String(id)),
);
/** Seconds since 1970, with a fraction or without; or ISO 8601. */
const Moment = z.union([z.number(), z.string()]);
const Attributes = z.record(z.string(), z.unknown());

export const Attachment = z.object({
  id: lenient(Id),
  file_type: lenient(z.string()),
  data_url: lenient(z.string()),
  content_type: lenient(z.string()),
});

export const Message = z.object({
  id: Id,
  content: lenient(z.string()),
  content_attributes: lenient(Attributes),
  /** A word in webhooks, its number in the API. */
  message_type: lenient(z.union([z.string(), z.number()])),
  private: lenient(z.boolean()),
  source_id: lenient(z.string()),
  /** Webhooks of 4.13 do not have it. */
  status: lenient(z.string()),
  /** Without one: written by a rule. A contact has no `type`. */
  sender: lenient(z.object({ type: lenient(z.string()), name: lenient(z.string()) })),
  created_at: lenient(Moment),
  attachments: lenient(z.array(z.unknown())),
});
export type Message = z.output<typeof Message>;

export const Conversation = z.object({
  /** The one that people see, per account. */
  id: Id,
  inbox_id: lenient(z.number()),
  status: lenient(z.string()),
  labels: lenient(z.array(z.string())),
  custom_attributes: lenient(Attributes),
  additional_attributes: lenient(Attributes),
  meta: lenient(z.object({ assignee: lenient(z.object({ id: lenient(Id), name: lenient(z.string()) })) })),
  updated_at: lenient(Moment),
  last_activity_at: lenient(Moment),
  /** In a webhook: the last one alone that is neither a note nor about the conversation, with its status. */
  messages: lenient(z.array(z.unknown())),
});
export type Conversation = z.output<typeof Conversation>;

/** `[{ <attribute>: { previous_value, current_value } }]`. */
const Changes = lenient(z.array(z.record(z.string(), z.unknown())));

export const Told = z.object({
  event: z.string(),
  changed_attributes: Changes,
  account: lenient(z.object({ id: lenient(Id) })),
  inbox: lenient(z.object({ id: lenient(z.number()) })),
});
export type Told = z.output<typeof Told>;

/** A message's webhook is the message itself, with its conversation. */
export const ToldMessage = z.extend(Message, { conversation: Conversation });

const Change = z.object({ previous_value: z.optional(z.unknown()), current_value: z.optional(z.unknown()) });

/** What a webhook says of one attribute's change. */
export function changeOf({ changed_attributes: changes }: Told, attribute: string) {
  const found = changes?.find((change) => Object.hasOwn(change, attribute));
  return found && Change.safeParse(found[attribute]).data;
}

/** Ms since 1970. */
export function msOf(moment: string | number | undefined): number | undefined {
  const ms = typeof moment === "string" ? Date.parse(moment) : Math.round((moment ?? Number.NaN) * 1000);
  return Number.isSafeInteger(ms) ? ms : undefined;
}
