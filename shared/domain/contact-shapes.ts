/** What callers write of contacts and look for, and the list of them. The shape of a contact is in api-shapes.ts. */
import * as z from "zod";
import { ApiContact, ConsentToNote, ListQuery } from "./api-shapes.ts";
import { Channel } from "./event.ts";

/** What a contact may have. */
export const MOST_ATTRIBUTES = 50;
const LONGEST_NAME = 200;
const LONGEST_TEXT = 500;

const ContactId = z.string().regex(/^con_[A-Za-z0-9_-]{22}$/, "must be the id of a contact, con_…");

const attributes = z
  .record(
    z.string().regex(/^[a-z][a-z0-9_]{0,39}$/),
    z.union(
      [z.string().max(LONGEST_TEXT, `must have at most ${LONGEST_TEXT} characters`), z.number(), z.boolean(), z.null()],
      `must be a text of up to ${LONGEST_TEXT} characters, a number, true, false or null`,
    ),
    "must be an object whose keys are a lower-case letter and up to 39 more, digits and _ included",
  )
  .refine(
    (given) => Object.keys(given).length <= MOST_ATTRIBUTES,
    `must hold at most ${MOST_ATTRIBUTES} attributes at once`,
  );

/** A merge patch (RFC 7396): what is left out stays, `null` takes away. */
export const ContactChange = z.strictObject({
  /** Wins over what the channels tell; `null` gives that back. */
  name: z
    .string()
    .regex(/\S/, "must not be blank")
    .max(LONGEST_NAME, `must have at most ${LONGEST_NAME} characters`)
    .nullable()
    .optional(),
  /** Up to 50. A key has up to 40 lower-case letters, digits and `_`, and begins with a letter; a text up to 500 characters. */
  attributes: attributes.optional(),
});
export type ContactChange = z.infer<typeof ContactChange>;

export const ContactToMerge = z.strictObject({
  /** The contact that becomes part of the one in the path. */
  with: ContactId,
});

export const ContactToSplit = z.strictObject({
  /** The contact that stands by itself again. */
  from: ContactId,
});

/** As for one conversation, for all of the contact's conversations on the channel. */
export const ContactConsentToNote = z.strictObject({ channel: Channel, ...ConsentToNote.shape });
export type ContactConsentToNote = z.infer<typeof ContactConsentToNote>;

/** Give `name`, or `number`, or `address` and `account`, or none of them. */
export const ContactsQuery = z.strictObject({
  ...ListQuery.shape,
  /** How the name begins; case and accents do not count. */
  name: z.string().max(LONGEST_NAME).optional(),
  /** A phone number: `+`, country and number, in any spelling that reaches the same phone. */
  number: z
    .string()
    .regex(/^\+[1-9]\d{7,14}$/, "must be a phone number such as +351912345678")
    .optional(),
  /** How the customer is named on `account`. */
  address: z.string().min(1, "must not be empty").max(256).optional(),
  /** Name of an account in the configuration; only with `address`. */
  account: z.string().optional(),
});

export type ContactFilter = Omit<z.input<typeof ContactsQuery>, keyof z.input<typeof ListQuery>>;

export const ContactPage = z.strictObject({ data: z.array(ApiContact), nextCursor: z.string().nullable() });
