import * as z from "zod";

export const Env = z.object({
  TABLE_NAME: z.string(),
  MAILBOX_URL: z.string(),
  /** The mailbox's dead-letter queue: poison is parked there by the function itself. */
  DEAD_LETTERS_URL: z.string(),
  BUCKET: z.string(),
  /** JSON: `[[url, [consumer]], …]`, the doorbell queues of the consumers. */
  CONSUMERS: z.string(),
  /** JSON: `[[url, [account, …]], …]`, the send queues of the accounts. */
  SENDERS: z.string(),
  /** JSON: the owner's words to stop and start messages, the answer, and where the provider acts by itself. */
  OPT_OUT: z.string(),
  /** JSON: names of the accounts whose customers can send files. */
  MEDIA_ACCOUNTS: z.string(),
  /** Queue of store-media. */
  MEDIA_URL: z.string(),
  /** JSON: `[[url, [account, …]], …]`, the queue of fetch-profile, for accounts whose messages tell no names. */
  PROFILES: z.string(),
});
export type EnvVars = Record<keyof z.input<typeof Env>, string>;
