import * as z from "zod";
import type { SecretField } from "../connector.ts";

/** How the older SMS API signs: Vonage's dashboard names one for the account. `md5hash` is no HMAC. */
const SmsSignature = z.enum(["md5hash", "md5", "sha1", "sha256", "sha512"]);
export type SmsSignature = z.output<typeof SmsSignature>;

export const Settings = z.strictObject({
  /** The key of the Vonage account, as its dashboard shows it. */
  apiKey: z.string().regex(/^[0-9A-Za-z]{6,32}$/, "the API key of the dashboard"),
  /** The number that customers write to and hear from; a name, to which nobody can write. */
  from: z
    .string()
    .regex(
      /^(\+\d{7,15}|\d{3,8}|(?=.*[A-Za-z])[A-Za-z0-9 ]{1,11})$/,
      "a number like +351912345678, a short code, or a name of up to eleven letters and digits",
    ),
  /** The Vonage application that sends, with its private key; without one it is the account, with its secret. */
  applicationId: z.uuid().optional(),
  /** Set where the number's messages come through the older SMS API; without it none of its webhooks is accepted. */
  smsSignature: SmsSignature.optional(),
});
export type Settings = z.output<typeof Settings>;

/** As they stand in the account's document; nothing is certain until it was looked at. */
export interface Secrets {
  signatureSecret?: unknown;
  apiSecret?: unknown;
  privateKey?: unknown;
}

export const secrets: readonly SecretField[] = [
  { name: "signatureSecret", prompt: "Signature secret of the Vonage account (signs the webhooks)", rotates: true },
  { name: "apiSecret", prompt: "API secret of the account (sends, where there is no application)", rotates: false },
  { name: "privateKey", prompt: "Private key of the application as PEM (sends)", rotates: false },
];
