/** How tickets are opened and updated, and what an update may not do. */
import * as z from "zod";
import { type Answer, type Incoming, parseJson } from "../http.ts";
import type { DeskDeed, DeskTicket } from "../ticket-desk.ts";
import { type Account, type Status, Statuses, type ZendeskUser } from "./account.ts";
import { failure, invalidAttribute, invalidRecord } from "./errors.ts";

type Tell = (actor: ZendeskUser, deed: DeskDeed) => void;

const id = z.int().positive();
const Comment = z.strictObject({
  body: z.string().optional(),
  html_body: z.string().optional(),
  public: z.boolean().default(true),
  author_id: id.optional(),
  uploads: z.array(z.string()).default([]),
});
const Metadata = z.record(z.string(), z.unknown());
const Update = z.strictObject({
  comment: Comment.optional(),
  status: z.enum(Statuses).optional(),
  assignee_id: id.optional(),
  tags: z.array(z.string()).optional(),
  metadata: Metadata.optional(),
});
const Creation = z.strictObject({
  comment: Comment,
  subject: z.string().optional(),
  requester_id: id,
  submitter_id: id.optional(),
  external_id: z.string().optional(),
  tags: z.array(z.string()).default([]),
  metadata: Metadata.optional(),
  brand_id: id.optional(),
  group_id: id.optional(),
  ticket_form_id: id.optional(),
  via_followup_source_id: id.optional(),
});

const LONGEST_BODY = 65_535;
const KEY_KEPT_MS = 7_200_000;
const CLOSED = invalidRecord({ status: "Status: closed prevents ticket update" });

