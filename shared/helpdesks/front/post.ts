import * as z from "zod/mini";
import type { DeskCustomer, Saying, StatusWord } from "../../domain/telling.ts";
import { multipart, type Part } from "../../http/multipart.ts";
import { type Asked, ofTicket, type Refusal } from "../ask.ts";
import { forAccount } from "../by-account.ts";
import type { Place, TellOutcome, TicketWay } from "../helpdesk.ts";
import { htmlBlock } from "../html-text.ts";
import { askConversation, askFront } from "./api.ts";
import { written } from "./body.ts";
import { contactsOf, findByThread, findByUid, findComment, findMessage } from "./look.ts";
import type { Secrets, Settings } from "./settings.ts";
import { tag } from "./tags.ts";
import { threadFor } from "./thread.ts";

type FrontPlace = Place<Settings, Secrets>;

/**
 * A ticket is a conversation of Front's (`cnv_…`), which it threads by an id of ours: the conversation's, and behind a
 * dot the number of the ticket where one follows another. Kept of a ticket: its `thread`; and of the message that opened
 * it `said`, `uid` and `saidAt`, until Front shows where it went.
 */
export const way: TicketWay<Settings, Secrets> = { say, status, state, tag, customer };

/** Front takes a message and makes its conversation within seconds, as a rule. What it does not show by then, it has lost. */
const LOST_AFTER_MS = 600_000;

async function say(saying: Saying, place: FrontPlace): Promise<TellOutcome> {
  if (saying.isPrivate || saying.from === "recado") return note(saying, place);
  const channel = forAccount(place.desk.settings.channels, place.conversation.account);
  if (channel === undefined) return noChannel(place);
  const { id } = place.ticket;
  if (id === undefined) return open(saying, channel, place);
  if (place.isRepeated) {
    const looked = await findMessage(id, { saying, channel }, place);
    if (looked.kind === "failed") return looked.outcome;
    if (looked.kind === "found") return told(saying.id);
  }
  const sent = await send(saying, { channel, thread: threadOf(place) }, place);
  return sent.isOk ? told(saying.id) : sent.outcome;
}

async function open(saying: Saying, channel: string, place: FrontPlace): Promise<TellOutcome> {
  const thread = newThread(place);
  const { said, uid, saidAt, thread: kept } = place.ticket.kept;
  const isTaken = said === saying.id && kept === thread && uid !== undefined;
  if (isTaken && place.now - Number(saidAt) < LOST_AFTER_MS) return opened(uid, saying, place);
  if (place.isRepeated) {
    const looked = await findByThread(thread, channel, place);
    if (looked.kind === "failed") return looked.outcome;
    if (looked.kind === "found") {
      await place.keep({ id: looked.found, kept: { thread } });
      const message = await findMessage(looked.found, { saying, channel }, place);
      if (message.kind === "failed") return message.outcome;
      if (message.kind === "found") return told(saying.id);
    }
  }
  const sent = await send(saying, { channel, thread, subject: place.conversation.title }, place);
  if (!sent.isOk) return sent.outcome;
  const taken = Accepted.safeParse(sent.json);
  if (!taken.success) return { kind: "uncertain", detail: "the answer names no message" };
  const { message_uid: given } = taken.data;
  await place.keep({ kept: { thread, said: saying.id, uid: given, saidAt: String(place.now) } });
  return opened(given, saying, place);
}

/** Learns which conversation a message made that Front has taken. */
async function opened(uid: string, saying: Saying, place: FrontPlace): Promise<TellOutcome> {
  const looked = await findByUid(uid, place);
  if (looked.kind === "failed") return looked.outcome;
  if (looked.kind === "absent") return { kind: "uncertain", detail: "taken, and not shown yet" };
  await place.keep({ id: looked.found });
  return told(saying.id);
}

/** A message of the customer's, or of the business as if it were sent from Front: neither goes anywhere from there. */
async function send(
  saying: Saying,
  { channel, thread, subject }: { channel: string; thread: string; subject?: string },
  place: FrontPlace,
): Promise<Asked> {
  const { customer: known } = place.conversation;
  const person = { handle: handleOf(known), ...(known.name !== undefined && { name: known.name }) };
  const isInbound = saying.from === "customer";
  const { text, files } = await written(saying, place);
  const message = {
    ...(isInbound ? { sender: person } : { ...(saying.author && { sender_name: saying.author }), to: [person] }),
    ...(subject !== undefined && { subject }),
    // Front takes HTML or plain text and looks which it is: what customers write must never be taken for HTML.
    body: htmlBlock(text, "p"),
    metadata: {
      external_id: saying.id,
      external_conversation_id: thread,
      ...(saying.replyTo !== undefined && { referenced_message_external_id: saying.replyTo }),
    },
    delivered_at: Math.floor(saying.at / 1000),
  };
  const path = `/channels/${channel}/${isInbound ? "inbound" : "outbound"}_messages`;
  const asked = await askFront(place, { channel }, { method: "POST", path, ...carried(message, files) });
  // The channel is gone or another's, and nothing is wrong with the message.
  if (!asked.isOk && asked.status === 404)
    return { ...asked, outcome: { kind: "unavailable", detail: "Front knows no such channel" } };
  return asked;
}

