import * as z from "zod/mini";
import { notNow, type Refusal } from "../ask.ts";
import type { DeskReconciler } from "../helpdesk.ts";
import { API, askConversation, askFront, companyToken, listIn, type Reach } from "./api.ts";
import { handlesOf, happeningOf, replyOf } from "./parse.ts";
import { Event, Message } from "./payload.ts";
import type { Secrets, Settings } from "./settings.ts";
import { isFor } from "./thread.ts";

/**
 * Replies of people, and what was done with the conversation. What rules and other programs write is told by webhook
 * alone: in a list it cannot be told for certain from what we mirrored.
 */
export const reconciler: DeskReconciler<Settings, Secrets> = {
  async heard({ id, kept: { thread } }, { after, since }, reach) {
    // What was asked before is asked once more, since Front's times are those of the writing, not of the sending.
    const from = Math.max(since, (Number(after) || 0) - OVERLAP_MS);
    const messages = await newest(reach, id, { list: "messages", from, read: messageIn });
    if ("kind" in messages) return notNow(messages);
    const events = await newest(reach, id, { list: "events", from, read: (one) => Event.safeParse(one).data });
    if ("kind" in events) return notNow(events);
    const happenings = [
      ...messages.found.flatMap((one) =>
        // Merged with another customer's, it has replies to both.
        isReply(one) && isFor(handlesOf(one), thread)
          ? (replyOf(one, { id: one.id, ticket: id, isBot: false }) ?? [])
          : [],
      ),
      // The conversation is the one that was asked about, whatever it was called when it happened.
      ...events.found.flatMap((one) => happeningOf({ ...one, conversation: { ...one.conversation, id } }) ?? []),
    ]
      .filter(({ at }) => at !== undefined && at >= from)
      .toSorted((one, other) => (one.at ?? 0) - (other.at ?? 0));
    const upTo = happenings.at(-1)?.at ?? (after === undefined ? undefined : Number(after) || undefined);
    return { kind: "heard", happenings, ...(upTo !== undefined && { upTo: String(upTo) }) };
  },

  async changed({ since }, reach) {
    const tickets: string[] = [];
    let next: string | undefined = "";
    for (let page = 0; next !== undefined && page < MOST_CONVERSATION_PAGES; page++) {
      const asked = await askFront(reach, "company", {
        method: "GET",
        path: `/conversations?${pageOf(next, LARGEST_PAGE)}`,
      });
      if (!asked.isOk) return notNow(asked.outcome);
      const list = listIn(asked.json);
      const read = list.results.flatMap((one) => Conversation.safeParse(one).data ?? []);
      const changed = read.filter(({ updated_at: at }) => Math.round(at * 1000) >= since);
      tickets.push(...changed.map(({ id }) => id));
      // The newest come first, but for what the company's own settings move up.
      next = changed.length > 0 ? list.next : undefined;
    }
    return { kind: "changed", tickets, ...(next !== undefined && { isCut: true }) };
  },

  async locate({ url }, { desk }) {
    const { hostname, pathname, protocol } = URL.parse(url) ?? {};
    const isFronts = protocol === "https:" && /^([a-z0-9-]+\.)?(api|api2)\.frontapp\.com$/i.test(hostname ?? "");
    // Elsewhere our token must not go.
    if (!isFronts) return { kind: "found", url };
    const token = companyToken(desk);
    if (token === undefined) return { kind: "unavailable", detail: "no API token is set" };
    // The company's own host gives the same files.
    const credentials = { origins: [API], headers: { authorization: `Bearer ${token}` } };
    return { kind: "found", url: `${API}${pathname}`, credentials };
  },
};

const OVERLAP_MS = 60_000;
const PAGE = 50;
const MOST_PAGES = 2;
const LARGEST_PAGE = 100;
/** Front counts requests by the minute: fifty, where it has the fewest. */
const MOST_CONVERSATION_PAGES = 5;

type PersonsReply = Message & { id: string };

/** Sent, and by somebody: what we mirrored has no author. */
function isReply(message: Message): message is PersonsReply {
  const { id, is_inbound, is_draft, draft_mode, error_type, author } = message;
  const isSent = is_inbound === false && !is_draft && !draft_mode && !error_type;
  return isSent && Boolean(id) && Boolean(author?.id) && (author?.type ?? "user") === "user";
}

/** Of one of a conversation's lists, newest first, as far back as it is asked for. A conversation that is gone has none. */
async function newest<Read>(
  reach: Reach,
  id: string,
  { list, from, read }: { list: "messages" | "events"; from: number; read(one: unknown): Read | undefined },
): Promise<{ found: Read[] } | Refusal> {
  const found: Read[] = [];
  let next: string | undefined = "";
  for (let page = 0; next !== undefined && page < MOST_PAGES; page++) {
    const { asked } = await askConversation(reach, id, { method: "GET", path: `/${list}?${pageOf(next)}` });
    if (!asked.isOk && asked.status === 404) return { found };
    if (!asked.isOk) return asked.outcome;
    const { results, next: following } = listIn(asked.json);
    found.push(...results.flatMap((one) => read(one) ?? []));
    const { data: last } = Dated.safeParse(results.at(-1));
    const isOld = ((last?.created_at ?? last?.emitted_at ?? 0) as number) * 1000 < from;
    next = isOld ? undefined : following;
  }
  return { found };
}

function messageIn(one: unknown): Message | undefined {
  return Message.safeParse(one).data;
}

function pageOf(token: string, size = PAGE): string {
  return new URLSearchParams({ limit: String(size), ...(token && { page_token: token }) }).toString();
}

const Dated = z.object({ created_at: z.nullish(z.number()), emitted_at: z.nullish(z.number()) });
const Conversation = z.object({ id: z.string(), updated_at: z.number() });
