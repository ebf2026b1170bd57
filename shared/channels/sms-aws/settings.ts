import * as z from "zod";
import type { SecretField } from "../connector.ts";

export const Settings = z.strictObject({
  /** The number that customers write to and hear from; a name, to which nobody can write. */
  from: z
    .string()
    .regex(
      /^(\+\d{7,15}|\d{3,8}|(?=.*[A-Za-z])[A-Za-z0-9-]{1,11})$/,
      "a number like +351912345678, a short code, or a sender id of up to eleven letters, digits and hyphens",
    ),
  /** What sends where it is not the number itself: its id or ARN, or a pool's. */
  originationIdentity: z
    .string()
    .regex(/^[A-Za-z0-9_:/+-]{1,256}$/, "an id or ARN of a number, sender id or pool")
    .optional(),
  /** Its events tell what became of a message; without one nobody does. */
  configurationSet: z
    .string()
    .regex(/^[A-Za-z0-9_:/-]{1,256}$/, "the name of a configuration set")
    .optional(),
  messageType: z.enum(["TRANSACTIONAL", "PROMOTIONAL"]).default("TRANSACTIONAL"),
  /** After this AWS no longer tries; three days when unset. */
  timeToLiveSeconds: z.number().int().min(5).max(259_200).optional(),
});
export type Settings = z.output<typeof Settings>;

/** The functions' own roles may send, and the topic's policy says who may publish: nothing has to be kept secret. */
export type Secrets = Record<string, never>;
export const secrets: readonly SecretField[] = [];
