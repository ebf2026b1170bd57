import * as z from "zod";

const Address = z.string().min(1).max(320);

export const Settings = z.strictObject({
  /** `acme` of acme.gorgias.com. */
  domain: z.string().regex(/^[a-z0-9]([a-z0-9-]*[a-z0-9])?$/),
  /** Of the user whose API key is used: one for Recado alone. */
  email: z.email(),
  /** That user's id. What they write by the API is never an agent's reply. */
  integrationUserId: z.int().positive().optional(),
  /** The channel that tickets are of: `api` unless an app of yours brought one of its own. */
  channel: z
    .string()
    .regex(/^[a-z0-9][a-z0-9_-]*$/)
    .refine((slug) => slug !== "internal-note" && slug !== "email", "a channel that carries messages to customers")
    .optional(),
  /** What customers write to, on such a channel: one address for all accounts, or each account's own by its name. */
  addresses: z.union([Address, z.record(z.string(), Address)]).optional(),
  /**
   * A domain of yours that takes no mail. With it every customer has an address there, for accounts whose agents can
   * answer by e-mail alone: what they send to such addresses is a reply.
   */
  replyDomain: z
    .string()
    .regex(/^([a-z0-9]([a-z0-9-]*[a-z0-9])?\.)+[a-z]{2,}$/)
    .optional(),
});
export type Settings = z.output<typeof Settings>;

/** As they stand in the desk's document; nothing is certain until it was looked at. */
export interface Secrets {
  apiKey?: unknown;
  webhookSecret?: unknown;
}

export const secrets = [
  { name: "apiKey", prompt: "API key of Recado's user in Gorgias", rotates: false },
  {
    name: "webhookSecret",
    prompt: "Long random word that the HTTP integration sends in the header x-recado-secret",
    rotates: true,
  },
] as const;
