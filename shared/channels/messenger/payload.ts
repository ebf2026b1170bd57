/**
 * What we look at in Messenger's webhooks; everything else is left alone. An odd value reads as an absent one: it is
 * parse.ts that decides what can be made of the rest, and it keeps the element whole where that is not enough.
 */
import * as z from "zod/mini";

const word = z.catch(z.optional(z.string()), undefined);
/** An id that makes keys: what is longer is none of Meta's. */
const id = z.catch(z.optional(z.string().check(z.minLength(1), z.maxLength(400))), undefined);
const milliseconds = z.catch(z.optional(z.number()), undefined);
const given = z.optional(z.unknown());
const list = z.catch(z.optional(z.array(z.unknown())), undefined);
const party = z.catch(z.optional(z.object({ id })), undefined);

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
  reply_to: z.catch(z.optional(z.object({ mid: id })), undefined),
});
export type Message = z.infer<typeof Message>;

/** One element of `messaging` or `standby`. */
export const Happened = z.object({
  sender: party,
  recipient: party,
  timestamp: milliseconds,
  message: z.catch(z.optional(Message), undefined),
  delivery: z.catch(z.optional(z.object({ watermark: milliseconds, mids: list })), undefined),
  read: z.catch(z.optional(z.object({ watermark: milliseconds })), undefined),
  postback: z.catch(z.optional(z.object({ mid: id })), undefined),
});
export type Happened = z.infer<typeof Happened>;

export const Mid = z.string().check(z.minLength(1), z.maxLength(400));
