/**
 * Zendesk messaging as the Sunshine Conversations API (v2) shows it: users, conversations, their messages and the
 * switchboard, agents who answer in the Agent Workspace, and one webhook. A ticket here is a conversation. Agents'
 * internal notes stay in the workspace; a message of the business that goes to no channel (`integrationType: none`) is
 * read by agents alone, since nobody here has a channel of Zendesk's.
 */
import * as z from "zod";
import { type Answer, type Incoming, type Posted, parseJson, type Server } from "../http.ts";
import {
  type DeskContact,
  type DeskDeed,
  type DeskStore,
  type DeskTicket,
  given,
  startTicketDesk,
  type TicketDesk,
  type TicketDeskOptions,
} from "../ticket-desk.ts";
import { ConversationCreate, MessagePost, PassControl, type Profile, UserCreate, UserUpdate } from "./shapes.ts";
import {
  AGENTS,
  type App,
  fileAt,
  INTEGRATIONS,
  isInternal,
  mediaUrl,
  shownConversation,
  shownMessages,
  shownUser,
} from "./shown.ts";
import { keyHeader, webhooksOf } from "./webhooks.ts";

export interface ZendeskMessagingOptions extends TicketDeskOptions {
  /** Of `https://<subdomain>.zendesk.com/sc`; without one the account is of the region. */
  subdomain?: string | undefined;
  region?: "us" | "eu" | undefined;
  appId: string;
  keyId: string;
  keySecret: string;
  webhookSecret: string;
}

/** Where an account is, as its owner knows it. */
export const ZendeskApp = z.object({
  subdomain: z.string().optional(),
  region: z.enum(["us", "eu"]).optional(),
  appId: z.string(),
});

/** Waits between five attempts within a quarter of an hour. */
const RETRY_AFTER_MS: readonly number[] = [5_000, 30_000, 120_000, 600_000];
/** Answers after which a webhook does not come again. */
const FINAL = new Set([400, 401, 403, 404, 406]);
const MOST_MESSAGES = 30_000;
const PAGE = 100;
const LARGEST_JSON_BYTES = 100_000;
const LARGEST_FILE_BYTES = 50_000_000;

/** @throws when the port is taken */
export function startZendeskMessaging(options: ZendeskMessagingOptions): Promise<Server> {
  return startTicketDesk(options, (store, _, tell) => zendesk(store, options, tell));
}

