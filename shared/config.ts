/**
 * `recado.config.ts`: which accounts there are and how they behave. Secrets never stand there; each account's are one
 * SSM document at `/recado/<stage>/<account>`.
 */
import * as z from "zod";
import { type ConnectorName, connectors } from "./channels/registry.ts";

/** `deployment` is the document with the secret behind ids and keys. */
const AccountName = z
  .string()
  .regex(/^[a-z][a-z0-9-]{0,30}$/, "lower-case letters, digits and hyphens, at most 31, beginning with a letter")
  .refine((name) => name !== "deployment", "`deployment` is taken by Recado itself");

const ConnectorWord = z.enum(Object.keys(connectors) as [ConnectorName, ...ConnectorName[]]);

const Account = z.looseObject({ connector: ConnectorWord }).transform(({ connector, ...settings }, context) => {
  const checked = connectors[connector].settings.safeParse(settings);
  if (checked.success) return { connector, settings: checked.data as Record<string, unknown> };
  for (const issue of checked.error.issues)
    context.addIssue({ code: "custom", path: issue.path, message: issue.message });
  return z.NEVER;
});

const Policies = z.strictObject({
  /** How long later messages of a conversation wait behind an uncertain one. */
  holdSeconds: z.number().int().min(0).max(300).default(30),
  /** When a send that nobody confirmed is settled. */
  uncertainAfterSeconds: z.number().int().min(1).max(900).default(600),
  /** What becomes of it: told to the agent as failed, or sent again at the risk of a second copy. */
  uncertain: z.enum(["fail", "resend"]).default("fail"),
  /** How long a message may wait to be sent. */
  expiresAfterSeconds: z.number().int().min(60).max(604_800).default(86_400),
});

const Alarms = z.strictObject({
  /** Someone is told when no provider at all has called for so long; off unless set, since a quiet shop is no fault. */
  silenceAfterHours: z.number().int().min(1).max(24).optional(),
});

export const Config = z.strictObject({
  /** Raise by one after restoring the table from a backup. */
  epoch: z.number().int().positive().default(1),
  accounts: z.record(AccountName, Account),
  policies: Policies.prefault({}),
  alarms: Alarms.optional(),
});
export type Config = z.output<typeof Config>;

/** Gives the editor the shape; checked when anything starts. */
export function defineConfig(config: z.input<typeof Config>): z.input<typeof Config> {
  return config;
}

/** @throws Error with one line per fault, each naming the field. */
export function checkConfig(input: unknown): Config {
  const result = Config.safeParse(input);
  if (result.success) return result.data;
  const faults = result.error.issues.map(({ path, message }) => `  ${path.join(".") || "(top level)"}: ${message}`);
  throw new Error(`recado.config.ts is not valid:\n${faults.join("\n")}`);
}
