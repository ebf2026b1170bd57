import * as z from "zod";

export const Env = z.object({
  TABLE_NAME: z.string(),
  BUCKET: z.string(),
  /** The queue of deliver-webhook. */
  DELIVERIES_URL: z.string(),
  /** JSON: the names of all accounts. */
  ACCOUNTS: z.string(),
});
export type EnvVars = Record<keyof z.input<typeof Env>, string>;
