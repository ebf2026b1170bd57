import * as z from "zod";
import type { SecretField } from "../connector.ts";

export const Settings = z.strictObject({
  /** Id of the business number at Meta, by which what comes in is told apart; not the number itself. */
  phoneNumberId: z.string().regex(/^\d{5,25}$/, "the id of the phone number at Meta, digits only"),
  /** Id of the same number at AWS, through which it sends. */
  originationPhoneNumberId: z
    .string()
    .regex(
      /^(phone-number-id-[0-9a-zA-Z]{32}|arn:aws[a-z-]*:social-messaging:[a-z0-9-]+:\d{12}:phone-number-id\/[0-9a-zA-Z]+)$/,
      "the id of the phone number at AWS, `phone-number-id-` and 32 digits or letters, or its ARN",
    ),
  /** The number as people dial it, for display. */
  displayPhoneNumber: z.string().optional(),
  /** AWS takes fewer versions than Meta, and not the same ones in every Region. */
  metaApiVersion: z
    .string()
    .regex(/^v\d+\.\d+$/, "like v20.0")
    .default("v20.0"),
});
export type Settings = z.output<typeof Settings>;

/** The functions' own roles may send, and the topic's policy says who may publish: nothing has to be kept secret. */
export type Secrets = Record<string, never>;
export const secrets: readonly SecretField[] = [];
