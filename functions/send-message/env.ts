import * as z from "zod";

/** Deployed once per connector. */
export const Env = z.object({
  TABLE_NAME: z.string(),
  /** This function's own queue: waits are visibility times of its messages. */
  QUEUE_URL: z.string(),
  MAILBOX_URL: z.string(),
  BUCKET: z.string(),
  /** Delay queue of settle-send. */
  SETTLE_URL: z.string(),
  /** JSON: `[{ "name": …, "settings": … }]`, the accounts on this connector. */
  ACCOUNTS: z.string(),
  SECRETS_PATH: z.string(),
  /** `https://<host>/webhooks/<connector>`: where the provider posts receipts. */
  CALLBACK_URL: z.string(),
  /** How long later messages of a conversation wait behind an uncertain one, in seconds. */
  HOLD_SECONDS: z.string(),
});
export type EnvVars = Record<keyof z.input<typeof Env>, string>;
