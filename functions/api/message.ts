/** One message by its id: what became of it, and how it is cancelled. */
import { NoQuery, type SentMessage } from "../../shared/domain/api-shapes.ts";
import type { Entry } from "../../shared/domain/conversation-log.ts";
import { eventData } from "../../shared/domain/event.ts";
import type { MessageView } from "../../shared/domain/message-status.ts";
import { CANCELLED, cancelSending, isCancelled } from "../../shared/sending/cancel.ts";
import { findQueued } from "../../shared/sending/find-queued.ts";
import { readMessages } from "./message-page.ts";
import { shown } from "./messages.ts";
import { notRecordedYet, PublicError } from "./problem.ts";
import { readQuery } from "./request.ts";
import { type Answer, type Call, json, type Ports } from "./route.ts";

interface Found {
  conversation: string;
  /** The one that queued it. */
  entry: Entry;
  message: MessageView;
}

export async function showMessage({ request, name, ports }: Call): Promise<Answer> {
  readQuery(request, NoQuery);
  const { message } = await locateMessage(name, ports);
  return json(200, { message: shown(message) } satisfies SentMessage);
}

/** Cancels what has not gone out. */
export async function cancelMessage({ request, name, ports }: Call): Promise<Answer> {
  readQuery(request, NoQuery);
  const { conversation: log, entry, message } = await locateMessage(name, ports);
  if (isCancelled(message.failure)) return json(200, { message: shown(message) } satisfies SentMessage);
  const { status } = message;
  if (status !== "queued") throw notCancellable(`It is ${status} already.`);
  const { account, channel, data } = entry;
  const { expiresAt: until } = eventData["message.queued"].parse(data);
  const at = ports.clock.now();
  const isTaken = await cancelSending(
    { log, account, channel, message: name, until },
    { ...ports, ...(await ports.deployment()) },
  );
  if (!isTaken) throw notCancellable("It is on its way already.");
  const statusAt = { ...message.statusAt, failed: at };
  const cancelled: MessageView = { ...message, status: "failed", statusAt, failure: CANCELLED };
  return json(200, { message: shown(cancelled) } satisfies SentMessage);
}

/** @throws PublicError `not_found`, `not_recorded_yet` */
async function locateMessage(id: string, ports: Ports): Promise<Found> {
  const { table } = ports;
  const { idSecret } = await ports.deployment();
  const place = /^msg_[A-Za-z0-9_-]{22,26}$/.test(id) ? await table.messagePlace(id) : undefined;
  if (!place) throw notFound();
  const queued = await findQueued(id, place, { table, idSecret });
  if (!queued) throw notRecordedYet("The message");
  const { conversation, entry } = queued;
  const { messages } = await readMessages({ log: table, idSecret, ...queued }, { after: entry.sequence - 1, limit: 1 });
  const message = messages.find((one) => one.id === id);
  // One that was erased is no message any more.
  if (!message) throw notFound();
  return { conversation, entry, message };
}

function notFound(): PublicError {
  const detail =
    "There is no message with this id among those that were sent through the API within the last 90 days. All others are found in their conversation: GET /v1/conversations/{conversation}/messages.";
  return new PublicError("not_found", detail);
}

function notCancellable(why: string): PublicError {
  return new PublicError("not_cancellable", `The message can no longer be cancelled. ${why}`);
}
