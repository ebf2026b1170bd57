import * as z from "zod";

export const Env = z.object({
  TABLE_NAME: z.string(),
  BUCKET: z.string(),
  /** `/recado/<stage>`: below it one SSM document per helpdesk. */
  SECRETS_PATH: z.string(),
  /** The queue of take-reply. */
  REPLIES_URL: z.string(),
  /** JSON: `[[url, [desk]], …]`, the queues of post-to-helpdesk. */
  DESKS: z.string(),
});
export type EnvVars = Record<keyof z.input<typeof Env>, string>;

/** What a schedule hands over: the helpdesk to be tended, as the configuration has it. */
export const Input = z.object({
  desk: z.string(),
  helpdesk: z.string(),
  settings: z.record(z.string(), z.unknown()),
  origins: z.array(z.string()),
  /** Whose conversations it gets. */
  accounts: z.array(z.string()),
});
export type Input = z.infer<typeof Input>;
