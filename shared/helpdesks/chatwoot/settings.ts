import * as z from "zod";

/** An inbox of the kind "API". */
const Inbox = z.strictObject({
  /** The number in the address of the inbox's settings page. */
  id: z.number().int().positive(),
  /** `inbox_identifier`, on the page "Configuration" of the inbox. */
  identifier: z.string().min(1),
});

export const Settings = z
  .strictObject({
    /** Where Chatwoot is, e.g. `https://app.chatwoot.com`. */
    baseUrl: z.url({ protocol: /^https?$/ }),
    /** The number in the address of every page: `/app/accounts/<number>/…`. */
    accountId: z.number().int().positive(),
    /** For every account that has none of its own in `inboxes`. */
    inbox: Inbox.optional(),
    /** By the name of the account whose conversations go there. */
    inboxes: z.record(z.string(), Inbox).optional(),
  })
  .refine(({ inbox, inboxes }) => inbox !== undefined || Object.keys(inboxes ?? {}).length > 0, {
    path: ["inbox"],
    message: "needs one inbox for all accounts, or `inboxes` with one for each",
  });
export type Settings = z.output<typeof Settings>;

/** As they stand in the desk's document; nothing is certain until it was looked at. */
export interface Secrets {
  apiToken?: unknown;
  webhookSecret?: unknown;
}

export const secrets = [
  { name: "apiToken", prompt: "Access token of the Chatwoot user whom Recado works as", rotates: false },
  {
    name: "webhookSecret",
    prompt: "Webhook secret of the API inbox; a list of them for several inboxes",
    rotates: true,
  },
] as const;
