import * as z from "zod";

/** Deployed once per helpdesk. */
export const Env = z.object({
  TABLE_NAME: z.string(),
  BUCKET: z.string(),
  /** Raised after a restore from backup. */
  EPOCH: z.string(),
  /** This function's own queue: waits are visibility times of its messages. */
  QUEUE_URL: z.string(),
  MAILBOX_URL: z.string(),
  /** JSON: `{ "name": …, "settings": …, "origins": [ … ], "accounts"?: [ … ], "onSolved": …, "receiptNotes": … }` */
  DESK: z.string(),
  /** JSON: account name → `{ "connector", "templates": [ … ] }`. */
  ACCOUNTS: z.string(),
  /** Where customers' links lead, without a slash at the end. */
  LINKS_URL: z.string(),
  SECRETS_PATH: z.string(),
});
export type EnvVars = Record<keyof z.input<typeof Env>, string>;
