/** What we look at in Telnyx's webhooks. An odd value reads as an absent one; parse.ts keeps the whole where that matters. */
import * as z from "zod/mini";
import { lenient } from "../../domain/lenient.ts";

const word = lenient(z.string().check(z.minLength(1)));
/** An id or address that makes keys: what is longer is none of Telnyx's. */
const id = lenient(z.string().check(z.minLength(1), z.maxLength(400)));
const list = lenient(z.array(z.unknown()));

export const Envelope = z.object({
  data: lenient(z.object({ event_type: word, occurred_at: word, payload: z.unknown() })),
  meta: lenient(z.object({ delivered_to: word })),
});

export const Payload = z.object({
  id,
  direction: word,
  type: word,
  from: lenient(z.object({ phone_number: id })),
  to: list,
  cc: list,
  messaging_profile_id: id,
  text: word,
  subject: word,
  media: list,
  received_at: word,
  autoresponse_type: word,
  errors: list,
  /** Where we had it told: our id of the message is the end of it. */
  webhook_url: word,
});
export type Payload = z.infer<typeof Payload>;

export const Party = z.object({ phone_number: id, status: word });
export const File = z.object({
  url: word,
  content_type: word,
  sha256: word,
  size: lenient(z.number().check(z.int(), z.minimum(0))),
});
export const Fault = z.object({ code: word, title: word, detail: word });
