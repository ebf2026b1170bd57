import * as z from "zod";

export const Settings = z.strictObject({
  /** Where the workspace is hosted. */
  region: z.enum(["us", "eu", "au"]).default("us"),
  /** The teammate in whose name notes are written, and conversations closed, opened and tagged. */
  adminId: z.string().regex(/^\d+$/, "the number of a teammate"),
  /** The version that every request asks for. */
  apiVersion: z.literal("2.16").default("2.16"),
});
export type Settings = z.output<typeof Settings>;

/** As they stand in the desk's document; nothing is certain until it was looked at. */
export interface Secrets {
  accessToken?: unknown;
  clientSecret?: unknown;
}

export const secrets = [
  {
    name: "accessToken",
    prompt: "Access token of your app in Intercom's Developer Hub (Authentication)",
    rotates: true,
  },
  {
    name: "clientSecret",
    prompt: "Client secret of the same app (Basic information): webhooks are signed with it",
    rotates: true,
  },
] as const;
