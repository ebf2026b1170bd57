import * as z from "zod";

export const Env = z.object({
  TABLE_NAME: z.string(),
  MAILBOX_URL: z.string(),
  BUCKET: z.string(),
  SECRETS_PATH: z.string(),
  /** This function's own queue: a batch that has further steps waits in it. */
  QUEUE_URL: z.string(),
  DEAD_LETTERS_URL: z.string(),
  /** JSON: account name → `{ "connector", "channel", "fallbackTemplate"? }`. */
  ACCOUNTS: z.string(),
  /** How long a message may wait to be sent, in seconds. */
  EXPIRES_AFTER_SECONDS: z.string(),
  /** "true": whoever has the same number on several accounts and channels is one contact. */
  JOIN_BY_NUMBER: z.string(),
  /** How many messages are put on their way in a second. */
  PER_SECOND: z.string(),
  /** JSON: `{ "from", "to", "timeZone" }`; set where there are any. */
  QUIET_HOURS: z.string().optional(),
});
export type EnvVars = Record<Exclude<keyof z.input<typeof Env>, "QUIET_HOURS">, string> & { QUIET_HOURS?: string };
