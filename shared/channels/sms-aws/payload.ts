/** What we look at in AWS's notifications. An odd value reads as an absent one; parse.ts keeps the whole where that matters. */
import * as z from "zod/mini";
import { lenient } from "../../domain/lenient.ts";

const word = lenient(z.string().check(z.minLength(1)));
/** An id or address that makes keys: what is longer is none of AWS's. */
const id = lenient(z.string().check(z.minLength(1), z.maxLength(400)));
const amount = lenient(z.number().check(z.minimum(0)));

/** What a customer wrote (https://docs.aws.amazon.com/sms-voice/latest/userguide/two-way-sms-payload.html). */
export const Inbound = z.object({
  inboundMessageId: id,
  /** The customer. */
  originationNumber: id,
  /** Ours. */
  destinationNumber: id,
  messageBody: word,
  messageKeyword: word,
});
export type Inbound = z.infer<typeof Inbound>;

/** What became of a message of ours. */
export const Event = z.object({
  eventType: word,
  eventTimestamp: amount,
  isFinal: lenient(z.boolean()),
  originationPhoneNumber: id,
  destinationPhoneNumber: id,
  messageId: id,
  messageStatusDescription: word,
  /** As it was sent along. */
  context: lenient(z.object({ recado: id, from: id })),
  totalMessageParts: amount,
  totalMessagePrice: amount,
  totalCarrierFee: amount,
});
export type Event = z.infer<typeof Event>;
