import * as z from "zod";

export const Settings = z.strictObject({
  /** Where LibreDesk stands, without `/api`. */
  baseUrl: z.url({ protocol: /^https?$/ }),
  /** The UUID of the live chat inbox: one for all accounts, or each account's own by the account's name. */
  inboxes: z.union([z.uuid(), z.record(z.string(), z.uuid())]),
});
export type Settings = z.output<typeof Settings>;

/** As they stand in the desk's document; nothing is certain until it was looked at. */
export interface Secrets {
  apiKey?: unknown;
  apiSecret?: unknown;
  inboxSecret?: unknown;
  webhookSecret?: unknown;
}

export const secrets = [
  { name: "apiKey", prompt: "API key of the agent that writes for Recado", rotates: false },
  { name: "apiSecret", prompt: "API secret of the same agent", rotates: false },
  {
    name: "inboxSecret",
    prompt: "Secret key of the live chat inbox; a list where inboxes have different ones",
    rotates: true,
  },
  { name: "webhookSecret", prompt: "Secret of the webhook in LibreDesk", rotates: true },
] as const;
