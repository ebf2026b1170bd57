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
  /** JSON: `[{ "name": …, "settings": …, "fallbackTemplate"? }]`, the accounts on this connector. */
  ACCOUNTS: z.string(),
  SECRETS_PATH: z.string(),
  /** `https://<host>/webhooks/<connector>`: where the provider posts receipts. */
  CALLBACK_URL: z.string(),
  /** `https://<host>/v1/links`: below it are the links that customers open. */
  LINKS_URL: z.string(),
  /** How long later messages of a conversation wait behind an uncertain one, in seconds. */
  HOLD_SECONDS: z.string(),
  /**
   * JSON: `{ "standIns": { account → accounts }, "queues": [[url, [account, …]], …] }`; set where any account has
   * stand-ins.
   */
  FAILOVER: z.string().optional(),
  /** JSON: `{ "from", "to", "timeZone" }`; set where there are any. */
  QUIET_HOURS: z.string().optional(),
});
type Optional = "FAILOVER" | "QUIET_HOURS";
export type EnvVars = Record<Exclude<keyof z.input<typeof Env>, Optional>, string> & Partial<Record<Optional, string>>;
