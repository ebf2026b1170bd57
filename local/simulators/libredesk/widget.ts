/** What a live chat's widget calls. */
import { createHmac, randomBytes, randomUUID, timingSafeEqual } from "node:crypto";
import * as z from "zod";
import { type Answer, type Incoming, parseJson } from "../http.ts";
import type { DeskTicket } from "../ticket-desk.ts";
import { failure, noRoute, success } from "./answers.ts";
import { type Rooms, time } from "./rooms.ts";

const Claims = z.looseObject({
  external_user_id: z.string().default(""),
  email: z.string().default(""),
  first_name: z.string().default(""),
  last_name: z.string().default(""),
  phone_number: z.string().optional(),
  exp: z.number().optional(),
});
type Claims = z.output<typeof Claims>;

const Exchange = z.object({ jwt: z.string().min(1) });
const Init = z.object({ message: z.string().min(1), form_data: z.record(z.string(), z.unknown()).nullish() });

const LONGEST_ID = 128;
const LONGEST_EMAIL = 254;
const LONGEST_NAME = 128;
const LONGEST_PHONE = 20;
const LONGEST_MESSAGE = 10_000;
const MOST_CONVERSATIONS = 50;
const DAY_MS = 86_400_000;

export function widgetApi(rooms: Rooms) {
  const { store, options } = rooms;
  const { widgetRequestsPerMinute = 100 } = options;
  const inboxes = [options.inboxes].flatMap((some) => (typeof some === "string" ? some : Object.values(some)));
  const sessions = new Map<string, { contact: string; inbox: string }>();
  const inboxOf = new Map<string, string>();
  let minute = { number: 0, requests: 0 };

  function answer(request: Incoming): Answer {
    const now = Math.floor(Date.now() / 60_000);
    minute = minute.number === now ? { ...minute, requests: minute.requests + 1 } : { number: now, requests: 1 };
    if (minute.requests > widgetRequestsPerMinute) {
      const refused = failure(429, "GeneralException", "Too many requests. Please try again later.");
      return { ...refused, headers: { "retry-after": String(60 - (Math.floor(Date.now() / 1000) % 60)) } };
    }
    const inbox = request.headers["x-libredesk-inbox-id"] ?? request.query.get("inbox_id");
    if (!inbox) return failure(400, "InputException", "inbox is required");
    if (!inboxes.includes(inbox)) return failure(404, "NotFoundException", "Inbox not found");
    const { method, path } = request;
    if (method === "POST" && path === "/api/v1/widget/chat/auth/exchange") return exchange(request, inbox);
    const session = sessionOf(request);
    if (session && session.inbox !== inbox) return failure(401, "UnauthorizedException", "Unauthorized");
    if (method === "POST" && path === "/api/v1/widget/chat/conversations/init") return init(request, session, inbox);
    if (!session) return failure(401, "UnauthorizedException", "Unauthorized");
    if (method === "GET" && path === "/api/v1/widget/chat/conversations") return success(chats(session).map(chatJson));
    return noRoute;
  }

  function exchange(request: Incoming, inbox: string): Answer {
    const { data } = Exchange.safeParse(parseJson(request.body));
    if (!data) return failure(400, "InputException", "jwt is required");
    const claims = verified(data.jwt, options.inboxSecret);
    if (!claims) return failure(401, "UnauthorizedException", "Unauthorized");
    const { external_user_id: externalId, email, first_name: first, last_name: last, phone_number: phone } = claims;
    const required = (name: string) => failure(400, "InputException", `${name} is required`);
    if (!externalId || bytes(externalId) > LONGEST_ID) return required("external_user_id");
    if (!email || bytes(email) > LONGEST_EMAIL) return required("email");
    if (!first || bytes(first) > LONGEST_NAME) return required("first_name");
    if (bytes(last) > LONGEST_NAME) return failure(400, "InputException", "name is too long");
    if (bytes(phone ?? "") > LONGEST_PHONE) return failure(400, "InputException", "phone number is too long");
    const known = [...store.contacts.values()].find((one) => one.externalId === externalId);
    const contact = known ?? store.addContact({ id: String(store.number()), externalId });
    contact.name = [first, last].filter(Boolean).join(" ");
    contact.fields.email = email;
    if (phone !== undefined) contact.phone = phone;
    // A session that is valid is given again.
    const [old] = [...sessions].find(([, one]) => one.contact === contact.id && one.inbox === inbox) ?? [];
    const token = old ?? randomBytes(32).toString("base64url");
    sessions.set(token, { contact: contact.id, inbox });
    const user = { user_id: Number(contact.id), is_visitor: false, first_name: first, last_name: last };
    return success({ session_token: token, user });
  }

  function init(request: Incoming, session: { contact: string } | undefined, inbox: string): Answer {
    const { data } = Init.safeParse(parseJson(request.body));
    if (!data) return failure(400, "InputException", "message is required");
    if (bytes(data.message) > LONGEST_MESSAGE) return failure(400, "InputException", "Cannot exceed 10000 characters");
    // Visitors without a name may not write here.
    if (!session) return failure(400, "InputException", "Not allowed.");
    const today = [...store.tickets.values()].filter(
      (one) => one.contact === session.contact && one.createdAt > Date.now() - DAY_MS,
    );
    if (today.length >= MOST_CONVERSATIONS) return failure(429, "RateLimitException", "Too many requests.");
    const ticket = store.addTicket({ id: randomUUID(), contact: session.contact });
    inboxOf.set(ticket.id, inbox);
    const first = rooms.add(ticket, { type: "customer" }, { content: data.message, contentType: "text", meta: {} });
    return success({
      conversation: chatJson(ticket),
      messages: [rooms.messageJson(first, ticket)],
      ...{ business_hours_id: null, working_hours_utc_offset: null },
    });
  }

  function chats({ contact, inbox }: { contact: string; inbox: string }): DeskTicket[] {
    return [...store.tickets.values()]
      .filter((one) => one.contact === contact && inboxOf.get(one.id) === inbox)
      .toReversed();
  }

  function chatJson(ticket: DeskTicket) {
    const last = ticket.messages.findLast(({ isPrivate }) => !isPrivate);
    return {
      ...{ uuid: ticket.id, created_at: time(ticket.createdAt), status: rooms.statusOf(ticket), assignee: null },
      last_message: { content: last?.text ?? "", created_at: time(last?.at ?? ticket.createdAt) },
      unread_message_count: 0,
    };
  }

  function sessionOf({ headers }: Incoming) {
    const [, token] = /^Bearer (.+)$/.exec(headers.authorization ?? "") ?? [];
    return token === undefined ? undefined : sessions.get(token);
  }

  return { answer, contactOf: (request: Incoming) => sessionOf(request)?.contact };
}

