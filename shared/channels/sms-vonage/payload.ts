/** What we look at in Vonage's webhooks. An odd value reads as an absent one; parse.ts keeps the whole where that matters. */
import * as z from "zod/mini";
import { lenient } from "../../domain/lenient.ts";

const word = lenient(z.string().check(z.minLength(1)));
/** An id or address that makes keys: what is longer is none of Vonage's. */
const id = lenient(z.string().check(z.minLength(1), z.maxLength(400)));
const text = lenient(z.string());

/** `content`: how several files in one message name the words beside one. */
export const File = z.object({ type: word, url: word, name: word, caption: text, content: text });
export type File = z.infer<typeof File>;

const file = lenient(File);

/** The Messages API, version 1: a message, or the status of one. */
export const Payload = z.object({
  message_uuid: id,
  to: id,
  from: id,
  timestamp: word,
  client_ref: word,
  status: word,
  /** `title` is the code where `type` does not end in it. */
  error: lenient(z.object({ type: word, title: lenient(z.union([z.string(), z.number()])), detail: word })),
  message_type: word,
  text,
  image: file,
  video: file,
  audio: file,
  vcard: file,
  file,
  content: lenient(z.array(z.unknown())),
});
export type Payload = z.infer<typeof Payload>;

/** The older SMS API: a message, or (`status`) the delivery receipt of one. */
export const SmsForm = z.object({
  messageId: id,
  msisdn: id,
  to: id,
  text,
  type: word,
  "message-timestamp": word,
  status: word,
  "err-code": word,
  "client-ref": word,
});
export type SmsForm = z.infer<typeof SmsForm>;
