import * as z from "zod";

export const Env = z.object({
  TABLE_NAME: z.string(),
  /** JSON: `[[url, [account, …]], …]`, the send queues of the accounts. */
  SENDERS: z.string(),
});
export type EnvVars = Record<keyof z.input<typeof Env>, string>;
