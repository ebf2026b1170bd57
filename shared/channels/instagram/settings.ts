import * as z from "zod";
import type { SecretField } from "../connector.ts";

export type { Secrets } from "../../messenger-platform/secrets.ts";

/** Where accounts are reached that are linked to no Page, with a token of Instagram's own login. */
export const INSTAGRAM_LOGIN_HOST = "graph.instagram.com";

export const Settings = z.strictObject({
  /** Id of the Instagram professional account: webhooks name it. */
  instagramId: z.string().regex(/^\d{5,25}$/, "the id of the Instagram account, digits only"),
  /** Whose token is used: of the Page that the account is linked to, or of Instagram's own login. */
  host: z.enum(["graph.facebook.com", INSTAGRAM_LOGIN_HOST]).default("graph.facebook.com"),
  graphVersion: z
    .string()
    .regex(/^v\d+\.\d+$/, "like v26.0")
    .default("v26.0"),
});
export type Settings = z.output<typeof Settings>;

export const secrets: readonly SecretField[] = [
  {
    name: "appSecret",
    prompt: "App secret of the Meta app (App settings → Basic); with Instagram's own login its app secret too",
    rotates: true,
  },
  {
    name: "verifyToken",
    prompt: "Verify token: a word of your own, entered beside the callback URL too",
    rotates: true,
  },
  {
    name: "accessToken",
    prompt: "Access token of the linked Page, with instagram_manage_messages, or of Instagram's own login",
    rotates: false,
  },
];
