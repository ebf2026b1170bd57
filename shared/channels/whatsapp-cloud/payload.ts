/**
 * What we look at in Meta's WhatsApp webhooks; everything else is left alone. An odd value reads as an absent one: it is
 * parse.ts that decides what can be made of the rest, and it keeps the element whole where that is not enough.
 */
import * as z from "zod/mini";
import { lenient } from "../../domain/lenient.ts";

const word = lenient(z.string());
/** An id that makes keys: what is longer is none of Meta's. */
const id = lenient(z.string().check(z.minLength(1), z.maxLength(400)));
/** Unix seconds; a string in messages and statuses, a number elsewhere. */
const seconds = z.optional(z.unknown());
const given = z.optional(z.unknown());
const list = lenient(z.array(z.unknown()));

export const Envelope = z.object({ object: word, entry: list });

export const Entry = z.object({ id: word, time: seconds, changes: list });

export const Change = z.object({ field: word, value: z.unknown() });

export const Value = z.object({
  metadata: lenient(z.object({ phone_number_id: id })),
  contacts: list,
  messages: list,
  message_echoes: list,
  statuses: list,
  errors: list,
});

export const Contact = z.object({
  user_id: id,
  parent_user_id: id,
  wa_id: id,
  profile: lenient(z.object({ name: word, username: word })),
});
export type Contact = z.infer<typeof Contact>;

export const Message = z.object({
  id,
  from: id,
  from_user_id: id,
  from_parent_user_id: id,
  to: id,
  to_user_id: id,
  to_parent_user_id: id,
  group_id: id,
  timestamp: seconds,
  type: word,
  text: lenient(z.object({ body: word })),
  context: lenient(z.object({ id, forwarded: given, frequently_forwarded: given })),
  biz_opaque_callback_data: word,
});
export type Message = z.infer<typeof Message>;

export const Status = z.object({
  id,
  status: word,
  timestamp: seconds,
  recipient_type: word,
  recipient_id: id,
  recipient_user_id: id,
  recipient_parent_user_id: id,
  recipient_participant_id: id,
  recipient_participant_user_id: id,
  biz_opaque_callback_data: word,
  errors: list,
});
export type Status = z.infer<typeof Status>;