function zendesk(store: DeskStore, options: ZendeskMessagingOptions, tell: (deed: DeskDeed) => void): TicketDesk {
  const base = baseOf(options);
  const app: App = { id: options.appId, base, store, active: new Map() };
  const below = `${new URL(base).pathname.replace(/\/$/, "")}/v2/apps/`;
  const authorization = `Basic ${Buffer.from(`${options.keyId}:${options.keySecret}`).toString("base64")}`;
  const { active } = app;

  const newId = () => `${Math.floor(Date.now() / 1000).toString(16)}${store.number().toString(16).padStart(16, "0")}`;
  const userOf = (id: string): DeskContact | undefined =>
    store.contacts.get(id) ?? [...store.contacts.values()].find((one) => one.externalId === id);
  async function api(request: Incoming): Promise<Answer> {
    const { method, path } = request;
    if (request.headers.authorization !== authorization)
      return refused(401, "unauthorized", "Authorization is required");
    const [, file] = /\/attachments\/v2\/([\w-]+)\//.exec(path) ?? [];
    if (file !== undefined && method === "GET") return given(store.files.get(file));
    if (!path.startsWith(below)) return refused(404, "not_found", "Resource not found");
    const [appId, ...steps] = path.slice(below.length).split("/").map(decodeURIComponent);
    if (appId !== options.appId) return refused(404, "app_not_found", "App not found");
    if (steps[0] === "attachments" && steps.length === 1 && method === "POST") return upload(request);
    if (request.bytes.length > LARGEST_JSON_BYTES) return refused(413, "payload_too_large", "Payload too large");
    const json = parseJson(request.body);
    if (method !== "GET" && json === undefined) return refused(400, "bad_request", "Invalid JSON payload");
    if (steps[0] === "users") return users(method, steps[1], json);
    return steps[0] === "conversations" ? conversations(request, steps.slice(1), json) : unknown();
  }

  function users(method: string, id: string | undefined, json: unknown): Answer {
    if (id === undefined) return method === "POST" ? checked(UserCreate, json, createUser) : unknown();
    const user = userOf(id);
    if (!user) return refused(404, "user_not_found", "User not found");
    if (method === "GET") return { status: 200, body: { user: shownUser(user) } };
    if (method !== "PATCH") return unknown();
    return checked(UserUpdate, json, ({ profile, metadata }) => {
      Object.assign(user, named(profile));
      Object.assign(user.fields, metadata);
      return { status: 200, body: { user: shownUser(user) } };
    });
  }

  function createUser({ externalId, profile, metadata = {} }: z.output<typeof UserCreate>): Answer {
    if (userOf(externalId)) return refused(409, "conflict", "User already exists");
    const { phone } = metadata;
    const user = store.addContact({
      ...{ id: newId(), externalId, fields: metadata, ...named(profile) },
      ...(typeof phone === "string" && { phone }),
    });
    return { status: 201, body: { user: shownUser(user) } };
  }

  function conversations({ method, query }: Incoming, [id, what, ...more]: readonly string[], json: unknown): Answer {
    if (more.length > 0) return unknown();
    if (id === undefined) {
      if (method === "POST") return checked(ConversationCreate, json, createConversation);
      return method === "GET" ? listConversations(query) : unknown();
    }
    const ticket = store.tickets.get(id);
    if (!ticket) return refused(404, "conversation_not_found", "Conversation not found");
    switch (`${method} ${what ?? ""}`.trim()) {
      case "GET":
        return { status: 200, body: { conversation: shownConversation(ticket, app) } };
      case "GET participants": {
        const { externalId: userExternalId } = store.contacts.get(ticket.contact) ?? {};
        const one = { id: newId(), userId: ticket.contact, userExternalId, unreadCount: 0, clientAssociations: [] };
        return { status: 200, body: { participants: [one], meta: { hasMore: false } } };
      }
      case "GET messages":
        return listMessages(ticket, query);
      case "POST messages":
        return checked(MessagePost, json, (message) => post(message, ticket));
      case "POST passControl":
        return checked(PassControl, json, ({ switchboardIntegration }) => passControl(switchboardIntegration, ticket));
      default:
        return unknown();
    }
  }

  function createConversation({ participants, displayName, metadata }: z.output<typeof ConversationCreate>): Answer {
    const [participant] = participants;
    const user = participant && userOf("userId" in participant ? participant.userId : participant.userExternalId);
    if (!user) return refused(404, "user_not_found", "User not found");
    const ticket = store.addTicket({
      ...{ id: newId(), contact: user.id, fields: metadata ?? {} },
      ...(displayName !== undefined && { title: displayName }),
    });
    return { status: 201, body: { conversation: shownConversation(ticket, app) } };
  }

  function listConversations(query: URLSearchParams): Answer {
    const user = userOf(query.get("filter[userExternalId]") ?? query.get("filter[userId]") ?? "");
    if (!user) return refused(404, "user_not_found", "User not found");
    const all = [...store.tickets.values()].filter(({ contact }) => contact === user.id);
    const from = all.findIndex(({ id }) => id === query.get("page[after]")) + 1;
    const shown = all.slice(from, from + Number(query.get("page[size]") ?? 25));
    const hasMore = from + shown.length < all.length;
    const meta = { hasMore, ...(hasMore && { afterCursor: shown.at(-1)?.id }) };
    return { status: 200, body: { conversations: shown.map((one) => shownConversation(one, app)), meta } };
  }

  /** The newest page, or the one before a message, or behind it; within a page the oldest is the first. */
  function listMessages(ticket: DeskTicket, query: URLSearchParams): Answer {
    const all = ticket.messages
      .filter((message) => !isInternal(message))
      .flatMap((message) => shownMessages(message, ticket, app));
    const [after, before] = [query.get("page[after]"), query.get("page[before]")];
    const at = all.findIndex(({ id }) => id === (after ?? before));
    if ((after ?? before) !== null && at < 0) return refused(400, "bad_request", "Invalid page query parameters");
    const end = after === null ? (before === null ? all.length : at) : Math.min(at + 1 + PAGE, all.length);
    const begin = after === null ? Math.max(end - PAGE, 0) : at + 1;
    const messages = all.slice(begin, end);
    const hasMore = after === null ? begin > 0 : end < all.length;
    const cursor = after === null ? { beforeCursor: messages[0]?.id } : { afterCursor: messages.at(-1)?.id };
    return { status: 200, body: { messages, meta: { hasMore, ...(hasMore && cursor) } } };
  }

  function post({ author, content, destination, metadata }: z.output<typeof MessagePost>, ticket: DeskTicket): Answer {
    if (ticket.messages.length >= MOST_MESSAGES)
      return refused(423, "locked", `Message limit of ${MOST_MESSAGES} per conversation reached.`);
    const isUser = author.type === "user";
    const user = isUser ? userOf("userId" in author ? author.userId : author.userExternalId) : undefined;
    if (isUser && user?.id !== ticket.contact) return refused(404, "user_not_found", "User not found");
    const isSilent = destination && "integrationType" in destination && destination.integrationType === "none";
    // Nobody here has a channel that it could go to.
    if (destination && (isUser || !isSilent)) return refused(400, "bad_request", "Invalid destination");
    const file = "mediaUrl" in content ? fileAt(content.mediaUrl, app) : undefined;
    if ("mediaUrl" in content && !file) return refused(400, "bad_request", "The media cannot be fetched");
    const message = store.addMessage(ticket, {
      id: newId(),
      author: isUser
        ? { type: "customer", id: ticket.contact }
        : { type: "api", ...(author.displayName !== undefined && { name: author.displayName }) },
      text: "coordinates" in content ? `${content.coordinates.lat},${content.coordinates.long}` : (content.text ?? ""),
      files: file ? [file] : [],
      isPrivate: isSilent ?? false,
      marker: { content, metadata },
    });
    if (isUser) {
      // Whoever is first in the switchboard takes what nobody has; a closed ticket is followed by another one.
      if (!active.has(ticket.id)) active.set(ticket.id, AGENTS);
      ticket.status = "open";
    }
    tell({ type: "message", ticket, message });
    return { status: 201, body: { messages: shownMessages(message, ticket, app) } };
  }

  function passControl(wanted: string, ticket: DeskTicket): Answer {
    const to =
      wanted === "next"
        ? AGENTS
        : INTEGRATIONS.find((one) => [one.id, one.name, one.integrationType].some((word) => word === wanted));
    if (!to) return refused(400, "bad_request", "Switchboard integration not found");
    const isNew = active.get(ticket.id) !== to;
    active.set(ticket.id, to);
    // Agents who are given a conversation have a ticket for it, whatever became of the one before.
    if (to === AGENTS) ticket.status = "open";
    if (isNew) tell({ type: "state", ticket });
    return { status: 200, body: {} };
  }

  async function upload({ query, headers, bytes }: Incoming): Promise<Answer> {
    const allowed = new Set(["access", "for", "conversationId"]);
    if (query.get("access") !== "public" || [...query.keys()].some((name) => !allowed.has(name)))
      return refused(400, "bad_request", "Invalid query parameters");
    if (bytes.length > LARGEST_FILE_BYTES) return refused(413, "payload_too_large", "Payload too large");
    const form = await new Response(new Uint8Array(bytes), {
      headers: { "content-type": headers["content-type"] ?? "" },
    })
      .formData()
      .catch(() => undefined);
    const source = form?.get("source");
    if (!(source instanceof File)) return refused(400, "bad_request", "source is required");
    const content = new Uint8Array(await source.arrayBuffer());
    const file = store.addFile({ contentType: source.type, fileName: source.name, bytes: content, id: newId() });
    return { status: 201, body: { attachment: { mediaUrl: mediaUrl(file, app), mediaType: file.contentType } } };
  }

  return {
    api,
    newId,
    webhooks: (deed) => webhooksOf(deed, app, newId),
    sign: (_, signature) => ({ "content-type": "application/json", ...keyHeader(options.webhookSecret, signature) }),
    retryAfterMs: (outcome: Posted, attempt) => {
      const isOver = outcome.kind === "answered" && (outcome.status < 300 || FINAL.has(outcome.status));
      return isOver ? undefined : RETRY_AFTER_MS[attempt - 1];
    },
    refusals: {
      down: refused(503, "service_unavailable", "Service unavailable"),
      refused: refused(400, "bad_request", "Bad request"),
      throttled: (_, status = 429) => refused(status, "too_many_requests", "Too many requests"),
      broken: refused(500, "internal_server_error", "Something went wrong"),
    },
    customerOf: (request) => {
      const spoken = Named.safeParse(parseJson(request.body)).data;
      const [, id = request.query.get("conversationId") ?? ""] = /\/conversations\/([^/]+)/.exec(request.path) ?? [];
      const [, user] = /\/users\/([^/]+)/.exec(request.path) ?? [];
      const named =
        user ?? spoken?.participants?.[0]?.userExternalId ?? request.query.get("filter[userExternalId]") ?? "";
      const contact = userOf(store.tickets.get(id)?.contact ?? decodeURIComponent(named));
      return contact?.phone ?? spoken?.metadata?.phone ?? contact?.externalId ?? spoken?.externalId;
    },
    isWrite: ({ method }) => method !== "GET",
  };
}

