/** What we look at in Twilio's webhooks: form fields, all of them text. Empty ones count as absent. */
import * as z from "zod/mini";
import { lenient } from "../../domain/lenient.ts";

const word = lenient(z.string().check(z.minLength(1)));
/** An id or address that makes keys: what is longer is none of Twilio's. */
const id = lenient(z.string().check(z.minLength(1), z.maxLength(400)));

export const Form = z.object({
  AccountSid: id,
  MessageSid: id,
  SmsSid: id,
  SmsMessageSid: id,
  MessagingServiceSid: id,
  From: id,
  To: id,
  Body: z.optional(z.string()),
  NumMedia: word,
  OptOutType: word,
  MessageStatus: word,
  ErrorCode: word,
  ErrorMessage: word,
  ProfileName: word,
});
export type Form = z.infer<typeof Form>;
