/**
 * One webhook of a helpdesk, from the wire to the queue of take-reply: find the desk → verify → parse → enqueue. It is
 * answered with success only when everything in it is durably queued. Nothing is looked up here: whether the
 * conversation is there, and what becomes of a reply, is told by its log.
 */
import type { WebhookReply, WebhookRequest } from "../../shared/channels/connector.ts";
import { type QueuedDeskItem, queuedDeskItem } from "../../shared/domain/desk-queue.ts";
import type { Desk, DeskDoor, DeskParse } from "../../shared/helpdesks/helpdesk.ts";
import { log } from "../../shared/log.ts";
import { WorldFault } from "../../shared/ports.ts";

export interface Ports {
  /** Undefined for a name that no desk has. */
  desk(name: string): { settings: unknown; door: DeskDoor } | undefined;
  /** By desk; one whose document was never written is left out. */
  secrets(): Promise<ReadonlyMap<string, Record<string, unknown>>>;
  queue(items: readonly QueuedDeskItem[]): Promise<void>;
}

const LARGEST_WEBHOOK_BYTES = 1024 * 1024;
/**
 * Of one happening, as ASCII JSON. Its messages, with the parts that they are cut into, then always fit into one body of
 * the mailbox, so that a reply of several messages is taken there as a whole.
 */
export const LARGEST_HAPPENING = 60_000;

export async function receiveReply(request: WebhookRequest, ports: Ports): Promise<WebhookReply> {
  const [, name = ""] = /^\/helpdesks\/([a-z][a-z0-9-]{0,30})$/.exec(new URL(request.url).pathname) ?? [];
  const configured = ports.desk(name);
  if (!configured) return empty(404);
  try {
    return await receive(request, { name, ...configured }, ports);
  } catch (cause) {
    if (!(cause instanceof WorldFault)) throw cause;
    log("warn", "reply_not_queued", { desk: name, reason: cause.message });
    return empty(503);
  }
}

async function receive(
  request: WebhookRequest,
  { name, settings, door }: { name: string; settings: unknown; door: DeskDoor },
  ports: Ports,
): Promise<WebhookReply> {
  if (request.body.length > LARGEST_WEBHOOK_BYTES) return empty(413);
  // A signature covers the bytes before any encoding, which nobody in between may know any more.
  if (!/^(identity)?$/i.test(request.headers["content-encoding"] ?? "")) return empty(415);
  const desk: Desk = { name, settings, secrets: (await ports.secrets()).get(name) ?? {} };
  const verdict = door.verify(request, desk);
  if (!verdict.ok) {
    if (verdict.isUnset) log("error", "secret_missing", { desk: name });
    else log("warn", "reply_refused", { desk: name, hint: verdict.hint });
    return empty(verdict.isUnset ? 503 : 401);
  }

  const parsed = door.parse(request, desk);
  if (!parsed.ok) return unreadable(parsed, name);
  const items = parsed.happenings.map((happening) => queuedDeskItem(happening, name, request.receivedAt));
  if (items.some(({ body }) => body.length > LARGEST_HAPPENING)) {
    const reason = `it is more than ${LARGEST_HAPPENING} bytes as JSON, which no channel carries`;
    return unreadable({ ok: false, reason, field: "text" }, name);
  }
  if (items.length > 0) await ports.queue(items);
  log("info", "reply_queued", { desk: name, items: items.length });
  return door.reply(request, desk);
}

/** Whoever signs is a developer, or has one: they hear what is wrong, and nothing is kept. */
function unreadable({ reason, field }: Extract<DeskParse, { ok: false }>, desk: string): WebhookReply {
  log("warn", "reply_unreadable", { desk, field });
  const problem = {
    type: "about:blank",
    title: "Unprocessable Content",
    status: 422,
    code: "invalid_body",
    detail: `The webhook cannot be read: ${reason}.`,
    ...(field !== undefined && { field }),
  };
  return { status: 422, contentType: "application/problem+json", body: JSON.stringify(problem) };
}

/** Says nothing to whoever asks. */
function empty(status: number): WebhookReply {
  return { status, contentType: "text/plain", body: "" };
}