async function note(saying: Saying, place: FrontPlace): Promise<TellOutcome> {
  const { id } = place.ticket;
  if (id === undefined) return { kind: "refused", detail: "a note needs a conversation" };
  const { text, files } = await written(saying, place);
  const body = saying.from === "recado" || !saying.author ? text : `${saying.author}: ${text}`;
  if (place.isRepeated) {
    const looked = await findComment(id, body, saying.at, place);
    if (looked.kind === "failed") return looked.outcome;
    if (looked.kind === "found") return told(looked.found);
  }
  const found = await askConversation(place, id, { method: "POST", path: "/comments", ...carried({ body }, files) });
  const outcome = await after(found, id, place);
  if (outcome) return outcome;
  const comment = Comment.safeParse(found.asked.json);
  return { kind: "told", ids: comment.success ? [comment.data.id] : [] };
}

/** Front has a word for a failure alone, and opens the conversation again with it. */
async function status({ message, status: word, reason }: StatusWord, place: FrontPlace): Promise<TellOutcome> {
  if (word !== "failed") return told();
  const channel = forAccount(place.desk.settings.channels, place.conversation.account);
  if (channel === undefined) return noChannel(place);
  const [thread, id] = [threadOf(place), message].map(encodeURIComponent);
  const asked = await askFront(
    place,
    { channel },
    {
      method: "PUT",
      path: `/channels/${channel}/conversations/${thread}/messages/${id}/status`,
      json: { status: "failed", ...(reason !== undefined && { reason }) },
    },
  );
  if (asked.isOk) return told();
  // Whoever wrote it must hear of it, in whatever way.
  if (asked.outcome.kind !== "refused" || place.ticket.id === undefined) return asked.outcome;
  const json = { body: `❌ A reply was not delivered. ${reason ?? ""}`.trim() };
  const found = await askConversation(place, place.ticket.id, { method: "POST", path: "/comments", json });
  return (await after(found, place.ticket.id, place)) ?? told();
}

async function state(wanted: "open" | "closed", place: FrontPlace): Promise<TellOutcome> {
  const { id } = place.ticket;
  if (id === undefined) return told();
  const json = { status: wanted === "open" ? "open" : "archived" };
  const found = await askConversation(place, id, { method: "PATCH", path: "", json });
  return (await after(found, id, place)) ?? told();
}

/** Front makes the contact from the first message; what is learnt later is written there. */
async function customer({ name }: DeskCustomer, place: FrontPlace): Promise<TellOutcome> {
  if (name === undefined) return told();
  for (const contact of contactsOf(place)) {
    const asked = await askFront(place, "company", { method: "PATCH", path: `/contacts/${contact}`, json: { name } });
    if (asked.isOk) return told();
    if (asked.status !== 404) return asked.outcome;
  }
  return told();
}

/**
 * What came of a request about a conversation; undefined where it went well.
 * @param found with the id that the conversation has by now, which is kept
 */
async function after(
  found: { asked: Asked; id: string },
  known: string,
  place: FrontPlace,
): Promise<Refusal | Extract<TellOutcome, { kind: "closed" }> | undefined> {
  if (found.id !== known) await place.keep({ id: found.id });
  if (found.asked.isOk) return undefined;
  return ofTicket(found.asked);
}

function threadOf({ ticket, conversation }: FrontPlace): string {
  return ticket.kept.thread ?? threadFor(conversation.id, handleOf(conversation.customer));
}

/** The same each time that it is asked for: the conversation's own, or the one behind that of the ticket before. */
function newThread({ conversation, follows }: FrontPlace): string {
  return threadFor(conversation.id, handleOf(conversation.customer), follows && (follows.kept.thread ?? ""));
}

/** By which Front knows the customer, and shows the recipient of a reply. */
function handleOf({ phone, address }: DeskCustomer): string {
  return phone ?? address;
}

/** As JSON, or with files as a form, whose fields have names like `sender[handle]` and `to[0][name]`. */
function carried(
  message: object,
  files: Awaited<ReturnType<typeof written>>["files"],
): { json: object } | { body: Uint8Array; headers: Record<string, string> } {
  if (files.length === 0) return { json: message };
  const attached: Part[] = files.map(({ file: { fileName, contentType }, bytes }, index) => ({
    name: `attachments[${index}]`,
    ...{ fileName, contentType, bytes },
  }));
  const { contentType, body } = multipart([...fieldsOf(message), ...attached]);
  return { body, headers: { "content-type": contentType } };
}

function fieldsOf(value: unknown, name = ""): Part[] {
  if (typeof value !== "object" || value === null) return [{ name, value: String(value) }];
  return Object.entries(value).flatMap(([key, inner]) => fieldsOf(inner, name ? `${name}[${key}]` : key));
}

function told(...ids: string[]): TellOutcome {
  return { kind: "told", ids };
}

function noChannel({ conversation }: FrontPlace): TellOutcome {
  return { kind: "unavailable", detail: `no Front channel is set for the account ${conversation.account}` };
}

const Accepted = z.object({ message_uid: z.string() });
const Comment = z.object({ id: z.string() });
