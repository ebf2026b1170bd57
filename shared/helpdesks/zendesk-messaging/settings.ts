import * as z from "zod";

export const Settings = z
  .strictObject({
    /** Of `https://<subdomain>.zendesk.com`. */
    subdomain: z
      .string()
      .regex(/^[a-z0-9][a-z0-9-]{0,62}$/, "the word in front of .zendesk.com, in lower case")
      .optional(),
    /** In place of the subdomain, for an account of Sunshine Conversations without Zendesk Support. */
    region: z.enum(["us", "eu"]).optional(),
    /** Of the Conversations app; Admin Center shows it beside the API keys. */
    appId: z.string().regex(/^[\w-]{1,64}$/, "the id of the app, as Admin Center shows it"),
    /** Whom each conversation is handed to: the name, type or id of a switchboard integration, or `next`. */
    switchboardIntegration: z
      .string()
      .regex(/^[\w:-]{1,128}$/, "a name, type or id like zd:agentWorkspace")
      .optional(),
  })
  .refine(({ subdomain, region }) => (subdomain === undefined) !== (region === undefined), {
    path: ["subdomain"],
    message: "either `subdomain` or `region` is needed, and not both",
  });
export type Settings = z.output<typeof Settings>;

/** As they stand in the desk's document; nothing is certain until it was looked at. */
export interface Secrets {
  keyId?: unknown;
  keySecret?: unknown;
  webhookSecret?: unknown;
}

export const secrets = [
  { name: "keyId", prompt: "Id of the Conversations API key (app_…)", rotates: false },
  { name: "keySecret", prompt: "Secret of the Conversations API key", rotates: false },
  { name: "webhookSecret", prompt: "Shared secret of the webhook, which Zendesk sends as X-API-Key", rotates: true },
] as const;
