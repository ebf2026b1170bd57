/** What the webhooks did not tell: each is tried once, with five seconds' patience, and then forgotten. */
import * as z from "zod/mini";
import type { DeskHappening } from "../../domain/desk-happening.ts";
import { jsonIn } from "../../domain/json.ts";
import { type Failed, notNow } from "../ask.ts";
import type { DeskReconciler, NotNow, Ticket } from "../helpdesk.ts";
import { askAccount, type Reach, refusalOf } from "./api.ts";
import { assignedHappening, stateHappening, stateOf, tagsHappening } from "./conversation.ts";
import { failuresOf } from "./failures.ts";
import { inboxIds } from "./inbox.ts";
import { behind, newest, single } from "./listing.ts";
import { deletedHappening, isDeleted, isRetried, isToCustomer, replyOf } from "./message.ts";
import { Conversation, type Message, msOf } from "./payload.ts";
import type { Secrets, Settings } from "./settings.ts";

type Heard = { kind: "heard"; happenings: DeskHappening[]; upTo?: string } | NotNow;
/** `isCut`: there are more. */
type Listed = { kind: "listed"; conversations: Conversation[]; isCut?: true };

/** How far an earlier look came, and what was to be seen then. */
const Seen = z.object({
  last: z.number(),
  state: z.enum(["open", "closed"]),
  assignee: z.string(),
  labels: z.array(z.string()),
  deleted: z.array(z.string()),
});
type Seen = z.output<typeof Seen>;

const List = z.object({ data: z.object({ payload: z.array(z.unknown()) }) });
const PAGE = 25;
const MOST_PAGES = 4;
/** What was written within one second bears the same time. */
const SECOND_MS = 1_000;
const CLOCKS_APART_MS = 60_000;
/** Each costs a request. */
const MOST_OLDER_FAILURES = 3;
const NONE = { kind: "listed" as const, messages: [] };

export const reconciler: DeskReconciler<Settings, Secrets> = { heard, changed };

/** In two requests, as a rule: the conversation, and its newest messages. */
async function heard(
  ticket: Ticket & { id: string },
  { after, since }: { after?: string; since: number },
  reach: Reach,
): Promise<Heard> {
  const path = `/conversations/${encodeURIComponent(ticket.id)}`;
  const asked = await askAccount(reach, { method: "GET", path });
  if (!asked.isOk) return unheard(asked);
  const conversation = Conversation.safeParse(asked.json).data;
  if (!conversation) return { kind: "unavailable", detail: "no conversation" };

  const seen = Seen.safeParse(jsonIn(after ?? "")).data;
  const isOld = ({ created_at: at }: Message) => (msOf(at) ?? 0) + SECOND_MS <= since;
  const listing = await newest(reach, ticket.id, ([oldest]) => {
    const isReached = oldest !== undefined && (isOld(oldest) || Number(oldest.id) <= (seen?.last ?? 0));
    return isReached || seen !== undefined;
  });
  if (listing.kind === "refused") return unheard(listing.asked);
  const { messages } = listing;

  // Whatever lies between the last look and the newest page is taken up from the other side, so that none is left out.
  const isGap = seen !== undefined && !listing.isWhole && Number(messages[0]?.id ?? 0) > seen.last;
  const between = isGap ? await behind(reach, ticket.id, seen.last) : listing;
  if (between.kind === "refused") return unheard(between.asked);
  const fresh = between.messages.filter((message) => Number(message.id) > (seen?.last ?? 0) && !isOld(message));

  const older = listing.isWhole ? NONE : await olderFailures(ticket, messages, reach);
  if (older.kind === "refused") return unheard(older.asked);

  const known = messages.filter((message) => isToCustomer(message) && !isOld(message));
  const deleted = known.filter(isDeleted);
  const happenings = [
    ...fresh.flatMap((message) => replyOf(message, ticket.id) ?? []),
    ...deleted.filter(({ id }) => !seen?.deleted.includes(id)).map((message) => deletedHappening(message, ticket.id)),
    ...askedAgain(ticket, [...older.messages, ...messages]),
    ...(seen ? differences(conversation, seen) : []),
  ];
  const upTo: Seen = {
    last: Math.max(seen?.last ?? 0, ...between.messages.map(({ id }) => Number(id))),
    ...shownOf(conversation),
    deleted: deleted.map(({ id }) => id),
  };
  return { kind: "heard", happenings, upTo: JSON.stringify(upTo) };
}

