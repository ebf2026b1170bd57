/** The messages of a conversation, and writing one. */
import * as z from "zod/mini";
import type { Saying, SayingFile } from "../../domain/telling.ts";
import { multipart } from "../../http/multipart.ts";
import { type Failed, ofTicket, type Refusal } from "../ask.ts";
import type { Place, TellOutcome } from "../helpdesk.ts";
import { askAsAgent, dataOf, type Reach } from "./api.ts";
import { echoId, isMarked, isMarkedAs, marked } from "./marker.ts";
import { Conversation, Message } from "./payload.ts";
import type { Secrets, Settings } from "./settings.ts";
import { isDone } from "./status.ts";

type Here = Place<Settings, Secrets>;

/** How far the two clocks may be apart, in ms. */
const SKEW_MS = 300_000;
const LOOKED_AT = 100;
const Page = z.looseObject({ results: z.nullable(z.array(z.unknown())) });
const Media = z.looseObject({ id: z.number() });
/** What one may be answered when the conversation takes nothing any more, but also for other reasons. */
const MAYBE_CLOSED = new Set([400, 403, 409, 422]);

/** @param query beside the page: which kinds @returns the newest first, and whether there may be more */
export async function listed(
  conversation: string,
  { page, query = {} }: { page: number; query?: Record<string, string> },
  reach: Reach,
): Promise<{ isOk: true; messages: Message[]; isFull: boolean } | Failed> {
  const parameters = new URLSearchParams({ page: String(page), page_size: String(LOOKED_AT), ...query });
  const path = `/conversations/${encodeURIComponent(conversation)}/messages?${parameters}`;
  const asked = await askAsAgent(reach, { method: "GET", path });
  if (!asked.isOk) return asked;
  const results = dataOf(asked.json, Page)?.results ?? [];
  const messages = results.flatMap((one) => Message.safeParse(one).data ?? []);
  return { isOk: true, messages, isFull: results.length >= LOOKED_AT };
}

/** The conversation as it is now. */
export async function conversationOf(
  id: string,
  reach: Reach,
): Promise<{ isOk: true; conversation: Conversation } | Failed> {
  const asked = await askAsAgent(reach, { method: "GET", path: `/conversations/${encodeURIComponent(id)}` });
  if (!asked.isOk) return asked;
  const conversation = dataOf(asked.json, Conversation);
  if (conversation) return { isOk: true, conversation };
  return { isOk: false, outcome: { kind: "unavailable", detail: "the conversation came in another form" } };
}

/** Writes it at the end of a conversation; after an earlier try, only if it is not there. */
export async function write(saying: Saying, conversation: string, place: Here): Promise<TellOutcome> {
  if (place.isRepeated) {
    const newest = await listed(conversation, { page: 1 }, place);
    if (!newest.isOk) return ofTicket(newest);
    const found = newest.messages.find((message) => isIt(saying, message, place));
    if (found) return { kind: "told", ids: [found.uuid] };
  }
  const uploaded = await upload(saying.files, place);
  if ("kind" in uploaded) return uploaded;
  const text = [saying.text, ...uploaded.losses].filter((line) => line !== "").join("\n");
  const asked = await askAsAgent(place, {
    method: "POST",
    path: `/conversations/${encodeURIComponent(conversation)}/messages`,
    json: {
      message: marked(text, saying.id),
      attachments: uploaded.ids,
      sender_type: saying.from === "customer" ? "contact" : "agent",
      private: isNote(saying),
      ...(saying.from === "business" && { echo_id: echoId(saying.id) }),
    },
  });
  if (asked.isOk) {
    const message = dataOf(asked.json, Message);
    return { kind: "told", ids: message ? [message.uuid] : [] };
  }
  // An inbox may refuse a customer's message to a conversation that is closed.
  if (saying.from === "customer" && MAYBE_CLOSED.has(asked.status ?? 0)) {
    const now = await conversationOf(conversation, place);
    if (now.isOk && isDone(now.conversation.status, now.conversation.status_category))
      return { kind: "closed", detail: asked.outcome.detail };
  }
  return ofTicket(asked);
}

function isNote({ from, isPrivate }: Saying): boolean {
  return from === "recado" || isPrivate;
}

/**
 * Ours by its mark. Should LibreDesk have taken the mark off, then the same words of the same side, since it was said; an
 * agent's reply never counts by its words, or it would not go out.
 */
function isIt(saying: Saying, message: Message, { ticket }: Here): boolean {
  if (isMarkedAs(saying.id, message)) return true;
  if (isMarked(message) || message.uuid === ticket.kept.first || saying.text === "") return false;
  const isSameSide =
    saying.from === "customer" ? message.type === "incoming" : isNote(saying) && message.private === true;
  const isSince = Date.parse(message.created_at ?? "") >= saying.at - SKEW_MS;
  return isSameSide && isSince && sameWords(saying.text, message.text_content ?? "");
}

/** Whether two texts are one, but for their blanks. */
export function sameWords(one: string, other: string): boolean {
  const plain = (text: string) => text.replace(/\s+/g, " ").trim();
  return plain(one) === plain(other);
}

/** @returns the ids under which they can be attached, and a line for each that is not to be had or was not taken */
async function upload(
  files: readonly SayingFile[],
  place: Here,
): Promise<{ ids: number[]; losses: string[] } | Refusal> {
  const ids: number[] = [];
  const losses: string[] = [];
  for (const { id, fileName, contentType } of files) {
    const bytes = await place.files.read(id);
    if (!bytes) {
      losses.push(`⚠️ ${fileName}: the file is not there any more.`);
      continue;
    }
    const { body, contentType: form } = multipart([{ name: "files", fileName, contentType, bytes }]);
    const asked = await askAsAgent(place, { method: "POST", path: "/media", body, headers: { "content-type": form } });
    if (asked.isOk) {
      const media = dataOf(asked.json, Media);
      if (!media) return { kind: "unavailable", detail: "a file was taken without an id" };
      ids.push(media.id);
    } else if (asked.outcome.kind === "refused")
      losses.push(`⚠️ ${fileName}: LibreDesk did not take the file (${asked.outcome.detail}).`);
    // A file that is there twice does no harm, since nothing shows it yet.
    else if (asked.outcome.kind === "uncertain") return { kind: "unavailable", detail: asked.outcome.detail };
    else return asked.outcome;
  }
  return { ids, losses };
}
