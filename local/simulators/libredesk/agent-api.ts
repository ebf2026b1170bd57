/** The API of agents, by an API key, and files. */
import * as z from "zod";
import { type Answer, type Incoming, parseJson } from "../http.ts";
import { type DeskTicket, given } from "../ticket-desk.ts";
import { failure, noRoute, success, unauthorized } from "./answers.ts";
import { type Rooms, time } from "./rooms.ts";

/** Go leaves out what it does not know, and takes what is not there for empty. */
const MessageRequest = z.object({
  message: z.string().default(""),
  attachments: z.array(z.number()).nullish(),
  private: z.boolean().default(false),
  sender_type: z.string().default(""),
  echo_id: z.string().default(""),
});
const StatusRequest = z.object({ status: z.string().default("") });
const TagsRequest = z.object({ tags: z.array(z.string()).nullish() });
const Attributes = z.record(z.string(), z.unknown());

const STATUSES = ["Open", "Replied", "Snoozed", "Resolved", "Closed"];
const LARGEST_UPLOAD_BYTES = 20 * 1024 * 1024;
const badJson = failure(400, "InputException", "Error parsing request");
const notFound = failure(404, "NotFoundException", "Conversation not found");

export function agentApi(rooms: Rooms) {
  const { store, options, uploads } = rooms;

  async function answer(request: Incoming): Promise<Answer> {
    const { method, path } = request;
    const [, file] = /^\/uploads\/([\w-]+)$/.exec(path) ?? [];
    if (method === "GET" && file !== undefined) return upload(request, file);
    const refusal = authorized(request);
    if (refusal) return refusal;
    if (method === "POST" && path === "/api/v1/media") return takeFile(request);
    if (method === "GET" && path === "/api/v1/conversations/all") return list(request);
    const [, id = "", what = ""] = /^\/api\/v1\/conversations\/([\w-]+)(?:\/([\w-]+))?$/.exec(path) ?? [];
    if (id === "") return noRoute;
    const ticket = store.tickets.get(id);
    const route = routes[`${method} ${what}`];
    if (!route) return noRoute;
    return ticket ? route(ticket, request) : notFound;
  }

  const routes: Record<string, (ticket: DeskTicket, request: Incoming) => Answer> = {
    "GET ": (ticket) => success(rooms.conversationJson(ticket)),
    "GET messages": messages,
    "POST messages": write,
    "PUT status": (ticket, request) => {
      const { data } = StatusRequest.safeParse(parseJson(request.body));
      if (!data) return badJson;
      if (!STATUSES.includes(data.status)) return failure(400, "InputException", "`status` is empty or unknown");
      if (rooms.statusOf(ticket) === data.status) return success(true);
      rooms.setStatus(ticket, data.status);
      rooms.tell({ type: "state", ticket });
      return success(true);
    },
    // All of them at once: what is not given is gone.
    "PUT custom-attributes": (ticket, request) => {
      const { data } = Attributes.safeParse(parseJson(request.body));
      if (!data) return failure(500, "InputException", "Error parsing request");
      ticket.fields = data;
      return success(true);
    },
    "POST tags": (ticket, request) => {
      const { data } = TagsRequest.safeParse(parseJson(request.body));
      if (!data) return badJson;
      ticket.tags = data.tags ?? [];
      rooms.tell({ type: "tags", ticket });
      return success(true);
    },
  };

  function write(ticket: DeskTicket, request: Incoming): Answer {
    const { data } = MessageRequest.safeParse(parseJson(request.body));
    if (!data) return failure(500, "InputException", "Error parsing request");
    const { sender_type: sender, private: isPrivate, message: content, echo_id: echo, attachments } = data;
    if (sender !== "agent" && sender !== "contact") return failure(400, "InputException", "Something went wrong");
    if (sender === "contact" && isPrivate) return failure(400, "InputException", "Bad request");
    // An upload belongs to one message alone; one that has its message already is left out.
    const files = (attachments ?? []).flatMap((number) => uploads.get(number) ?? []);
    for (const number of attachments ?? []) uploads.delete(number);
    if (sender === "contact") {
      // Whatever it was, a word of the customer opens it, and no webhook of its own tells that.
      ticket.status = "open";
      const added = rooms.add(ticket, { type: "customer" }, { content, contentType: "html", meta: {}, files });
      return success(rooms.messageJson(added, ticket));
    }
    // Only a public reply keeps the echo; and what looks like a template is filled in.
    const filled = content.replace(/\{\{.*?\}\}/g, "");
    const meta = echo !== "" && !isPrivate ? { echo_id: echo } : {};
    const kept = { content: filled, contentType: "html" as const, meta, files, isPrivate };
    return success(rooms.messageJson(rooms.add(ticket, { type: "api", name: "API" }, kept), ticket));
  }

  function messages(ticket: DeskTicket, { query }: Incoming): Answer {
    const { page, size } = paging(query);
    const types = query.getAll("type");
    const wanted = query.get("private");
    const rows = ticket.messages
      .filter((one) => wanted === null || one.isPrivate === (wanted === "true"))
      .map((one) => rooms.messageJson(one, ticket))
      .filter(({ type }) => types.length === 0 || types.includes(String(type)))
      .toReversed();
    return success({ total: rows.length, results: rows.slice((page - 1) * size, page * size), page, per_page: size });
  }

  function list({ query }: Incoming): Answer {
    const { page, size } = paging(query);
    const rows = [...store.tickets.values()]
      .toSorted((one, other) => other.updatedAt - one.updatedAt)
      .map((ticket) => ({ ...rooms.conversationJson(ticket), last_message_at: time(ticket.updatedAt) }));
    return success({ total: rows.length, results: rows.slice((page - 1) * size, page * size), page, per_page: size });
  }

  async function takeFile({ headers, bytes }: Incoming): Promise<Answer> {
    const form = await new Response(new Uint8Array(bytes), {
      headers: { "content-type": headers["content-type"] ?? "" },
    })
      .formData()
      .catch(() => undefined);
    if (!form) return failure(500, "GeneralException", "Error parsing request");
    const file = form.get("files");
    if (!(file instanceof File)) return failure(400, "InputException", "No file found");
    if (file.size === 0) return failure(400, "InputException", "File is empty");
    if (file.size > LARGEST_UPLOAD_BYTES) return failure(413, "GeneralException", "File size is too large");
    const kept = { contentType: file.type, fileName: file.name, bytes: new Uint8Array(await file.arrayBuffer()) };
    const added = store.addFile(kept);
    const id = store.number();
    uploads.set(id, added);
    return success({ id, ...rooms.attachmentJson(added), filename: file.name });
  }

  /** For whoever has the key, and for an hour for whoever has the signed address. */
  function upload(request: Incoming, id: string): Answer {
    const expires = Number(request.query.get("exp"));
    const isSigned = request.query.get("sig") === rooms.signatureOf(id, expires) && expires * 1000 > Date.now();
    if (!isSigned && authorized(request))
      return request.query.has("sig") ? failure(403, "PermissionException", "Invalid or expired URL") : unauthorized;
    const file = store.files.get(id);
    return file ? given(file) : failure(404, "NotFoundException", "Not found");
  }

  /** Why not; without a key it asks for a browser's session, whose requests that write carry another token. */
  function authorized({ headers, method }: Incoming): Answer | undefined {
    const { authorization = "" } = headers;
    const key = `${options.apiKey}:${options.apiSecret}`;
    const basic = `Basic ${Buffer.from(key).toString("base64")}`;
    if (authorization === `token ${key}` || authorization === basic) return undefined;
    if (authorization !== "") return failure(401, "GeneralException", "Invalid API key or secret");
    return method === "GET" ? unauthorized : failure(403, "PermissionException", "CSRF token mismatch");
  }

  return { answer };
}

function paging(query: URLSearchParams): { page: number; size: number } {
  const page = Math.max(Number(query.get("page")) || 1, 1);
  return { page, size: Math.min(Number(query.get("page_size")) || 30, 500) };
}
