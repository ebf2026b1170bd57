import * as z from "zod";

export const Env = z.object({
  TABLE_NAME: z.string(),
  MAILBOX_URL: z.string(),
  /** Bucket of large bodies and elements, read and written. */
  BUCKET: z.string(),
  /** `/recado/<stage>`: below it one SSM document per account, and `deployment`. */
  SECRETS_PATH: z.string(),
  /** `true` or `false`: whether the same number on another channel is the same person. */
  JOIN_BY_NUMBER: z.string(),
});
export type EnvVars = Record<keyof z.input<typeof Env>, string>;

/** What a schedule hands over: the account to be reconciled, as the configuration has it. */
export const Input = z.object({
  account: z.string(),
  connector: z.string(),
  settings: z.record(z.string(), z.unknown()),
  /** The other accounts of the connector. */
  others: z.array(z.object({ name: z.string(), settings: z.record(z.string(), z.unknown()) })),
});
export type Input = z.infer<typeof Input>;