/** Whom a request of any kind is about. */
const Named = z.object({
  externalId: z.string().optional(),
  metadata: z.object({ phone: z.string().optional() }).optional(),
  participants: z.array(z.object({ userExternalId: z.string() })).optional(),
});
function named(profile: Profile | undefined): { name?: string } {
  const name = [profile?.givenName, profile?.surname].filter(Boolean).join(" ");
  return name === "" ? {} : { name };
}

function checked<Schema extends z.ZodType>(
  schema: Schema,
  json: unknown,
  act: (body: z.output<Schema>) => Answer,
): Answer {
  const { success, data, error } = schema.safeParse(json);
  if (success) return act(data);
  const titles = error.issues.map(({ path, message }) => `${path.join(".")}: ${message}`);
  return { status: 400, body: { errors: titles.map((title) => ({ code: "bad_request", title })) } };
}

function unknown(): Answer {
  return refused(404, "not_found", "Resource not found");
}

function refused(status: number, code: string, title: string): Answer {
  return { status, body: { errors: [{ code, title }] } };
}

/** Without a slash at the end. */
function baseOf({ subdomain, region = "us" }: ZendeskMessagingOptions): string {
  if (subdomain !== undefined) return `https://${subdomain}.zendesk.com/sc`;
  return region === "eu" ? "https://api.eu-1.smooch.io" : "https://api.smooch.io";
}
