import * as z from "zod";

export const Env = z.object({
  TABLE_NAME: z.string(),
  MAILBOX_URL: z.string(),
  /** The mailbox's dead-letter queue: poison is parked there by the function itself. */
  DEAD_LETTERS_URL: z.string(),
  BUCKET: z.string(),
  /** JSON: consumer name → URL of its doorbell queue. */
  CONSUMERS: z.string(),
  /** JSON: account name → URL of its connector's send queue. */
  SENDERS: z.string(),
});
export type EnvVars = Record<keyof z.input<typeof Env>, string>;