/** Of the failures that lie behind the page that was read, the newest, which an agent may still try again. */
async function olderFailures(
  { id, kept }: Ticket & { id: string },
  read: readonly Message[],
  reach: Reach,
): Promise<{ kind: "listed"; messages: Message[] } | Extract<Awaited<ReturnType<typeof single>>, { kind: "refused" }>> {
  const oldest = Number(read[0]?.id ?? 0);
  const behindIt = Object.keys(failuresOf(kept)).filter((message) => Number(message) < oldest);
  const messages: Message[] = [];
  for (const failure of behindIt.slice(-MOST_OLDER_FAILURES)) {
    const found = await single(reach, id, failure);
    if (found.kind === "refused") return found;
    if (found.message) messages.push(found.message);
  }
  return { kind: "listed", messages };
}

/** Those that were shown as failed, and are not any more, though nobody has told that they went. */
function askedAgain({ id: ticket, kept }: Ticket & { id: string }, messages: readonly Message[]): DeskHappening[] {
  const failures = failuresOf(kept);
  return messages.flatMap((message) => {
    const failedAt = failures[message.id];
    if (failedAt === undefined || isDeleted(message) || !isRetried(message, message.status)) return [];
    return [{ type: "again", id: `${message.id}-again-${failedAt}`, ticket, of: message.id }];
  });
}

function differences(conversation: Conversation, seen: Seen): DeskHappening[] {
  const now = shownOf(conversation);
  return [
    ...(now.assignee === seen.assignee ? [] : [assignedHappening(conversation)]),
    ...(now.labels.join() === seen.labels.join() ? [] : [tagsHappening(conversation)]),
    ...(now.state === seen.state ? [] : [stateHappening(conversation)]),
  ];
}

function shownOf({ status, labels = [], meta }: Conversation): Pick<Seen, "state" | "assignee" | "labels"> {
  return { state: stateOf(status), assignee: meta?.assignee?.id ?? "", labels: labels.toSorted() };
}

async function changed(
  { since }: { since: number },
  reach: Reach,
): Promise<{ kind: "changed"; tickets: string[]; isCut?: true } | NotNow> {
  const tickets = new Set<string>();
  let isCut = false;
  for (const inbox of inboxIds(reach.desk.settings)) {
    const touched = await touchedIn(inbox, since, reach);
    if (touched.kind !== "listed") return touched;
    for (const { id } of touched.conversations) tickets.add(id);
    isCut ||= touched.isCut ?? false;
  }
  return { kind: "changed", tickets: [...tickets], ...(isCut && { isCut }) };
}

/**
 * `updated_within` (seconds) gives all that were touched in any way, unpaged: a failure that is taken back touches a
 * conversation without counting as activity. Where the answer cannot be read, being too large, the pages by activity
 * have to do.
 */
async function touchedIn(inbox: number, since: number, reach: Reach): Promise<Listed | NotNow> {
  const earliest = since - CLOCKS_APART_MS;
  const seconds = Math.max(Math.ceil((Date.now() - earliest) / 1000), 1);
  const whole = await list(inbox, `updated_within=${seconds}`, reach);
  if (whole.kind === "listed") return { kind: "listed", conversations: whole.conversations.filter(isRecent) };
  if (!("isUnread" in whole)) return whole;

  const conversations: Conversation[] = [];
  for (let page = 1; page <= MOST_PAGES; page++) {
    const next = await list(inbox, `page=${page}`, reach);
    if (next.kind !== "listed") return next;
    const recent = next.conversations.filter(isRecent);
    conversations.push(...recent);
    // The most active come first.
    if (recent.length < PAGE) return { kind: "listed", conversations };
  }
  return { kind: "listed", conversations, isCut: true };

  function isRecent({ updated_at: updated, last_activity_at: active }: Conversation): boolean {
    return Math.max(msOf(updated) ?? 0, msOf(active) ?? 0) >= earliest;
  }
}

/** `isUnread`: it may be the answer that is at fault, and not the desk. */
async function list(inbox: number, query: string, reach: Reach): Promise<Listed | (NotNow & { isUnread?: true })> {
  const path = `/conversations?status=all&assignee_type=all&inbox_id=${inbox}&${query}`;
  const asked = await askAccount(reach, { method: "GET", path });
  if (!asked.isOk) {
    const { outcome, status } = asked;
    if (outcome.kind === "throttled") return outcome;
    const { detail } = outcome;
    return { kind: "unavailable", detail, ...(status === undefined && { isUnread: true }) };
  }
  const shown = List.safeParse(asked.json).data?.data.payload;
  if (!shown) return { kind: "unavailable", detail: "no list of conversations" };
  return { kind: "listed", conversations: shown.flatMap((one) => Conversation.safeParse(one).data ?? []) };
}

/** From a conversation that is gone nothing is to be heard any more. */
function unheard(asked: Failed): Heard {
  const refused = refusalOf(asked);
  return refused.kind === "closed" ? { kind: "heard", happenings: [] } : notNow(refused);
}
