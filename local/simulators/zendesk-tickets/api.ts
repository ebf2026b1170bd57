/** The Ticketing API: who may ask, what is where, and how often a ticket may be updated. */
import { type Answer, type Incoming, parseJson } from "../http.ts";
import { type DeskDeed, type DeskTicket, given } from "../ticket-desk.ts";
import type { Account, ZendeskUser } from "./account.ts";
import { failure, notFound, unauthorized } from "./errors.ts";
import { createTickets } from "./tickets.ts";
import { createUsers } from "./users.ts";

type Tell = (actor: ZendeskUser, deed: DeskDeed) => void;
type Route = [method: string, path: RegExp, act: (request: Incoming, id: string) => Answer];

/** A user may update a ticket so often in so long. */
const MOST_UPDATES = 30;
const UPDATES_WITHIN_MS = 600_000;
const LARGEST_UPLOAD = 52_428_800;
const MOST_A_PAGE = 100;

export function createApi(
  account: Account,
  { credentials, tell }: { credentials: { email: string; apiToken: string }; tell: Tell },
) {
  const { store } = account;
  const authorization = `Basic ${Buffer.from(`${credentials.email}/token:${credentials.apiToken}`).toString("base64")}`;
  const users = createUsers(account);
  const tickets = createTickets(account, tell);
  /** When each ticket was updated by the API's user. */
  const updates = new Map<string, number[]>();

  const routes: Route[] = [
    ["POST", /^\/users\/create_or_update$/, ({ body }) => users.createOrUpdate(parseJson(body))],
    ["PUT", /^\/users\/(\d+)$/, ({ body }, id) => users.update(id, parseJson(body))],
    ["POST", /^\/uploads$/, upload],
    ["GET", /^\/tickets$/, ({ query }) => listTickets(query)],
    ["POST", /^\/tickets$/, (request) => tickets.create(request)],
    ["GET", /^\/tickets\/(\d+)$/, (_, id) => ofTicket(id, (ticket) => ok({ ticket: account.ticket(ticket) }))],
    ["PUT", /^\/tickets\/(\d+)$/, ({ body }, id) => update(id, (ticket) => tickets.update(ticket, parseJson(body)))],
    [
      "PUT",
      /^\/tickets\/(\d+)\/tags$/,
      ({ body }, id) => update(id, (ticket) => tickets.addTags(ticket, parseJson(body))),
    ],
    ["GET", /^\/tickets\/(\d+)\/comments$/, ({ query }, id) => ofTicket(id, (ticket) => comments(ticket, query))],
    ["GET", /^\/tickets\/(\d+)\/audits$/, ({ query }, id) => ofTicket(id, (ticket) => audits(ticket, query))],
  ];

  function upload({ query, headers, bytes }: Incoming): Answer {
    const fileName = query.get("filename");
    if (!fileName) return failure(400, "ParameterMissing", "filename is missing");
    if (bytes.length > LARGEST_UPLOAD) return failure(413, "AttachmentTooLarge", "The file is larger than 50 MB");
    const contentType = headers["content-type"] ?? "application/binary";
    const file = store.addFile({ contentType, fileName, bytes, id: account.newId() });
    const token = `t${file.id}`;
    account.uploads.set(token, file);
    const expires_at = new Date(Date.now() + 3_600_000).toISOString();
    const attachment = account.attachment(file);
    return { status: 201, body: { upload: { token, expires_at, attachment, attachments: [attachment] } } };
  }

  function ofTicket(id: string, act: (ticket: DeskTicket) => Answer): Answer {
    const ticket = store.tickets.get(id);
    return ticket ? act(ticket) : notFound;
  }

  function update(id: string, act: (ticket: DeskTicket) => Answer): Answer {
    return ofTicket(id, (ticket) => {
      const now = Date.now();
      const recent = (updates.get(id) ?? []).filter((time) => time > now - UPDATES_WITHIN_MS);
      const [oldest = now] = recent;
      if (recent.length >= MOST_UPDATES) {
        const seconds = Math.ceil((oldest + UPDATES_WITHIN_MS - now) / 1000);
        const refusal = failure(429, "TooManyUpdates", "More than 30 updates of this ticket by you in ten minutes");
        // The headers are of the account, which has room.
        const account = { "x-rate-limit": "700", "x-rate-limit-remaining": "699" };
        return { ...refusal, headers: { ...account, "retry-after": String(seconds) } };
      }
      const answer = act(ticket);
      if (answer.status < 300) updates.set(id, [...recent, now]);
      return answer;
    });
  }

  function listTickets(query: URLSearchParams): Answer {
    const externalId = query.get("external_id");
    const rows = [...store.tickets.values()]
      .map((ticket) => account.ticket(ticket))
      .filter((one) => externalId === null || one.external_id === externalId);
    return paged("tickets", rows, { query, keys: ["id", "updated_at", "status"] });
  }

  function comments(ticket: DeskTicket, query: URLSearchParams): Answer {
    const rows = ticket.messages.map((message) => account.comment(message, ticket));
    const authors = ticket.messages.map((message) => account.authorOf(message, ticket)).filter(({ id }) => id > 0);
    const sideloads = (query.get("include") ?? "").split(",");
    const unique = [...new Map(authors.map((user) => [user.id, user])).values()];
    const more = sideloads.includes("users") ? { users: unique } : {};
    return paged("comments", rows, { query, keys: ["created_at"], more });
  }

  function audits(ticket: DeskTicket, query: URLSearchParams): Answer {
    const rows = ticket.messages.map((message) => account.audit(message, ticket));
    return paged("audits", rows, { query, keys: ["created_at"] });
  }

  return {
    async answer(request: Incoming): Promise<Answer> {
      if (request.headers.authorization !== authorization) return unauthorized;
      const { path, method } = request;
      const [, file] = /^\/attachments\/token\/(\d+)\/$/.exec(path) ?? [];
      if (file !== undefined) return given(store.files.get(file));
      const below = path.startsWith("/api/v2/") ? path.slice("/api/v2".length).replace(/\.json$/, "") : "";
      for (const [verb, pattern, act] of routes) {
        const match = verb === method ? pattern.exec(below) : null;
        if (match) return act(request, match[1] ?? "");
      }
      return failure(404, "InvalidEndpoint", "Not found");
    },
    /** By the ticket that is named in the path, or the user in the body. */
    customerOf({ path, body }: Incoming): string | undefined {
      const [, id = ""] = /^\/api\/v2\/tickets\/(\d+)/.exec(path) ?? [];
      const { ticket, user } = (parseJson(body) ?? {}) as Record<string, Record<string, unknown> | undefined>;
      const contact = store.contacts.get(store.tickets.get(id)?.contact ?? String(ticket?.requester_id ?? ""));
      const said = contact?.phone ?? contact?.externalId ?? user?.phone ?? user?.external_id;
      return said === undefined ? undefined : String(said);
    },
  };
}

