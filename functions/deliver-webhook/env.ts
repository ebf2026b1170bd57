import * as z from "zod";

export const Env = z.object({
  TABLE_NAME: z.string(),
  BUCKET: z.string(),
  /** Raised after a restore from backup. */
  EPOCH: z.string(),
  /** This function's own queue: it rings itself, and waits are visibility times of its messages. */
  QUEUE_URL: z.string(),
  MAILBOX_URL: z.string(),
  SECRETS_PATH: z.string(),
});
export type EnvVars = Record<keyof z.input<typeof Env>, string>;
