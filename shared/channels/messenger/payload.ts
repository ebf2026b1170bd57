/**
 * What we look at in Messenger's webhooks; everything else is left alone. An odd value reads as an absent one: it is
 * parse.ts that decides what can be made of the rest, and it keeps the element whole where that is not enough.
 */
import * as z from "zod/mini";
import { lenient } from "../../domain/lenient.ts";

const word = lenient(z.string());
/** An id that makes keys: what is longer is none of Meta's. */
const id = lenient(z.string().check(z.minLength(1), z.maxLength(400)));
const milliseconds = lenient(z.number());
const given = z.optional(z.unknown());
const list = lenient(z.array(z.unknown()));
const party = lenient(z.object({ id }));

export const Envelope = z.object({ object: word, entry: list });

export const Entry = z.object({ id, time: milliseconds, messaging: list, standby: list, changes: list });

export const Message = z.object({
  mid: id,
  text: word,
  is_echo: given,
  is_deleted: given,
  metadata: word,
  app_id: given,
  attachments: list,
  quick_reply: given,
  reply_to: lenient(z.object({ mid: id })),
});
export type Message = z.infer<typeof Message>;

/** One element of `messaging` or `standby`. */
export const Happened = z.object({
  sender: party,
  recipient: party,
  timestamp: milliseconds,
  message: lenient(Message),
  delivery: lenient(z.object({ watermark: milliseconds, mids: list })),
  read: lenient(z.object({ watermark: milliseconds })),
  postback: lenient(z.object({ mid: id })),
});
export type Happened = z.infer<typeof Happened>;

export const Mid = z.string().check(z.minLength(1), z.maxLength(400));
