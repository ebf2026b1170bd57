import * as z from "zod";

export const Env = z.object({
  TABLE_NAME: z.string(),
  QUEUE_URL: z.string(),
  MAILBOX_URL: z.string(),
  /** The mailbox's dead-letter queue, where what could not be recorded lies with its words. */
  DEAD_LETTERS_URL: z.string(),
  BUCKET: z.string(),
  SECRETS_PATH: z.string(),
  /** JSON: names of the helpdesks that are configured. */
  DESKS: z.string(),
});
export type EnvVars = Record<keyof z.input<typeof Env>, string>;
