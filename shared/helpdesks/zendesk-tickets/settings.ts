import * as z from "zod";

/** Zendesk's ids are whole numbers. */
const id = z.int().positive();

export const Settings = z.strictObject({
  /** `acme` of acme.zendesk.com. */
  subdomain: z.string().regex(/^[a-z0-9]([a-z0-9-]*[a-z0-9])?$/),
  /** Of the user whom the API token is used as: one for Recado alone. */
  email: z.email(),
  /** That user's id. What they write is never an agent's reply. */
  integrationUserId: id,
  brandId: id.optional(),
  /** The group that new tickets come to. */
  groupId: id.optional(),
  ticketFormId: id.optional(),
});
export type Settings = z.output<typeof Settings>;

/** As they stand in the desk's document; nothing is certain until it was looked at. */
export interface Secrets {
  apiToken?: unknown;
  webhookSecret?: unknown;
}

export const secrets = [
  { name: "apiToken", prompt: "API token (Admin Center, Apps and integrations, API tokens)", rotates: false },
  {
    name: "webhookSecret",
    prompt: "Signing secret of the webhook (Admin Center, Webhooks, Reveal secret)",
    rotates: true,
  },
] as const;
