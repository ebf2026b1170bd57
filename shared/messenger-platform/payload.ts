/**
 * What we look at in the webhooks that Messenger and Instagram share; everything else is left alone. An odd value reads
 * as an absent one: whoever reads decides what can be made of the rest, and keeps the element whole where that is not
 * enough.
 */
import * as z from "zod/mini";
import { lenient } from "../domain/lenient.ts";

const word = lenient(z.string());
/** An id that makes keys: what is longer is none of Meta's. */
const id = lenient(z.string().check(z.minLength(1), z.maxLength(400)));
const number = lenient(z.number());
const given = z.optional(z.unknown());
const list = lenient(z.array(z.unknown()));
const party = lenient(z.object({ id }));

export const Envelope = z.object({ object: word, entry: list });

export const Entry = z.object({ id, time: number, messaging: list, standby: list, changes: list });

export const Message = z.object({
  mid: id,
  text: word,
  is_echo: given,
  is_deleted: given,
  is_unsupported: given,
  metadata: word,
  app_id: given,
  attachments: list,
  quick_reply: given,
  reply_to: lenient(z.object({ mid: id, story: lenient(z.object({ id, url: word })) })),
  referral: given,
});
export type Message = z.infer<typeof Message>;

/** Some kinds have their address and title beside the payload instead of inside it. */
export const Attachment = z.object({
  type: word,
  title: word,
  url: word,
  payload: lenient(
    z.object({
      title: word,
      url: word,
      sticker_id: given,
      coordinates: lenient(z.object({ lat: z.number(), long: z.number() })),
    }),
  ),
});
export type Attachment = z.infer<typeof Attachment>;

/** One element of `messaging` or `standby`. */
export const Happened = z.object({
  sender: party,
  recipient: party,
  timestamp: number,
  message: lenient(Message),
  postback: lenient(z.object({ mid: id, title: word, payload: word, referral: given })),
  reaction: lenient(z.object({ mid: id, action: word, reaction: word, emoji: word })),
  message_edit: lenient(z.object({ mid: id, text: word, num_edit: given })),
  optin: lenient(z.object({ type: word, notification_messages_status: word })),
  policy_enforcement: lenient(z.object({ action: word, reason: word })),
  referral: given,
});
export type Happened = z.infer<typeof Happened>;
