import * as z from "zod";
import type { SecretField } from "../connector.ts";

export const Settings = z
  .strictObject({
    /** The account (or subaccount) that owns the number: `AC` and 32 hexadecimal digits. */
    accountSid: z.string().regex(/^AC[0-9a-fA-F]{32}$/, "AC and 32 hexadecimal digits"),
    /** The number that customers write to and hear from; a name, to which nobody can write. */
    from: z
      .string()
      .regex(
        /^(\+\d{7,15}|\d{3,8}|(?=.*[A-Za-z])[A-Za-z0-9 ]{1,11})$/,
        "a number like +351912345678, a short code, or a name of up to eleven letters and digits",
      )
      .optional(),
    /** The Messaging Service whose numbers are this account. */
    messagingServiceSid: z
      .string()
      .regex(/^MG[0-9a-fA-F]{32}$/, "MG and 32 hexadecimal digits")
      .optional(),
    /** Scheme and host (and a path, if one is put before ours) that Twilio calls, where a domain or proxy is in front. */
    publicUrl: z.url({ protocol: /^https?$/ }).optional(),
  })
  .refine(({ from, messagingServiceSid }) => from !== undefined || messagingServiceSid !== undefined, {
    path: ["from"],
    message: "either `from` or `messagingServiceSid` is needed",
  });
export type Settings = z.output<typeof Settings>;

/** As they stand in the account's document; nothing is certain until it was looked at. */
export interface Secrets {
  authToken?: unknown;
  apiKey?: unknown;
  apiSecret?: unknown;
}

export const secrets: readonly SecretField[] = [
  { name: "authToken", prompt: "Auth token of the Twilio account (signs the webhooks)", rotates: true },
  { name: "apiKey", prompt: "API key for sending (SK…)", rotates: false },
  { name: "apiSecret", prompt: "Secret of that API key", rotates: false },
];