function ok(body: object): Answer {
  return { status: 200, body };
}

type Row = Record<string, unknown>;

/** A list by cursor: `sort` by a key, falling with a minus in front of it; rows that are equal in it stay in order. */
function paged(
  name: string,
  rows: readonly Row[],
  { query, keys, more = {} }: { query: URLSearchParams; keys: readonly string[]; more?: object },
): Answer {
  const size = Number(query.get("page[size]") ?? MOST_A_PAGE);
  if (!(size >= 1 && size <= MOST_A_PAGE))
    return failure(400, "InvalidPaginationParameter", "page[size] must be from 1 to 100");
  const sort = query.get("sort") ?? keys[0] ?? "";
  const key = sort.replace(/^-/, "");
  if (!keys.includes(key))
    return failure(400, "InvalidSortParameter", `sort is not valid, must be one of: ${keys.join(", ")}`);
  const rising = rows.toSorted((one, other) =>
    String(one[key]) < String(other[key]) ? -1 : Number(String(one[key]) > String(other[key])),
  );
  const sorted = sort.startsWith("-") ? rising.toReversed() : rising;
  const from = Number(Buffer.from(query.get("page[after]") ?? "", "base64").toString() || 0);
  const page = sorted.slice(from, from + size);
  const after = Buffer.from(String(from + size)).toString("base64");
  const has_more = from + size < sorted.length;
  return ok({
    [name]: page,
    ...more,
    meta: { has_more, after_cursor: page.length > 0 ? after : null, before_cursor: null },
  });
}
