import * as z from "zod";

const Id = z.string().regex(/^\d{1,19}$/, "an id of HubSpot's: digits, as its pages and API show them");

export const Settings = z.strictObject({
  /** The custom channel that was registered for the app. */
  channelId: Id,
  /** The channel account that plays each account of ours, by the account's name; one alone plays them all. */
  channelAccounts: z.union([Id, z.record(z.string(), Id)]),
  /** The app itself: what it wrote is told from what agents write by it. */
  appId: Id,
  /** What comes from any other HubSpot account is left alone. */
  portalId: Id.optional(),
});
export type Settings = z.output<typeof Settings>;

/** As they stand in the desk's document; nothing is certain until it was looked at. */
export interface Secrets {
  accessToken?: unknown;
  clientSecret?: unknown;
  pathToken?: unknown;
}

export const secrets = [
  { name: "accessToken", prompt: "Access token of the app", rotates: false },
  { name: "clientSecret", prompt: "Client secret of the app, which signs its webhooks", rotates: true },
  { name: "pathToken", prompt: "Unguessable word that the webhooks' address ends with: ?key=<word>", rotates: true },
] as const;
