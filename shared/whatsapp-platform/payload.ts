/**
 * What we look at in Meta's WhatsApp webhooks; everything else is left alone. An odd value reads as an absent one: the
 * parsers decide what can be made of the rest, and keep the element whole where that is not enough.
 */
import * as z from "zod/mini";
import { lenient } from "../domain/lenient.ts";

/** A leaf. Schemas of zod's own for text and lists would make the receiver two kilobytes larger. */
const only = <Value>(isOne: (value: unknown) => value is Value) =>
  z.optional(z.transform((value: unknown) => (isOne(value) ? value : undefined)));
export const word = only((value) => typeof value === "string");
/** An id that makes keys: what is longer is none of Meta's. */
const id = only((value): value is string => typeof value === "string" && value !== "" && value.length <= 400);
export const list = only((value): value is unknown[] => Array.isArray(value));
/** Anything, to be looked at later. */
const given = only((value): value is unknown => value !== undefined);
/** Unix seconds; a string in messages and statuses, a number elsewhere. */
const seconds = given;

export const Entry = z.object({ id: word, time: seconds, changes: list });
export type Entry = z.infer<typeof Entry>;

export const Change = z.object({ field: word, value: given });

/** Which number a change is about: by `metadata`, in handovers by `recipient`, in news of a number by how it is dialled. */
export const About = z.object({
  metadata: lenient(z.object({ phone_number_id: id, display_phone_number: word })),
  recipient: lenient(z.object({ phone_number_id: id })),
  display_phone_number: word,
  contacts: list,
});
export type About = z.infer<typeof About>;

export const Contact = z.object({
  user_id: id,
  parent_user_id: id,
  wa_id: id,
  profile: lenient(z.object({ name: word, username: word })),
});
export type Contact = z.infer<typeof Contact>;

/** `url` comes in, `link` is what a send names. */
const File = z.object({
  id,
  url: word,
  link: word,
  mime_type: word,
  sha256: word,
  filename: word,
  caption: word,
  voice: given,
  animated: given,
});
export type File = z.infer<typeof File>;
const file = lenient(File);
const option = lenient(z.object({ id: word, title: word, description: word }));

/** What a message says stands under the name of its `type`. That of an edit is inside it, without id and people. */
export const Message = z.object({
  type: word,
  text: lenient(z.object({ body: word })),
  image: file,
  video: file,
  audio: file,
  document: file,
  sticker: file,
  location: lenient(z.object({ latitude: given, longitude: given, name: word, address: word, url: word })),
  contacts: list,
  /** Documented beside the contacts in one place, inside each of them in another. */
  origin: word,
  button: lenient(z.object({ text: word, payload: word })),
  interactive: lenient(
    z.object({
      type: word,
      button_reply: option,
      list_reply: option,
      nfm_reply: lenient(z.object({ name: word, response_json: word })),
      call_permission_reply: given,
    }),
  ),
  order: lenient(z.object({ catalog_id: word, text: word, product_items: list })),
  unsupported: lenient(z.object({ type: word })),
  errors: list,
  id,
  from: id,
  from_user_id: id,
  from_parent_user_id: id,
  to: id,
  to_user_id: id,
  to_parent_user_id: id,
  /** Sends that another app made name a user id here, and a group in `to`. */
  recipient: id,
  recipient_type: word,
  group_id: id,
  timestamp: seconds,
  context: lenient(
    z.object({ id, message_id: id, forwarded: given, frequently_forwarded: given, referred_product: given }),
  ),
  referral: given,
  reaction: lenient(z.object({ message_id: id, emoji: word })),
  edit: lenient(z.object({ original_message_id: id, message: given })),
  revoke: lenient(z.object({ original_message_id: id })),
  system: lenient(
    z.object({
      type: word,
      body: word,
      wa_id: id,
      user_id: id,
      parent_user_id: id,
      previous_user_id: id,
      previous_parent_user_id: id,
    }),
  ),
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
  pricing: given,
  errors: list,
});

/** What came of the app's past: chunks of conversations, each by the customer's number. */
export const HistoryChunk = z.object({ threads: list, errors: list });
export const HistoryThread = z.object({ id, messages: list });

export const Call = z.object({
  id,
  from: id,
  from_user_id: id,
  to: id,
  to_user_id: id,
  event: word,
  direction: word,
  timestamp: seconds,
});

export const Preference = z.object({
  wa_id: id,
  user_id: id,
  parent_user_id: id,
  category: word,
  value: word,
  timestamp: seconds,
});

const changed = lenient(z.object({ previous: id, current: id }));
export const NewUserId = z.object({ wa_id: id, user_id: changed, parent_user_id: changed, timestamp: seconds });
