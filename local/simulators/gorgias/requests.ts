/** The bodies that the API takes; a field that it does not know it refuses. */
import * as z from "zod";

const text = z.string().nullish();
const id = z.int().positive();
const Person = z.strictObject({ id: id.nullish(), email: z.email().max(320).nullish(), name: text });
const Address = z.strictObject({ address: z.string(), name: text });
const Attachment = z.strictObject({
  url: z.url(),
  name: z.string(),
  content_type: z.string(),
  size: z.int().nullish(),
  public: z.boolean().optional(),
  extra: z.unknown().optional(),
});

/** Of the account's own channels; apps may bring more. */
const slug = z.string().regex(/^[a-z0-9_-]+$/);

export const NewMessage = z.strictObject({
  channel: slug,
  from_agent: z.boolean(),
  via: z.enum(["api", "helpdesk", "email", "internal-note", "rule", "sms", "chat"]),
  public: z.boolean().default(true),
  sender: Person.nullish(),
  receiver: Person.nullish(),
  source: z
    .strictObject({
      type: slug.nullish(),
      from: Address.nullish(),
      to: z.array(Address).nullish(),
      cc: z.array(Address).nullish(),
      bcc: z.array(Address).nullish(),
      extra: z.record(z.string(), z.unknown()).nullish(),
    })
    .nullish(),
  body_text: text,
  body_html: text,
  subject: text,
  external_id: z.string().max(255).nullish(),
  message_id: text,
  attachments: z.array(Attachment).nullish(),
  sent_datetime: z.iso.datetime({ offset: true }).nullish(),
  created_datetime: z.iso.datetime({ offset: true }).nullish(),
  meta: z.record(z.string(), z.unknown()).nullish(),
});
export type NewMessage = z.output<typeof NewMessage>;

export const NewTicket = z.strictObject({
  channel: slug.optional(),
  via: z.string(),
  from_agent: z.boolean().nullish(),
  status: z.enum(["open", "closed"]).default("open"),
  subject: z.string().max(998).nullish(),
  customer: Person.nullish(),
  external_id: z.string().max(255).nullish(),
  tags: z.array(z.strictObject({ name: z.string().min(1).max(256) })).nullish(),
  meta: z.record(z.string(), z.unknown()).nullish(),
  messages: z.array(NewMessage).min(1).max(500),
});

export const TicketUpdate = z.strictObject({
  status: z.enum(["open", "closed"]).optional(),
  subject: z.string().max(998).nullish(),
  trashed_datetime: z.iso.datetime({ offset: true }).nullish(),
  customer: Person.nullish(),
});

export const TagNames = z.strictObject({ names: z.array(z.string()).optional(), ids: z.array(id).optional() });

export const NewCustomer = z.strictObject({
  name: text,
  email: z.email().max(320).nullish(),
  external_id: text,
  channels: z
    .array(z.strictObject({ type: z.string(), address: z.string(), preferred: z.boolean().optional() }))
    .optional(),
  language: text,
  timezone: text,
  note: text,
  meta: z.record(z.string(), z.unknown()).nullish(),
});
