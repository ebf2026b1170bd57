/** The API: who may ask, what is where, and how much of the time's measure is used up. */
import { type Answer, type Incoming, parseJson } from "../http.ts";
import { type DeskDeed, type DeskTicket, filePath } from "../ticket-desk.ts";
import type { Account } from "./account.ts";
import { createCustomers } from "./customers.ts";
import { failure, notFound, unauthorized } from "./errors.ts";
import { listed } from "./lists.ts";
import { createTickets } from "./tickets.ts";

type Route = [method: string, path: RegExp, act: (request: Incoming, id: string) => Answer | Promise<Answer>];

const WITHIN_MS = 20_000;
const MOST_REQUESTS = 40;

export function createApi(
  account: Account,
  { credentials, tell }: { credentials: { email: string; apiKey: string }; tell: (deed: DeskDeed) => void },
) {
  const { store } = account;
  const authorization = `Basic ${Buffer.from(`${credentials.email}:${credentials.apiKey}`).toString("base64")}`;
  const customers = createCustomers(account);
  const tickets = createTickets(account, tell);
  let recent: number[] = [];

  const routes: Route[] = [
    ["GET", /^\/customers$/, ({ query }) => customers.list(query)],
    ["POST", /^\/customers$/, ({ body }) => customers.create(parseJson(body))],
    ["GET", /^\/customers\/(\d+)$/, (_, id) => customers.get(id)],
    ["PUT", /^\/customers\/(\d+)$/, ({ body }, id) => customers.update(id, parseJson(body))],
    ["GET", /^\/tickets$/, ({ query }) => listTickets(query)],
    ["POST", /^\/tickets$/, ({ body }) => tickets.create(parseJson(body))],
    ["GET", /^\/tickets\/(\d+)$/, (_, id) => ofTicket(id, (one) => ok(account.wholeTicketJson(one)))],
    ["PUT", /^\/tickets\/(\d+)$/, ({ body }, id) => ofTicket(id, (one) => tickets.update(one, parseJson(body)))],
    [
      "POST",
      /^\/tickets\/(\d+)\/tags$/,
      ({ body }, id) => ofTicket(id, (one) => tickets.addTags(one, parseJson(body))),
    ],
    [
      "POST",
      /^\/tickets\/(\d+)\/messages$/,
      ({ body }, id) => ofTicket(id, (one) => tickets.addMessage(one, parseJson(body))),
    ],
    ["GET", /^\/messages$/, ({ query }) => listMessages(query)],
    ["POST", /^\/upload$/, upload],
    ["GET", /^\/attachment\/download\/\w+\/(\d+)\/[^/]+$/, (_, id) => download(id)],
  ];

  function ofTicket(id: string, act: (ticket: DeskTicket) => Answer): Answer {
    const ticket = store.tickets.get(id);
    return ticket ? act(ticket) : notFound;
  }

  function listTickets(query: URLSearchParams): Answer {
    const customer = query.get("customer_id");
    const externalId = query.get("external_id");
    const rows = [...store.tickets.values()].map((ticket) => account.ticketJson(ticket));
    return listed(
      rows.filter(
        (one) =>
          (customer === null || String(one.customer?.id) === customer) &&
          (externalId === null || one.external_id === externalId),
      ),
      query,
    );
  }

  function listMessages(query: URLSearchParams): Answer {
    const ticket = query.get("ticket_id");
    const wanted = [...store.tickets.values()].filter(({ id }) => ticket === null || id === ticket);
    return listed(
      wanted.flatMap((one) => one.messages.map((message) => account.messageJson(message, one))),
      query,
    );
  }

  async function upload({ headers, bytes }: Incoming): Promise<Answer> {
    const type = headers["content-type"] ?? "";
    const form = await new Response(new Uint8Array(bytes), { headers: { "content-type": type } })
      .formData()
      .catch(() => undefined);
    const files = [...(form?.values() ?? [])].filter((value) => value instanceof File);
    if (files.length === 0) return failure(400, "No file was uploaded.");
    const added = await Promise.all(
      files.map(async (file) =>
        store.addFile({
          ...{ contentType: file.type, fileName: file.name, id: account.newId() },
          bytes: new Uint8Array(await file.arrayBuffer()),
        }),
      ),
    );
    return { status: 201, body: added.map((file) => ({ ...account.attachment(file), type: "attachment" })) };
  }

  /** Sends on to where it can be had for a while without a key. */
  function download(id: string): Answer {
    const file = store.files.get(id);
    return file ? { status: 302, headers: { location: filePath(file) }, body: {} } : notFound;
  }

  async function act(request: Incoming): Promise<Answer> {
    const { path, method, headers } = request;
    if (headers.authorization !== authorization) return unauthorized;
    const below = path.startsWith("/api/") ? path.slice("/api".length).replace(/\/$/, "") : "";
    for (const [verb, pattern, run] of routes) {
      const match = verb === method ? pattern.exec(below) : null;
      if (match) return run(request, match[1] ?? "");
    }
    return failure(404, "The requested URL was not found on the server.");
  }

  return {
    async answer(request: Incoming): Promise<Answer> {
      const now = Date.now();
      recent = [...recent.filter((time) => time > now - WITHIN_MS), now];
      const answer = await act(request);
      const used = `${Math.min(recent.length, MOST_REQUESTS)}/${MOST_REQUESTS}`;
      return { ...answer, headers: { "x-gorgias-account-api-call-limit": used, ...answer.headers } };
    },
    /** By the ticket that is named in the path or the query, or the customer in either. */
    customerOf({ path, query, body }: Incoming): string | undefined {
      const [, ticket = query.get("ticket_id") ?? ""] = /^\/api\/tickets\/(\d+)/.exec(path) ?? [];
      const [, known = ""] = /^\/api\/customers\/(\d+)/.exec(path) ?? [];
      const {
        customer,
        channels,
        external_id: made,
      } = (parseJson(body) ?? {}) as {
        customer?: { id?: number };
        channels?: { address?: string }[];
        external_id?: string;
      };
      const id = store.tickets.get(ticket)?.contact ?? String(customer?.id ?? query.get("customer_id") ?? known);
      const externalId = query.get("external_id") ?? made;
      const contact =
        store.contacts.get(id) ?? [...store.contacts.values()].find((one) => one.externalId === externalId);
      return contact?.phone ?? channels?.[0]?.address ?? contact?.externalId ?? externalId ?? undefined;
    },
  };
}

function ok(body: object): Answer {
  return { status: 200, body };
}
