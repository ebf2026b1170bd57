import * as z from "zod";

export const Env = z.object({
  TABLE_NAME: z.string(),
  BUCKET: z.string(),
  BUS_NAME: z.string(),
  /** Raised after a restore from backup. */
  EPOCH: z.string(),
  QUEUE_URL: z.string(),
});
export type EnvVars = Record<keyof z.input<typeof Env>, string>;