export function createTickets(account: Account, tell: Tell) {
  const { store } = account;
  const answered = new Map<string, { body: string; answer: Answer; at: number }>();

  /** The sentence of what is wrong with a comment, by field. */
  function wrongIn({ body, html_body, author_id, uploads }: z.output<typeof Comment>): Answer | undefined {
    const text = body ?? html_body ?? "";
    if (text.trim() === "") return invalidRecord({ comment: "Comment: Body: cannot be blank" });
    if (text.length > LONGEST_BODY) return invalidRecord({ comment: "Comment: Body: is too long" });
    if (author_id !== undefined && author_id !== account.api.id && !account.endUser(String(author_id)))
      return invalidRecord({ author: "Author: is suspended or does not exist" });
    if (uploads.some((token) => !account.uploads.has(token)))
      return invalidRecord({ uploads: "Upload token: is invalid or has expired" });
    return undefined;
  }

  function addComment(ticket: DeskTicket, comment: z.output<typeof Comment>, metadata: object | undefined) {
    const author = comment.author_id === undefined ? undefined : account.endUser(String(comment.author_id));
    const files = comment.uploads.flatMap((token) => account.uploads.get(token) ?? []);
    // Each token can be used once.
    for (const token of comment.uploads) account.uploads.delete(token);
    return store.addMessage(ticket, {
      id: account.newId(),
      author: author
        ? { type: "customer", id: String(author.id), name: author.name }
        : { type: "api", name: account.api.name },
      text: comment.body ?? (comment.html_body ?? "").replace(/<[^>]*>/g, ""),
      isPrivate: !comment.public,
      files,
      ...(metadata && { marker: metadata }),
    });
  }

  function setStatus(ticket: DeskTicket, status: Status): void {
    account.particularsOf(ticket).status = status;
    Object.assign(ticket, {
      status: status === "solved" || status === "closed" ? "closed" : "open",
      updatedAt: Date.now(),
    });
  }

  function create({ body, headers }: Incoming): Answer {
    const key = headers["idempotency-key"];
    const before = key === undefined ? undefined : answered.get(key);
    if (before && before.at > Date.now() - KEY_KEPT_MS) {
      if (before.body !== body)
        return failure(400, "IdempotentRequestError", "Request parameters don't match the given idempotency key");
      return { ...before.answer, headers: { "x-idempotency-lookup": "hit" } };
    }
    const answer = open(body);
    if (key !== undefined && answer.status < 300) answered.set(key, { body, answer, at: Date.now() });
    return { ...answer, headers: { ...(key !== undefined && { "x-idempotency-lookup": "miss" }) } };
  }

  function open(body: string): Answer {
    const checked = z.strictObject({ ticket: Creation }).safeParse(parseJson(body));
    if (!checked.success) return unfit(checked.error);
    const { comment, subject, requester_id, tags, metadata, ...more } = checked.data.ticket;
    if (!account.endUser(String(requester_id)))
      return invalidRecord({ requester: "Requester: is suspended or does not exist" });
    const wrong = wrongIn(comment);
    if (wrong) return wrong;
    const source = more.via_followup_source_id;
    const followed = source === undefined ? undefined : store.tickets.get(String(source));
    if (source !== undefined && (!followed || account.statusOf(followed) !== "closed"))
      return invalidRecord({ via_followup_source_id: "Follow-up: the source ticket is not closed" });
    const ticket = store.addTicket({
      id: account.newId(),
      contact: String(requester_id),
      ...(subject !== undefined && { title: subject }),
    });
    ticket.tags = [...new Set(tags.map((tag) => tag.toLowerCase()))];
    Object.assign(account.particularsOf(ticket), {
      ...{ externalId: more.external_id, submitter: more.submitter_id, followUpOf: source },
      ...{ brand: more.brand_id, group: more.group_id, form: more.ticket_form_id },
    });
    const message = addComment(ticket, comment, metadata);
    tell(account.api, { type: "message", ticket, message });
    return { status: 201, body: { ticket: account.ticket(ticket), audit: account.audit(message, ticket) } };
  }

  function update(ticket: DeskTicket, json: unknown): Answer {
    const checked = z.strictObject({ ticket: Update }).safeParse(json);
    if (!checked.success) return unfit(checked.error);
    const { comment, status, assignee_id, tags, metadata } = checked.data.ticket;
    if (account.statusOf(ticket) === "closed") return CLOSED;
    const wrong = comment && wrongIn(comment);
    if (wrong) return wrong;
    const particulars = account.particularsOf(ticket);
    if ((status === "solved" || status === "closed") && (assignee_id ?? particulars.assignee) === undefined)
      return invalidRecord({ assignee_id: "Assignee: cannot be blank" });
    if (assignee_id !== undefined) particulars.assignee = assignee_id;
    if (status !== undefined) setStatus(ticket, status);
    if (tags) ticket.tags = tags;
    ticket.updatedAt = Date.now();
    if (!comment) {
      tell(account.api, { type: "state", ticket });
      return {
        status: 200,
        body: { ticket: account.ticket(ticket), audit: { id: Number(account.newId()), events: [] } },
      };
    }
    const message = addComment(ticket, comment, metadata);
    tell(account.api, { type: "message", ticket, message });
    return { status: 200, body: { ticket: account.ticket(ticket), audit: account.audit(message, ticket) } };
  }

  /** Adds to those that are there. A blank parts two tags. */
  function addTags(ticket: DeskTicket, json: unknown): Answer {
    const checked = z.strictObject({ tags: z.array(z.string()) }).safeParse(json);
    if (!checked.success) return unfit(checked.error);
    if (account.statusOf(ticket) === "closed") return CLOSED;
    const added = checked.data.tags.flatMap((tag) => tag.toLowerCase().split(/\s+/));
    ticket.tags = [...new Set([...ticket.tags, ...added])];
    ticket.updatedAt = Date.now();
    tell(account.api, { type: "tags", ticket });
    return { status: 200, body: { tags: ticket.tags } };
  }

  return { create, update, addTags };
}

function unfit(error: z.ZodError): Answer {
  const [issue] = error.issues;
  return invalidAttribute(
    `You passed an invalid value for the ${issue?.path.join(".") || "ticket"} attribute. ${issue?.message}`,
  );
}
