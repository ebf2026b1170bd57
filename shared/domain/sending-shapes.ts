/** What callers give who begin themselves: whom a message is for, and how far ahead it may go out. */
import * as z from "zod";
import { Channel } from "./event.ts";

const LONGEST_NAME = 100;
const LONGEST_ADDRESS = 256;
/** As far ahead as a message may be written. */
export const LONGEST_AHEAD_DAYS = 90;
/** Whom a message may be for, one after the other. */
export const MOST_RECIPIENTS = 10;

/** Where a message is to go: a contact wherever they are spoken to, or an address on one of our accounts. */
export const Recipient = z.union(
  [
    z.strictObject({
      contact: z.string().regex(/^con_[A-Za-z0-9_-]{22}$/, "must be the id of a contact, con_…"),
      /** Only there. */
      channel: Channel.optional(),
      account: z.string().max(LONGEST_NAME).optional(),
    }),
    z.strictObject({
      account: z.string().max(LONGEST_NAME),
      /** A phone number with `+` and its country, or how the channel itself names the customer. */
      address: z.string().min(1).max(LONGEST_ADDRESS),
    }),
  ],
  "must name a contact, or an account and an address",
);
export type Recipient = z.infer<typeof Recipient>;
