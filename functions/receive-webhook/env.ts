import * as z from "zod";

/** Deployed once per connector. Checked where the stack is made; the function itself carries no schema library. */
export const Env = z.object({
  /** JSON: `[{ "name": …, "settings": … }]`, the accounts on this connector. */
  ACCOUNTS: z.string(),
  /** `/recado/<stage>`: below it one SSM document per account, and `deployment`. */
  SECRETS_PATH: z.string(),
  MAILBOX_URL: z.string(),
  /** Bucket for bodies over the queue's limit (`mailbox/`) and for quarantine (`quarantine/`). */
  BUCKET: z.string(),
  /** `true`: whoever has the same number on several accounts and channels is one contact. */
  JOIN_BY_NUMBER: z.string(),
});
export type EnvVars = Record<keyof z.input<typeof Env>, string>;

/** Of a connector whose provider publishes to a topic of ours: one more. */
export const NotificationEnv = z.object({
  ...Env.shape,
  /** The topic whose notifications lie in the queue. */
  TOPIC_ARN: z.string(),
});
export type NotificationEnvVars = Record<keyof z.input<typeof NotificationEnv>, string>;
