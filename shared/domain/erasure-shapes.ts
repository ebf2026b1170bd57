/** What the API tells of an erasure: how far it is, and its receipt. Nothing of the contact stands in it. */
import * as z from "zod";

const Time = z.iso.datetime();
const Count = z.number().int().nonnegative();

/** What was cleaned, place by place, and what could not be. Counts are of what was there. */
const ErasureReceipt = z.strictObject({
  /** Conversations that were emptied, and entries of logs: their numbers, types and times stay. */
  log: z.strictObject({ conversations: Count, contacts: Count, entries: Count }),
  /** Files of messages that were deleted. */
  files: Count,
  /** Other addresses of the customer. */
  aliases: Count,
  /** Ids that providers gave to messages. */
  providerIds: Count,
  /** What was kept of each send, so that nothing is sent twice. */
  claims: Count,
  /** Answers that were kept under an `Idempotency-Key`. */
  idempotencyKeys: Count,
  /** By which messages of callers are found. */
  messageIds: Count,
  /** Large events on their way into the log. */
  bodies: Count,
  /** Webhooks that could not be read and name the customer. */
  quarantine: Count,
  /** Events of accounts that name the customer. */
  accountEvents: Count,
  /** Events that could not be recorded. */
  deadLetters: Count,
  /** What tied the conversations to tickets, and whether agents there were told to remove their own copy. */
  helpdesks: z.array(z.strictObject({ name: z.string(), removed: Count, told: z.boolean() })),
  /** What Recado cannot clean, or keeps for a reason. */
  remains: z.array(
    z.strictObject({
      place: z.enum([
        "backups",
        "providers",
        "helpdesks",
        "subscribers",
        "uploads",
        "opt_outs",
        "batches",
        "queues",
        "idempotency_keys",
        "quarantine",
      ]),
      detail: z.string(),
      /** When it is gone by itself. */
      until: Time.optional(),
      /** Of files that the business has uploaded. */
      ids: z.array(z.string()).optional(),
    }),
  ),
});

/** `receipt` stands in it once it is done. */
export const ErasureAnswer = z.strictObject({
  erasure: z.strictObject({
    id: z.string(),
    contact: z.string(),
    status: z.enum(["running", "done"]),
    requestedAt: Time,
    finishedAt: Time.optional(),
    receipt: ErasureReceipt.optional(),
  }),
});
export type ErasureAnswer = z.infer<typeof ErasureAnswer>;
