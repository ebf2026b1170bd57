import * as z from "zod";

/** Deployed once per stream. */
export const Env = z.object({
  TABLE_NAME: z.string(),
  BUCKET: z.string(),
  /** Name of the bus, or ARN of the topic. */
  STREAM: z.string(),
  /** Whose cursors it moves. */
  CONSUMER: z.string(),
  /** Raised after a restore from backup. */
  EPOCH: z.string(),
  QUEUE_URL: z.string(),
});
export type EnvVars = Record<keyof z.input<typeof Env>, string>;
