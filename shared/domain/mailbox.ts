/**
 * The mailbox: what producers put onto the FIFO queue, and the rules of its group and deduplication id. One message
 * group per log, so that one writer at a time meets one log; the deduplication id only saves work (the queue forgets it
 * after five minutes), history is kept right by key and token.
 */
import * as z from "zod";
import { Channel, EventType, Failure } from "./event.ts";

/** Another address of the same customer on the same account, and the conversation that it would have named. */
export const Alias = z.object({ address: z.string(), conversation: z.string() });
export type Alias = z.infer<typeof Alias>;

export const MailboxItem = z.object({
  /** The log it is for: `conv_…`, `account:<name>`, or `con_…`; `acct_<account>_<0–15>` when only a lookup can tell. */
  log: z.string(),
  key: z.string(),
  token: z.string(),
  type: EventType,
  account: z.string(),
  channel: Channel,
  /** The customer's address on the channel; opaque to all but the connector. */
  address: z.string().optional(),
  aliases: z.array(Alias).optional(),
  contact: z
    .object({
      id: z.string(),
      name: z.string().optional(),
      /** The id is a person's, made of their number; else of the address alone. */
      by: z.literal("number").optional(),
    })
    .optional(),
  at: z.object({
    /** The provider's own time, where it gives one (ms since 1970). */
    provider: z.number().optional(),
    received: z.number(),
  }),
  /** Shaped by `eventData[type]`. */
  data: z.unknown(),
  /** Set when the message came out of a dead-letter queue. */
  late: z.literal(true).optional(),
  /** The hash under which the answer to its caller is kept, where it is. */
  once: z.string().optional(),
  /** How often it was sent on to another group; bounded, so that no loop of aliases can turn for ever. */
  hops: z.number().int().optional(),
});
export type MailboxItem = z.infer<typeof MailboxItem>;

/** A body over the queue's limit lies in the bucket and is carried by reference. */
export const MailboxReference = z.object({ reference: z.string() });

/** Several items of one log in one body, in order: what one webhook told about one conversation. */
export const MailboxItems = z.object({ items: z.array(z.unknown()).min(1) });

export { accountLog, address, asciiJson, LARGEST_BODY, laneAccount } from "./mailbox-rules.ts";

/** What a consumer is told: this log has reached this entry. Says nothing else, and may be lost or doubled. */
export const Doorbell = z.object({
  log: z.string(),
  sequence: z.number().int().positive(),
  /** A helpdesk alone: the time for free replies is nearly over, whatever was told before. */
  closing: z.literal(true).optional(),
});
export type Doorbell = z.infer<typeof Doorbell>;

/** What deliver-webhook tells itself: this subscription has something to get of this log. */
export const DeliveryRequest = z.object({
  subscription: z.string(),
  log: z.string(),
  /** What waits and failed before then need not wait for its time (ms since 1970). */
  early: z.number().optional(),
  /** Once more: from one entry on, or what was recorded in a span (ms since 1970, both included). */
  replay: z
    .object({
      id: z.string(),
      from: z.number().int().positive().optional(),
      to: z.number().int().positive().optional(),
      since: z.number().optional(),
      until: z.number().optional(),
    })
    .optional(),
});
export type DeliveryRequest = z.infer<typeof DeliveryRequest>;

/** What send-batch is told: there is something to do for this batch. */
export const BatchRequest = z.object({
  batch: z.string(),
  /** It was cancelled, and what of it waits for its time is to be stopped, without waiting for any other batch. */
  stop: z.literal(true).optional(),
});
export type BatchRequest = z.infer<typeof BatchRequest>;

/** What the sender of a connector is told: send the message of this entry. */
export const SendRequest = z.object({
  log: z.string(),
  sequence: z.number().int().positive(),
  account: z.string(),
  message: z.string(),
  /** Failover: the account that is to carry it in place of `account`. */
  via: z.string().optional(),
  /** Who could not, in this round; with the failure of who will not be able to later either. */
  tried: z.array(z.object({ account: z.string(), failure: Failure.optional() })).optional(),
  /** How often all of them were asked in vain. */
  round: z.number().int().positive().optional(),
  /** It waits for the end of the quiet hours, out of the conversation's order. */
  aside: z.literal(true).optional(),
});
export type SendRequest = z.infer<typeof SendRequest>;

/** What the sender of a connector is told that is no message: nothing is kept of it, and it is worth little later. */
export const SignalRequest = z.object({
  signal: z.enum(["read", "typing"]),
  log: z.string(),
  account: z.string(),
  /** The customer's. */
  address: z.string(),
  /** The customer's newest message. */
  providerMessageId: z.string(),
  /** Ms since 1970. */
  expiresAt: z.number(),
});
export type SignalRequest = z.infer<typeof SignalRequest>;

/** What store-media is told: this entry brings a file of a customer's. */
export const MediaRequest = z.object({ log: z.string(), sequence: z.number().int().positive(), account: z.string() });
export type MediaRequest = z.infer<typeof MediaRequest>;

/** What fetch-profile is told: nobody has said yet what this customer is called. */
export const ProfileRequest = z.object({ log: z.string(), account: z.string(), address: z.string() });
export type ProfileRequest = z.infer<typeof ProfileRequest>;

/** What settle-send is told, long enough after an uncertain send: which part of which message to settle. */
export const SettleRequest = z.object({ ...SendRequest.shape, part: z.number().int().nonnegative() });
export type SettleRequest = z.infer<typeof SettleRequest>;

/** What erase-contact is told: go on with this erasure. */
export const ErasureRequest = z.object({ erasure: z.string() });
