/** Tickets and their messages: who may say what in whose name. */
import type { Answer } from "../http.ts";
import type { DeskDeed, DeskFile, DeskTicket } from "../ticket-desk.ts";
import type { Account } from "./account.ts";
import { failure, invalid } from "./errors.ts";
import { NewMessage, NewTicket, TagNames, TicketUpdate } from "./requests.ts";

export function createTickets(account: Account, tell: (deed: DeskDeed) => void) {
  const { store } = account;

  /** What is wrong with a message, by field. */
  function wrongIn(message: NewMessage): Record<string, string[]> | undefined {
    const { from_agent: isFromAgent, channel, sender, receiver } = message;
    if (!message.body_text && !message.body_html && !message.attachments?.length)
      return { body_text: ["A message must have a body or attachments."] };
    if (!isFromAgent) {
      if (channel === "internal-note") return { from_agent: ["Internal notes are always outgoing."] };
      if (!store.contacts.has(String(sender?.id))) return { sender: ["Must reference a customer."] };
      return receiver ? { receiver: ["Should not be set for incoming messages."] } : undefined;
    }
    if (!sender || !account.userOf(sender)) return { sender: ["Must reference a user."] };
    if (channel === "internal-note") return undefined;
    return store.contacts.has(String(receiver?.id)) ? undefined : { receiver: ["Must reference a customer."] };
  }

  function add(ticket: DeskTicket, given: NewMessage) {
    const { channel, via, source, sender, from_agent: isFromAgent } = given;
    const externalId = given.external_id ?? undefined;
    const sentAt = given.sent_datetime ?? undefined;
    const isNote = channel === "internal-note";
    const user = isFromAgent && sender ? account.userOf(sender) : undefined;
    const message = store.addMessage(ticket, {
      id: account.newId(),
      author: isFromAgent
        ? { type: user?.id === account.integration.id ? "api" : "agent", name: user?.name ?? "" }
        : { type: "customer", id: String(sender?.id) },
      text: given.body_text ?? (given.body_html ?? "").replace(/<[^>]*>/g, ""),
      isPrivate: isNote || !given.public,
      files: (given.attachments ?? []).map(fileOf),
      // Without a time of sending, Gorgias sends it.
      ...(isFromAgent && !isNote && sentAt === undefined && { status: "sent" }),
    });
    account.messages.set(message.id, {
      ...{ channel, via },
      ...(externalId !== undefined && { externalId }),
      ...(source && { source }),
      ...(sentAt !== undefined && { sentAt }),
      ...(given.body_html && { html: given.body_html }),
    });
    return message;
  }

  function fileOf({
    url,
    name,
    content_type: contentType,
  }: {
    url: string;
    name: string;
    content_type: string;
  }): DeskFile {
    const [, id = ""] = /\/(\d+)\/[^/]*$/.exec(url) ?? [];
    return store.files.get(id) ?? store.addFile({ contentType, fileName: name });
  }

  return {
    create(json: unknown): Answer {
      const checked = NewTicket.safeParse(json);
      if (!checked.success) return invalid("create ticket", checked.error);
      const { customer, subject, external_id: externalId, messages, status, channel, tags } = checked.data;
      const contact = String(customer?.id ?? messages[0]?.sender?.id);
      if (!store.contacts.has(contact))
        return failure(400, "Failed to create ticket.", { customer: ["Does not exist."] });
      for (const [index, message] of messages.entries()) {
        const wrong = wrongIn(message);
        if (wrong) return failure(400, "Failed to create ticket.", { messages: { [index]: wrong } });
      }
      const ticket = store.addTicket({ id: account.newId(), contact, ...(subject && { title: subject }) });
      Object.assign(ticket, { status, tags: (tags ?? []).map(({ name }) => name) });
      const more = account.ticketMore(ticket);
      more.channel = channel ?? messages[0]?.channel ?? "email";
      if (externalId) more.externalId = externalId;
      for (const message of messages) tell({ type: "message", ticket, message: add(ticket, message) });
      return { status: 201, body: account.wholeTicketJson(ticket) };
    },

    /** A ticket that is closed stays so: whoever writes by the API says himself what becomes of it. */
    addMessage(ticket: DeskTicket, json: unknown): Answer {
      const checked = NewMessage.safeParse(json);
      if (!checked.success) return invalid("create message", checked.error);
      const wrong = wrongIn(checked.data);
      if (wrong) return failure(400, "Failed to create message.", wrong);
      const message = add(ticket, checked.data);
      tell({ type: "message", ticket, message });
      return { status: 201, body: account.messageJson(message, ticket) };
    },

    update(ticket: DeskTicket, json: unknown): Answer {
      const checked = TicketUpdate.safeParse(json);
      if (!checked.success) return invalid("update ticket", checked.error);
      const { status = ticket.status, subject, customer, trashed_datetime: trashed } = checked.data;
      Object.assign(ticket, { status, updatedAt: Date.now(), ...(subject && { title: subject }) });
      if (customer?.id) ticket.contact = String(customer.id);
      const more = account.ticketMore(ticket);
      if (trashed) more.trashedAt = trashed;
      else if (trashed === null) delete more.trashedAt;
      tell({ type: "state", ticket });
      return { status: 202, body: account.wholeTicketJson(ticket) };
    },

    /** Adds to those that are there. */
    addTags(ticket: DeskTicket, json: unknown): Answer {
      const checked = TagNames.safeParse(json);
      if (!checked.success) return invalid("add tags", checked.error);
      ticket.tags = [...new Set([...ticket.tags, ...(checked.data.names ?? [])])];
      ticket.updatedAt = Date.now();
      tell({ type: "tags", ticket });
      return { status: 201, body: undefined };
    },
  };
}
