import * as z from "zod";

export const Env = z.object({
  TABLE_NAME: z.string(),
  /** This function's own queue: waits are visibility times of its messages. */
  QUEUE_URL: z.string(),
  MAILBOX_URL: z.string(),
  BUCKET: z.string(),
  SECRETS_PATH: z.string(),
  /** JSON: desk name → `{ "helpdesk", "settings", "origins", "botReplies"?, "agentNames"?, "accounts"? }`. */
  DESKS: z.string(),
  /** JSON: account name → `{ "connector", "templates": [ { "name", "language" } ], "fallbackTemplate"? }`. */
  ACCOUNTS: z.string(),
  EXPIRES_AFTER_SECONDS: z.string(),
  LARGEST_MEDIA_BYTES: z.string(),
});
export type EnvVars = Record<keyof z.input<typeof Env>, string>;
