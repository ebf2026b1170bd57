import * as z from "zod";

const Channel = z.string().regex(/^cha_[A-Za-z0-9]+$/, "a Front channel id begins with cha_");

export const Settings = z.strictObject({
  /** UID of the app that the channel belongs to: the issuer of the channel's tokens. */
  appId: z.string().min(1),
  /**
   * The Front channel of each account, by the account's name, or the only one. Front makes the ids when a channel is
   * connected, for which our door must be there: left out until then, everything waits.
   */
  channels: z.union([Channel, z.record(z.string(), Channel)]).optional(),
});
export type Settings = z.output<typeof Settings>;

/** As they stand in the desk's document; nothing is certain until it was looked at. */
export interface Secrets {
  appSecret?: unknown;
  apiToken?: unknown;
}

export const secrets = [
  { name: "appSecret", prompt: "App secret of the Front app (signs both ways)", rotates: true },
  {
    name: "apiToken",
    prompt: "Front API token, for conversations, comments, tags, contacts and files",
    rotates: false,
  },
] as const;
