import { type Answer, parseJson } from "../http.ts";
import type { DeskTicket } from "../ticket-desk.ts";
import { type Account, invalid, setStatus } from "./account.ts";
import { activityJson, messageJson } from "./shapes.ts";

type Params = Record<string, unknown>;

const LONGEST = 150_000;
const MOST_FILES = 15;
const LARGEST_BYTES = 41_943_040;
const PER_MINUTE = 200;
const NEWEST = 20;
const BEHIND = 100;
const BETWEEN = 1000;

/** The newest twenty; twenty before an id, a hundred after one, or what lies between two. */
export function listMessages(query: URLSearchParams, ticket: DeskTicket, account: Account): Answer {
  const all = [
    ...ticket.messages.map((one) => messageJson(one, ticket, account)),
    ...account.particulars(ticket).activities.map((one) => activityJson(one, ticket)),
  ].toSorted((one, other) => one.id - other.id);
  const after = Number(query.get("after") ?? 0);
  const before = Number(query.get("before") ?? 0);
  const shown =
    after && before
      ? all.filter(({ id }) => id >= after && id < before).slice(0, BETWEEN)
      : before
        ? all.filter(({ id }) => id < before).slice(-NEWEST)
        : after
          ? all.filter(({ id }) => id > after).slice(0, BEHIND)
          : all.slice(-NEWEST);
  return { status: 200, body: { meta: { labels: ticket.tags, additional_attributes: {} }, payload: shown } };
}

/** What comes twice is there twice: a `source_id` is kept and never looked at. */
export async function createMessage(params: Params, ticket: DeskTicket, account: Account): Promise<Answer> {
  const { content = "", message_type: type = "outgoing", source_id: source, echo_id: echo } = params;
  if (type !== "incoming" && type !== "outgoing") return invalid(`'${type}' is not a valid message_type`);
  if (typeof content !== "string") return invalid("Validation failed: Content is invalid");
  if (content.length > LONGEST)
    return invalid(`Validation failed: Content is too long (maximum is ${LONGEST} characters)`);
  const files = (Array.isArray(params.attachments) ? params.attachments : []).filter((one) => one instanceof File);
  if (files.length > MOST_FILES) return invalid("Validation failed: Attachments exceeded maximum allowed");
  if (files.some(({ size }) => size > LARGEST_BYTES))
    return invalid("Validation failed: Attachments file size is too big");
  const minuteAgo = Date.now() - 60_000;
  if (ticket.messages.filter(({ at }) => at > minuteAgo).length >= PER_MINUTE)
    return invalid("Validation failed: Too many messages");

  const given = params.content_attributes;
  const attributes = (typeof given === "string" ? parseJson(given) : given) as { in_reply_to?: unknown } | undefined;
  const isIncoming = type === "incoming";
  const kept = await Promise.all(
    files.map(async (file) =>
      account.store.addFile({
        ...{ id: String(account.store.number()), contentType: file.type, fileName: file.name },
        bytes: new Uint8Array(await file.arrayBuffer()),
      }),
    ),
  );
  const message = account.store.addMessage(ticket, {
    id: String(account.store.number()),
    author: { type: isIncoming ? "customer" : "api" },
    text: content,
    isPrivate: String(params.private ?? false) === "true",
    files: kept,
    status: "sent",
    ...(typeof source === "string" && { marker: source }),
    ...(attributes?.in_reply_to !== undefined && { replyTo: String(attributes.in_reply_to) }),
  });
  // Shown in place of the time at which it came.
  const external = Number(params.external_created_at);
  if (external) account.attributesOf(message).external_created_at = external;
  account.tell({ type: "message", ticket, message });
  const { status } = account.particulars(ticket);
  if (isIncoming && (status === "resolved" || status === "snoozed")) setStatus(ticket, "open", account);
  return {
    status: 200,
    body: { ...messageJson(message, ticket, account), ...(echo !== undefined && { echo_id: echo }) },
  };
}
