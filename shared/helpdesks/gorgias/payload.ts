/**
 * What Gorgias writes, in answers and webhooks alike. Loose: whatever another release might leave out, or a template
 * render in its own way, is optional. A template renders everything as text, as Python would print it: `True`, `None`.
 */
import * as z from "zod/mini";
import { lenient } from "../../domain/lenient.ts";

/** What a template leaves where there is nothing. */
const NOTHING = new Set(["", "none", "null", "undefined"]);

const text = z.pipe(
  z.string(),
  z.transform((value: string) => (isNothing(value) ? undefined : value)),
);
const id = z.pipe(
  z.union([z.string().check(z.refine((value) => !isNothing(value))), z.int()]),
  z.transform((value: string | number) => String(value).trim()),
);
const bool = z.pipe(
  z.union([z.boolean(), z.string()]),
  z.transform((value: boolean | string) => {
    const told = String(value).trim().toLowerCase();
    return told === "true" ? true : told === "false" ? false : undefined;
  }),
);

const Address = z.looseObject({ address: lenient(text) });
const addresses = lenient(z.array(lenient(Address)));
const Source = z.looseObject({
  type: lenient(text),
  to: addresses,
  cc: addresses,
  bcc: addresses,
  extra: lenient(z.looseObject({ forward: lenient(bool) })),
});
const Person = z.looseObject({ id: lenient(id), email: lenient(text), name: lenient(text) });
const Attachment = z.looseObject({ url: z.string(), name: lenient(text), content_type: lenient(text) });

/** https://developers.gorgias.com/reference/ticket-messages; times are ISO 8601. */
export const Message = z.looseObject({
  id,
  ticket_id: lenient(id),
  external_id: lenient(text),
  from_agent: lenient(bool),
  public: lenient(bool),
  channel: lenient(text),
  /** `helpdesk`: at the screens. */
  via: lenient(text),
  rule_id: lenient(id),
  source: lenient(Source),
  sender: lenient(Person),
  body_html: lenient(text),
  body_text: lenient(text),
  /** Without the mail that was answered. */
  stripped_html: lenient(text),
  stripped_text: lenient(text),
  attachments: lenient(z.array(lenient(Attachment))),
  created_datetime: lenient(text),
  deleted_datetime: lenient(text),
});
export type Message = z.output<typeof Message>;

/** https://developers.gorgias.com/reference/tickets */
export const Ticket = z.looseObject({
  id,
  external_id: lenient(text),
  channel: lenient(text),
  status: lenient(text),
  customer: lenient(Person),
  /** Null where nobody has it. */
  assignee_user: z.optional(z.unknown()),
  tags: z.optional(z.unknown()),
  messages: lenient(z.array(lenient(Message))),
  created_datetime: lenient(text),
  updated_datetime: lenient(text),
  closed_datetime: lenient(text),
  trashed_datetime: lenient(text),
});
export type Ticket = z.output<typeof Ticket>;

export const Assignee = Person;
export const Tags = z.array(z.union([z.string(), z.looseObject({ name: z.string() })]));
export const Customer = z.looseObject({
  id,
  external_id: lenient(text),
  channels: lenient(z.array(lenient(z.looseObject({ type: lenient(text), address: lenient(text) })))),
});
export type Customer = z.output<typeof Customer>;
export const Upload = z.looseObject({ url: z.string().check(z.minLength(1)) });

/** Of every list: the newest first, as it is asked for; another page where there is a cursor. */
export const Page = z.looseObject({
  data: z.array(z.unknown()),
  meta: lenient(z.looseObject({ next_cursor: lenient(text) })),
});

/** A webhook, which is what the integration's owner made of it: the ids alone, or all that Gorgias knows of the ticket. */
export const Webhook = z.looseObject({
  event: lenient(z.union([text, z.looseObject({ type: lenient(text) })])),
  ticket: lenient(Ticket),
  message: lenient(Message),
  ticket_id: lenient(id),
  message_id: lenient(id),
});

/** The ids alone, with what says whether they are of interest. */
export const Flat = z.looseObject({
  ticket_external_id: lenient(text),
  ticket_channel: lenient(text),
  ticket_status: lenient(text),
  ticket_updated: lenient(text),
  ticket_closed: lenient(text),
  /** Told as empty where nobody has it. */
  assignee_id: z.optional(z.unknown()),
  assignee_name: lenient(text),
  /** JSON, or JSON as a text. */
  ticket_tags: z.optional(z.unknown()),
  message_external_id: lenient(text),
  message_from_agent: lenient(bool),
  message_public: lenient(bool),
  message_channel: lenient(text),
});
export type Flat = z.output<typeof Flat>;

/** Whether it stands for nothing, or is a placeholder that nothing was put in for. */
export function isNothing(value: string): boolean {
  const told = value.trim().toLowerCase();
  return NOTHING.has(told) || told.includes("{{");
}
