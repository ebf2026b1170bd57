import * as z from "zod";

export const Settings = z.strictObject({
  /** Where every event of the desk's conversations is posted. */
  url: z.url({ protocol: /^https?$/ }),
  /** Where the replies of a conversation can be listed, for a desk whose webhooks may be lost or overtake each other. */
  repliesUrl: z.url({ protocol: /^https?$/ }).optional(),
});
export type Settings = z.output<typeof Settings>;

/** As they stand in the desk's document; nothing is certain until it was looked at. */
export interface Secrets {
  webhookSecret?: unknown;
}

export const secrets = [
  { name: "webhookSecret", prompt: "Secret that both sides sign with, whsec_… or any word", rotates: true },
] as const;
