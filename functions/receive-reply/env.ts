import * as z from "zod";

export const Env = z.object({
  /** JSON: desk name → `{ "helpdesk", "settings" }`. */
  DESKS: z.string(),
  SECRETS_PATH: z.string(),
  /** The queue of take-reply. */
  QUEUE_URL: z.string(),
});
export type EnvVars = Record<keyof z.input<typeof Env>, string>;
