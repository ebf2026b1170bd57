/** What is in the account, in Zendesk's own words: users of every role, tickets with six statuses, comments and audits. */
import { asHtml } from "../html.ts";
import type { DeskFile, DeskMessage, DeskStore, DeskTicket } from "../ticket-desk.ts";

export interface ZendeskUser {
  id: number;
  name: string;
  role: "end-user" | "agent";
}

export type Status = "new" | "open" | "pending" | "hold" | "solved" | "closed";
export const Statuses = ["new", "open", "pending", "hold", "solved", "closed"] as const;

/** What a ticket has beside what every desk's has. */
interface Particulars {
  status: Status;
  externalId?: string;
  assignee?: number;
  submitter?: number;
  followUpOf?: number;
  brand?: number;
  group?: number;
  form?: number;
}

export type Account = ReturnType<typeof createAccount>;

/** Whoever writes for the account itself. */
const SYSTEM: ZendeskUser = { id: -1, name: "Zendesk", role: "agent" };
const FIRST_AGENT = 360_000_000_001;

export function createAccount(
  store: DeskStore,
  { subdomain, integration }: { subdomain: string; integration: Omit<ZendeskUser, "role"> },
) {
  const api: ZendeskUser = { ...integration, role: "agent" };
  const agents = new Map<string, ZendeskUser>();
  const particulars = new Map<string, Particulars>();
  const uploads = new Map<string, DeskFile>();
  const origin = `https://${subdomain}.zendesk.com`;
  const newId = () => String(9_000_000_000 + store.number() * 10);

  function agent(name = "Ana"): ZendeskUser {
    const found = agents.get(name) ?? { id: FIRST_AGENT + agents.size, name, role: "agent" as const };
    agents.set(name, found);
    return found;
  }

  function endUser(id: string): ZendeskUser | undefined {
    const contact = store.contacts.get(id);
    return contact && { id: Number(contact.id), name: contact.name ?? "", role: "end-user" };
  }

  function authorOf({ author }: DeskMessage, ticket: DeskTicket): ZendeskUser {
    switch (author.type) {
      case "customer":
        return endUser(author.id ?? ticket.contact) ?? SYSTEM;
      case "api":
        return api;
      case "bot":
        return SYSTEM;
      case "agent":
        return agent(author.name);
    }
  }

  function particularsOf(ticket: DeskTicket): Particulars {
    const found = particulars.get(ticket.id) ?? { status: "new" };
    particulars.set(ticket.id, found);
    return found;
  }

  /** At the screens a ticket is open or solved; the other statuses come by the API. */
  function statusOf(ticket: DeskTicket): Status {
    const { status } = particularsOf(ticket);
    const isEnded = status === "solved" || status === "closed";
    if (isEnded === (ticket.status === "closed")) return status;
    return ticket.status === "closed" ? "solved" : "open";
  }

  const auditId = (message: DeskMessage) => Number(message.id) - 1;

  function attachment({ id, contentType, fileName, bytes }: DeskFile) {
    return {
      ...{
        id: Number(id),
        file_name: fileName,
        content_type: contentType,
        size: bytes.length,
        inline: false,
        deleted: false,
      },
      content_url: `${origin}/attachments/token/${id}/?name=${encodeURIComponent(fileName)}`,
    };
  }

  return {
    ...{ store, api, uploads, newId, agent, endUser, authorOf, particularsOf, statusOf, attachment },
    ticket(ticket: DeskTicket) {
      const { externalId, assignee, submitter, followUpOf, brand, group, form } = particularsOf(ticket);
      return {
        id: Number(ticket.id),
        url: `${origin}/api/v2/tickets/${ticket.id}.json`,
        ...{ external_id: externalId ?? null, status: statusOf(ticket), subject: ticket.title ?? null },
        ...{ requester_id: Number(ticket.contact), submitter_id: submitter ?? api.id, assignee_id: assignee ?? null },
        ...{ brand_id: brand ?? null, group_id: group ?? null, ticket_form_id: form ?? null },
        description: ticket.messages[0]?.text ?? "",
        tags: ticket.tags,
        via: { channel: "api", source: { rel: followUpOf === undefined ? null : "follow_up" } },
        created_at: inSeconds(ticket.createdAt),
        updated_at: inSeconds(ticket.updatedAt),
      };
    },
    /** As a list of comments has it: what was given as metadata is not among it. */
    comment(message: DeskMessage, ticket: DeskTicket) {
      const { text } = message;
      return {
        ...{
          id: Number(message.id),
          type: "Comment",
          audit_id: auditId(message),
          author_id: authorOf(message, ticket).id,
        },
        ...{ body: text, plain_body: text, html_body: html(text), public: !message.isPrivate && !message.isDeleted },
        attachments: message.files.map(attachment),
        via: { channel: message.author.type === "bot" ? "rule" : message.author.type === "agent" ? "web" : "api" },
        created_at: inSeconds(message.at),
        metadata: { system: {} },
      };
    },
    audit(message: DeskMessage, ticket: DeskTicket) {
      const author = authorOf(message, ticket);
      const custom = typeof message.marker === "object" && message.marker !== null ? message.marker : {};
      return {
        ...{ id: auditId(message), ticket_id: Number(ticket.id), created_at: inSeconds(message.at) },
        author_id: message.author.type === "customer" ? api.id : author.id,
        metadata: { custom, system: {} },
        events: [
          {
            ...{ id: Number(message.id), type: "Comment", author_id: author.id, public: !message.isPrivate },
            ...{ body: message.text, html_body: html(message.text), audit_id: auditId(message) },
            attachments: message.files.map(attachment),
          },
        ],
      };
    },
  };
}

/** Zendesk's times are whole seconds. */
function inSeconds(time: number): string {
  return new Date(time).toISOString().replace(/\.\d+Z$/, "Z");
}

function html(text: string): string {
  return `<div class="zd-comment" dir="auto"><p dir="auto">${asHtml(text)}</p></div>`;
}
