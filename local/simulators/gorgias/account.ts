/** What is in the account, in Gorgias's own words: users, customers with their channels, tickets and messages. */
import { asHtml } from "../html.ts";
import type { DeskContact, DeskFile, DeskMessage, DeskStore, DeskTicket } from "../ticket-desk.ts";

export interface GorgiasUser {
  id: number;
  email: string;
  name: string;
}

/** What a message has beside what every desk's has. */
export interface MessageMore {
  channel: string;
  via: string;
  externalId?: string;
  source?: object;
  ruleId?: number;
  sentAt?: string;
  html?: string;
}

interface TicketMore {
  channel: string;
  externalId?: string;
  closedAt?: number;
  trashedAt?: string;
}

export type Account = ReturnType<typeof createAccount>;

const STORE = "https://uploads.gorgias.io";
const FIRST_AGENT = 7001;

export function createAccount(
  store: DeskStore,
  { integration, channel }: { integration: GorgiasUser; channel: string },
) {
  const agents = new Map<string, GorgiasUser>();
  const messages = new Map<string, MessageMore>();
  const tickets = new Map<string, TicketMore>();

  function agent(name = "Ana"): GorgiasUser {
    const email = `${name.toLowerCase().replace(/\W+/g, ".")}@agents.example`;
    const found = agents.get(name) ?? { id: FIRST_AGENT + agents.size, email, name };
    agents.set(name, found);
    return found;
  }

  /** What an agent writes at the screens goes by the ticket's channel; what a rule writes is a rule's. */
  function moreOf(message: DeskMessage, ticket: DeskTicket): MessageMore {
    const known = messages.get(message.id);
    if (known) return known;
    const slug = message.isPrivate ? "internal-note" : ticketMore(ticket).channel;
    const isRule = message.author.type === "bot";
    return {
      channel: slug,
      via: isRule ? "rule" : "helpdesk",
      source: {
        type: slug,
        from: { address: agent(message.author.name).email },
        to: message.isPrivate ? [] : receivers(ticket),
      },
      ...(isRule && { ruleId: 31 }),
      ...(!message.isPrivate && { sentAt: iso(message.at) }),
    };
  }

  function receivers({ contact }: DeskTicket) {
    const { phone, name } = store.contacts.get(contact) ?? {};
    return phone === undefined ? [] : [{ address: phone, name: name ?? "" }];
  }

  function ticketMore(ticket: DeskTicket): TicketMore {
    const found = tickets.get(ticket.id) ?? { channel };
    tickets.set(ticket.id, found);
    if (ticket.status === "closed") found.closedAt ??= ticket.updatedAt;
    else delete found.closedAt;
    return found;
  }

  function customerJson({ id, name, externalId, fields }: DeskContact) {
    const [firstname = "", ...others] = (name ?? "").split(" ");
    const email = fields.email ?? null;
    return {
      id: Number(id),
      external_id: externalId ?? null,
      email,
      name: name ?? "",
      firstname,
      lastname: others.join(" "),
    };
  }

  function senderOf({ author }: DeskMessage, ticket: DeskTicket) {
    switch (author.type) {
      case "customer": {
        const contact = store.contacts.get(ticket.contact);
        return contact ? customerJson(contact) : null;
      }
      case "api":
        return integration;
      case "bot":
        return agent(author.name ?? "Rules");
      case "agent":
        return agent(author.name);
    }
  }

  function attachment({ id, contentType, fileName, bytes }: DeskFile) {
    const url = `${STORE}/zKB3oxw4pl6rkVOL/${id}/${encodeURIComponent(fileName)}`;
    return { url, name: fileName, content_type: contentType, size: bytes.length, public: false };
  }

  function messageJson(message: DeskMessage, ticket: DeskTicket) {
    const { id, text, files, isPrivate, author, at } = message;
    const { channel: slug, via, externalId, source, ruleId, sentAt, html } = moreOf(message, ticket);
    const body = html ?? (text === "" ? "" : `<div>${asHtml(text)}</div>`);
    return {
      ...{ id: Number(id), uri: `/api/tickets/${ticket.id}/messages/${id}/`, ticket_id: Number(ticket.id) },
      ...{ external_id: externalId ?? null, message_id: null, integration_id: null, rule_id: ruleId ?? null },
      ...{ public: !isPrivate, channel: slug, via, source: source ?? null, from_agent: author.type !== "customer" },
      ...{ sender: senderOf(message, ticket), receiver: null, subject: ticket.title ?? null },
      ...{ body_text: text, body_html: body, stripped_text: text, stripped_html: body, stripped_signature: null },
      attachments: files.map(attachment),
      ...{ created_datetime: iso(at), sent_datetime: sentAt ?? null, failed_datetime: null },
      deleted_datetime: message.isDeleted ? iso(at) : null,
      ...{ actions: null, macros: null, meta: null, last_sending_error: null },
    };
  }

  /** As it is listed: without its messages. */
  function ticketJson(ticket: DeskTicket) {
    const { channel: slug, externalId, closedAt, trashedAt } = ticketMore(ticket);
    const { id, status, title, assignee, tags, messages: all, createdAt, updatedAt } = ticket;
    const customer = store.contacts.get(ticket.contact);
    const last = all.at(-1);
    return {
      ...{ id: Number(id), uri: `/api/tickets/${id}/`, external_id: externalId ?? null, channel: slug, via: "api" },
      ...{
        status,
        priority: "normal",
        subject: title ?? null,
        spam: false,
        language: null,
        is_unread: true,
        meta: null,
      },
      customer: customer ? customerJson(customer) : null,
      assignee_user: assignee === undefined ? null : agent(assignee),
      assignee_team: null,
      tags: tags.map((name, index) => ({ id: 1000 + index, name, decoration: null })),
      messages_count: all.length,
      created_datetime: iso(createdAt),
      updated_datetime: iso(updatedAt),
      last_message_datetime: last ? iso(last.at) : null,
      closed_datetime: closedAt === undefined ? null : iso(closedAt),
      trashed_datetime: trashedAt ?? null,
      snooze_datetime: null,
    };
  }

  return {
    ...{ store, integration, agent, messages, ticketMore, customerJson, attachment, messageJson, ticketJson },
    newId: () => String(80_000_000 + store.number()),
    wholeTicketJson: (ticket: DeskTicket) => ({
      ...ticketJson(ticket),
      messages: ticket.messages.map((message) => messageJson(message, ticket)),
    }),
    userOf({
      id,
      email,
    }: {
      id?: number | null | undefined;
      email?: string | null | undefined;
    }): GorgiasUser | undefined {
      return [integration, ...agents.values()].find((user) => user.id === id || user.email === email);
    },
  };
}

/** With microseconds, and the offset written out. */
export function iso(time: number): string {
  return new Date(time).toISOString().replace("Z", "000+00:00");
}