/** What the token of an exchange claims, whoever signed it. */
export function tokenClaims({ path, body }: Incoming): Claims | undefined {
  if (!path.endsWith("/auth/exchange")) return undefined;
  const { data } = Exchange.safeParse(parseJson(body));
  return data && claimsIn(data.jwt.split(".")[1] ?? "");
}

function claimsIn(part: string): Claims | undefined {
  return Claims.safeParse(parseJson(Buffer.from(part, "base64url").toString())).data;
}

/** Its claims, when the secret signed it with HMAC-SHA256 and its time is not over; it has to have one. */
function verified(token: string, secret: string): Claims | undefined {
  const [head = "", body = "", signature = ""] = token.split(".");
  const { alg } =
    z.looseObject({ alg: z.string() }).safeParse(parseJson(Buffer.from(head, "base64url").toString())).data ?? {};
  const wanted = createHmac("sha256", secret).update(`${head}.${body}`).digest();
  const given = Buffer.from(signature, "base64url");
  if (alg !== "HS256" || given.length !== wanted.length || !timingSafeEqual(given, wanted)) return undefined;
  const claims = claimsIn(body);
  return claims?.exp !== undefined && claims.exp * 1000 > Date.now() ? claims : undefined;
}

/** As Go counts a text's length. */
function bytes(text: string): number {
  return Buffer.byteLength(text);
}
