/** What is read of the API's answers; more stands in them. */
import * as z from "zod/mini";
import { lenient } from "../../domain/lenient.ts";

const id = z.pipe(
  z.union([z.string().check(z.minLength(1)), z.int()]),
  z.transform((value: string | number) => String(value)),
);

/** Of a list by cursor (https://developer.zendesk.com/api-reference/introduction/pagination/). */
const meta = lenient(z.looseObject({ has_more: lenient(z.boolean()), after_cursor: lenient(z.string()) }));

const Ticket = z.looseObject({
  id,
  status: z.string(),
  external_id: lenient(z.string()),
  requester_id: lenient(id),
  updated_at: lenient(z.string()),
});
export type ZendeskTicket = z.output<typeof Ticket>;

/** An update of a ticket; a comment is one of its events, and has the event's id. */
const Audit = z.looseObject({
  created_at: lenient(z.string()),
  metadata: lenient(z.looseObject({ custom: lenient(z.record(z.string(), z.unknown())) })),
  events: z.array(
    z.looseObject({
      id: lenient(id),
      type: lenient(z.string()),
      author_id: lenient(id),
      body: lenient(z.string()),
      public: lenient(z.boolean()),
    }),
  ),
});
export type Audit = z.output<typeof Audit>;

const Attachment = z.looseObject({
  id: lenient(id),
  content_url: z.string(),
  content_type: lenient(z.string()),
  file_name: lenient(z.string()),
  deleted: lenient(z.boolean()),
});

const Comment = z.looseObject({
  id,
  type: lenient(z.string()),
  author_id: id,
  public: z.boolean(),
  created_at: z.string(),
  html_body: lenient(z.string()),
  plain_body: lenient(z.string()),
  body: lenient(z.string()),
  attachments: lenient(z.array(lenient(Attachment))),
  via: lenient(z.looseObject({ channel: lenient(z.string()) })),
});
export type ZendeskComment = z.output<typeof Comment>;

const User = z.looseObject({ id, name: lenient(z.string()), role: lenient(z.string()) });
export type ZendeskUser = z.output<typeof User>;

export const OneUser = z.looseObject({ user: User });
export const OneTicket = z.looseObject({ ticket: Ticket, audit: lenient(Audit) });
export const Tickets = z.looseObject({ tickets: z.array(lenient(Ticket)), meta });
export const Audits = z.looseObject({ audits: z.array(lenient(Audit)) });
export const Comments = z.looseObject({ comments: z.array(lenient(Comment)), users: lenient(z.array(User)), meta });
export const Upload = z.looseObject({ upload: z.looseObject({ token: z.string() }) });
export const Refused = z.looseObject({ error: lenient(z.unknown()), details: lenient(z.unknown()) });
