/** The doors of Chatwoot's API: an account's, for whoever has a user's token, and an inbox's, for anybody who knows it. */
import type { Answer, Incoming } from "../http.ts";
import { type DeskTicket, given } from "../ticket-desk.ts";
import { type Account, invalid, notFound, paramsOf, type Status, setMessageStatus, setStatus } from "./account.ts";
import { createContact, updateContact } from "./contacts.ts";
import { createMessage, listMessages } from "./messages.ts";
import { activeAt, conversationJson, messageJson } from "./shapes.ts";

type Params = Record<string, unknown>;

const PAGE = 25;
const OF_A_CONTACT = 20;
const STATUSES: readonly string[] = ["open", "resolved", "pending", "snoozed"] satisfies Status[];

export async function answer(request: Incoming, account: Account, token: string): Promise<Answer> {
  const { method, path, headers } = request;
  const file = /^\/rails\/active_storage\/(blobs\/redirect|disk)\/([\w-]+)\/([^/]+)$/.exec(path);
  if (file) {
    const [, place, id = "", name] = file;
    if (place === "disk") return given(account.store.files.get(id));
    return {
      status: 302,
      headers: { location: `${account.baseUrl}/rails/active_storage/disk/${id}/${name}` },
      body: "",
    };
  }
  const [, identifier, door] = /^\/public\/api\/v1\/inboxes\/([^/]+)(\/.*)$/.exec(path) ?? [];
  if (identifier !== undefined) {
    const inbox = account.inboxes.find((one) => one.identifier === identifier);
    if (!inbox) return notFound();
    return method === "POST" && door === "/contacts"
      ? createContact(await paramsOf(request), inbox, account)
      : unknown();
  }
  const [, number, rest = ""] = /^\/api\/v1\/accounts\/(\d+)(\/.*)$/.exec(path) ?? [];
  if (number === undefined) return unknown();
  if (headers.api_access_token !== token) return { status: 401, body: { error: "Invalid Access Token" } };
  if (Number(number) !== account.id)
    return { status: 401, body: { error: "You are not authorized to access this account" } };
  return ofAccount(request, rest, account);
}

async function ofAccount(request: Incoming, path: string, account: Account): Promise<Answer> {
  const { method, query } = request;
  const params = await paramsOf(request);
  const [, contact, what] = /^\/contacts\/(\d+)(?:\/(conversations))?$/.exec(path) ?? [];
  if (contact !== undefined) {
    const known = account.store.contacts.get(contact);
    if (!known) return notFound();
    if (method === "GET" && what) return ofContact(contact, account);
    return method === "PUT" && !what ? updateContact(params, known, account) : unknown();
  }
  if (path === "/conversations") {
    if (method === "GET") return listConversations(query, account);
    return method === "POST" ? createConversation(params, account) : unknown();
  }
  const [, id = "", door = "", message] = /^\/conversations\/(\d+)(\/[a-z_]+)?(?:\/(\d+))?$/.exec(path) ?? [];
  const ticket = account.store.tickets.get(id);
  if (!ticket) return notFound();
  if (message !== undefined)
    return `${method} ${door}` === "PATCH /messages" ? patch(message, params, ticket, account) : unknown();
  switch (`${method} ${door}`) {
    case "GET ":
      return ok(conversationJson(ticket, account));
    case "GET /messages":
      return listMessages(query, ticket, account);
    case "POST /messages":
      return createMessage(params, ticket, account);
    case "POST /toggle_status":
      return toggle(params, ticket, account);
    case "POST /custom_attributes":
      // All of them at once: what is not given is gone.
      ticket.fields = record(params.custom_attributes);
      ticket.updatedAt = Date.now();
      return ok({ custom_attributes: ticket.fields });
    case "GET /labels":
      return ok({ payload: ticket.tags });
    case "POST /labels":
      ticket.tags = Array.isArray(params.labels) ? params.labels.map(String) : [];
      ticket.updatedAt = Date.now();
      account.tell({ type: "tags", ticket });
      return ok({ payload: ticket.tags });
    default:
      return unknown();
  }
}

/** A new one every time, whatever the contact has already. */
function createConversation(params: Params, account: Account): Answer {
  const { source_id: source, inbox_id: number, contact_id: contact } = params;
  const inbox = account.inboxes.find(({ id }) => id === number);
  const known = account.store.contacts.get(String(contact));
  if (!inbox || !known || typeof source !== "string") return notFound();
  if (account.sources.get(`${inbox.id}#${source}`) !== known.id) return invalid("source_id should be unique");
  const id = String(account.store.number());
  account.conversations.set(id, {
    ...{ inbox, sourceId: source, additional: record(params.additional_attributes), status: "open", activities: [] },
    told: { status: "open", assignee: undefined, labels: [] },
  });
  const ticket = account.store.addTicket({ id, contact: known.id, fields: record(params.custom_attributes) });
  return ok(conversationJson(ticket, account));
}

function ofContact(contact: string, account: Account): Answer {
  const theirs = [...account.store.tickets.values()].filter((one) => one.contact === contact);
  const newest = theirs.toReversed().slice(0, OF_A_CONTACT);
  return ok({ payload: newest.map((one) => conversationJson(one, account)) });
}

/** The most active first, in pages; with `updated_within`, all that were touched so lately. */
function listConversations(query: URLSearchParams, account: Account): Answer {
  const status = query.get("status") ?? "open";
  const inbox = query.get("inbox_id");
  const within = query.get("updated_within");
  const all = [...account.store.tickets.values()]
    .filter((one) => status === "all" || account.particulars(one).status === status)
    .filter((one) => inbox === null || account.particulars(one).inbox.id === Number(inbox))
    .toSorted((one, other) => activeAt(other) - activeAt(one));
  const from = (Number(query.get("page") ?? 1) - 1) * PAGE;
  const shown =
    within === null
      ? all.slice(from, from + PAGE)
      : all.filter(({ updatedAt }) => updatedAt > Date.now() - Number(within) * 1000);
  const meta = { mine_count: 0, unassigned_count: all.length, assigned_count: 0, all_count: all.length };
  return ok({ data: { meta, payload: shown.map((one) => conversationJson(one, account)) } });
}

function toggle({ status }: Params, ticket: DeskTicket, account: Account): Answer {
  if (typeof status !== "string" || !STATUSES.includes(status)) return invalid(`'${status}' is not a valid status`);
  setStatus(ticket, status as Status, account);
  return ok({ meta: {}, payload: { success: true, current_status: status, conversation_id: Number(ticket.id) } });
}

function patch(id: string, { status, external_error: error }: Params, ticket: DeskTicket, account: Account): Answer {
  const message = ticket.messages.find((one) => one.id === id);
  if (!message) return notFound();
  const words = typeof error === "string" ? error : undefined;
  if (setMessageStatus(message, String(status), words, account)) account.tell({ type: "status", ticket, message });
  return ok(messageJson(message, ticket, account));
}

function record(value: unknown): Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value) ? (value as Record<string, unknown>) : {};
}

function ok(body: unknown): Answer {
  return { status: 200, body };
}

/** Of the router, which knows no such path. */
function unknown(): Answer {
  return { status: 404, body: { status: 404, error: "Not Found" } };
}
