import * as z from "zod";

export const Env = z.object({
  TABLE_NAME: z.string(),
  MAILBOX_URL: z.string(),
  BUCKET: z.string(),
  SECRETS_PATH: z.string(),
  /** JSON: `[[url, [account, …]], …]`, the send queues of the accounts, for the policy `resend`. */
  SENDERS: z.string(),
  /** `fail` or `resend`: what becomes of a send that nobody confirmed. */
  UNCERTAIN_POLICY: z.string(),
});
export type EnvVars = Record<keyof z.input<typeof Env>, string>;
