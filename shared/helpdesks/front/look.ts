/** Looking for what an earlier try, of which nobody knows, may have written. */
import * as z from "zod/mini";
import type { Saying } from "../../domain/telling.ts";
import type { Asked, Refusal } from "../ask.ts";
import type { Place } from "../helpdesk.ts";
import { askConversation, askFront, listIn } from "./api.ts";
import { bareText } from "./body.ts";
import { idIn } from "./parse.ts";
import { Message } from "./payload.ts";
import type { Secrets, Settings } from "./settings.ts";

type FrontPlace = Place<Settings, Secrets>;

/** A look itself may come to nothing. */
export type Looked<Found> = { kind: "found"; found: Found } | { kind: "absent" } | { kind: "failed"; outcome: Refusal };

/** Each is a request, and Front counts them by the minute. */
const MOST_CONVERSATIONS = 5;
const MOST_MESSAGES = 10;
/** The two clocks may be apart, and Front counts in seconds. */
const EARLIER_MS = 60_000;

/** The conversation of a message that Front has taken. It shows a moment after the answer that says so. */
export async function findByUid(uid: string, place: FrontPlace): Promise<Looked<string>> {
  const path = `/messages/alt:uid:${encodeURIComponent(uid)}`;
  const asked = await askFront(place, "company", { method: "GET", path });
  if (!asked.isOk) return asked.status === 404 ? { kind: "absent" } : { kind: "failed", outcome: asked.outcome };
  const message = Message.safeParse(asked.json);
  const found = message.success ? idIn(message.data._links?.related?.conversation, "cnv") : undefined;
  return found === undefined ? { kind: "absent" } : { kind: "found", found };
}

/** The conversation with this thread, among the newest that Front has with the customer. */
export async function findByThread(thread: string, channel: string, place: FrontPlace): Promise<Looked<string>> {
  for (const contact of contactsOf(place)) {
    const listed = await askFront(place, "company", {
      method: "GET",
      path: `/contacts/${contact}/conversations?limit=25`,
    });
    if (!listed.isOk && listed.status === 404) continue;
    if (!listed.isOk) return { kind: "failed", outcome: listed.outcome };
    const ids = listIn(listed.json).results.flatMap((one) => WithId.safeParse(one).data?.id ?? []);
    for (const id of ids.slice(0, MOST_CONVERSATIONS)) {
      const path = `/conversations/${encodeURIComponent(id)}`;
      const asked = await askFront(place, { channel }, { method: "GET", path });
      if (!asked.isOk && isHidden(asked)) continue;
      if (!asked.isOk) return { kind: "failed", outcome: asked.outcome };
      const threads = Threaded.safeParse(asked.json).data?.metadata?.external_conversation_ids ?? [];
      if (threads.includes(thread)) return { kind: "found", found: id };
    }
  }
  return { kind: "absent" };
}

/**
 * Whether the conversation has this message. By our id, which Front shows to the channel; where it does not, by what it
 * says.
 */
export async function findMessage(
  ticket: string,
  { saying, channel }: { saying: Saying; channel: string },
  place: FrontPlace,
): Promise<Looked<true>> {
  const { asked } = await askConversation(place, ticket, { method: "GET", path: "/messages?limit=25" });
  if (!asked.isOk) return asked.status === 404 ? { kind: "absent" } : { kind: "failed", outcome: asked.outcome };
  const isInbound = saying.from === "customer";
  const candidates = listIn(asked.json)
    .results.flatMap((one) => Message.safeParse(one).data ?? [])
    .filter((one) => one.is_inbound === isInbound && (one.created_at ?? 0) * 1000 >= saying.at - EARLIER_MS)
    .slice(0, MOST_MESSAGES);
  for (const candidate of candidates) {
    const { id } = candidate;
    if (!id) continue;
    const path = `/messages/${encodeURIComponent(id)}`;
    const told = await askFront(place, { channel }, { method: "GET", path });
    if (!told.isOk && !isHidden(told)) return { kind: "failed", outcome: told.outcome };
    const mark = told.isOk ? Marked.safeParse(told.json).data?.metadata?.external_id : undefined;
    if (mark === saying.id) return { kind: "found", found: true };
    if (mark === undefined && isSame(candidate, saying)) return { kind: "found", found: true };
  }
  return { kind: "absent" };
}

/** Front's id of the note that says this and was written since; notes have no place for an id of ours. */
export async function findComment(
  ticket: string,
  text: string,
  at: number,
  place: FrontPlace,
): Promise<Looked<string>> {
  const { asked } = await askConversation(place, ticket, { method: "GET", path: "/comments" });
  if (!asked.isOk) return asked.status === 404 ? { kind: "absent" } : { kind: "failed", outcome: asked.outcome };
  const found = listIn(asked.json)
    .results.flatMap((one) => Comment.safeParse(one).data ?? [])
    .find(
      ({ author, body, posted_at }) =>
        author?.type !== "user" && bareText(body) === bareText(text) && (posted_at ?? 0) * 1000 >= at - EARLIER_MS,
    );
  return found ? { kind: "found", found: found.id } : { kind: "absent" };
}

/**
 * The customer's contact under the names that Front may know it by; which of them holds depends on the kind of contact
 * that the app's channel was made for.
 */
export function contactsOf({ conversation }: FrontPlace): string[] {
  const { phone, address } = conversation.customer;
  const handle = phone ?? address;
  const sources = phone === undefined ? ["custom"] : ["phone", "custom"];
  return sources.map((source) => `alt:${source}:${encodeURIComponent(handle)}`);
}

/** Another channel's, of which this one is not told; or what no channel may read. */
function isHidden({ status }: Asked): boolean {
  return status === 401 || status === 403 || status === 404;
}

const WithId = z.object({ id: z.string() });
const Threaded = z.object({
  metadata: z.nullish(z.object({ external_conversation_ids: z.optional(z.array(z.string())) })),
});
const Marked = z.object({ metadata: z.nullish(z.object({ external_id: z.optional(z.string()) })) });
const Comment = z.object({
  id: z.string(),
  body: z.string(),
  posted_at: z.nullish(z.number()),
  author: z.nullish(z.object({ type: z.nullish(z.string()) })),
});

/** The same words of the same second, which is the one that we gave. Better twice there than never. */
function isSame({ body, created_at: at }: Message, { text, files, at: saidAt }: Saying): boolean {
  const words = text || files.map(({ fileName }) => fileName).join(", ");
  return Math.abs((at ?? 0) - saidAt / 1000) <= 1 && bareText(body ?? "").startsWith(bareText(words));
}
