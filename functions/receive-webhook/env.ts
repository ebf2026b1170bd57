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
});
export type EnvVars = Record<keyof z.input<typeof Env>, string>;
