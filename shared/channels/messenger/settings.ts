import * as z from "zod";
import type { SecretField } from "../connector.ts";

export type { Secrets } from "../../messenger-platform/secrets.ts";

export const Settings = z.strictObject({
  /** Id of the Page: webhooks name it, sends go through it. */
  pageId: z.string().regex(/^\d{5,25}$/, "the id of the Page, digits only"),
  graphVersion: z
    .string()
    .regex(/^v\d+\.\d+$/, "like v26.0")
    .default("v26.0"),
});
export type Settings = z.output<typeof Settings>;

export const secrets: readonly SecretField[] = [
  { name: "appSecret", prompt: "App secret of the Meta app (App settings → Basic)", rotates: true },
  {
    name: "verifyToken",
    prompt: "Verify token: a word of your own, entered beside the callback URL too",
    rotates: true,
  },
  { name: "accessToken", prompt: "Page access token, with pages_messaging", rotates: false },
];
