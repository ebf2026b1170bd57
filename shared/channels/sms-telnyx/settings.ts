import * as z from "zod";
import type { SecretField } from "../connector.ts";

export const Settings = z
  .strictObject({
    /** The number that customers write to and hear from; a name, to which nobody can write. */
    from: z
      .string()
      .regex(
        /^(\+\d{7,15}|\d{3,8}|(?=.*[A-Za-z])[A-Za-z0-9 ]{1,11})$/,
        "a number like +351912345678, a short code, or a name of up to eleven letters and digits",
      )
      .optional(),
    /** The messaging profile: alone it sends from its pool of numbers; a name cannot send without one. */
    messagingProfileId: z.uuid().optional(),
  })
  .refine(({ from, messagingProfileId }) => from !== undefined || messagingProfileId !== undefined, {
    path: ["from"],
    message: "either `from` or `messagingProfileId` is needed",
  })
  .refine(({ from, messagingProfileId }) => messagingProfileId !== undefined || !/[A-Za-z]/.test(from ?? ""), {
    path: ["messagingProfileId"],
    message: "a name as sender needs the profile that it belongs to",
  });
export type Settings = z.output<typeof Settings>;

/** As they stand in the account's document; nothing is certain until it was looked at. */
export interface Secrets {
  publicKey?: unknown;
  apiKey?: unknown;
}

/** The first is no secret in itself, but which key is believed must be as hard to change as one. */
export const secrets: readonly SecretField[] = [
  { name: "publicKey", prompt: "Public key of the Telnyx account (Mission Control → API keys)", rotates: true },
  { name: "apiKey", prompt: "API key for sending (KEY…)", rotates: false },
];
