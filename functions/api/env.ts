import * as z from "zod";

export const Env = z.object({
  TABLE_NAME: z.string(),
  MAILBOX_URL: z.string(),
  BUCKET: z.string(),
  SECRETS_PATH: z.string(),
  /** JSON: account name → `{ "connector", "channel" }`. */
  ACCOUNTS: z.string(),
  /** How long a message may wait to be sent, in seconds. */
  EXPIRES_AFTER_SECONDS: z.string(),
  EPOCH: z.string(),
});
export type EnvVars = Record<keyof z.input<typeof Env>, string>;
