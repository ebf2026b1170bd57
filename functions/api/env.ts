import * as z from "zod";

export const Env = z.object({
  TABLE_NAME: z.string(),
  MAILBOX_URL: z.string(),
  /** The queue of deliver-webhook. */
  DELIVERIES_URL: z.string(),
  /** The queue of send-batch. */
  BATCHES_URL: z.string(),
  /** The queue of erase-contact. */
  ERASURES_URL: z.string(),
  BUCKET: z.string(),
  SECRETS_PATH: z.string(),
  /** JSON: account name → `{ "connector", "channel", "fallbackTemplate"? }`. */
  ACCOUNTS: z.string(),
  /** How long a message may wait to be sent, in seconds. */
  EXPIRES_AFTER_SECONDS: z.string(),
  LARGEST_MEDIA_BYTES: z.string(),
  /** "true": whoever has the same number on several accounts and channels is one contact. */
  JOIN_BY_NUMBER: z.string(),
  EPOCH: z.string(),
  /** JSON: `[[url, [account, …]], …]`, the send queues of the accounts whose connectors know signals. */
  SIGNALS: z.string(),
  /** JSON: `{ "from", "to", "timeZone" }`; set where there are any. */
  QUIET_HOURS: z.string().optional(),
});
export type EnvVars = Record<Exclude<keyof z.input<typeof Env>, "QUIET_HOURS">, string> & { QUIET_HOURS?: string };
