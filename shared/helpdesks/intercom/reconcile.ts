import type { DeskHappening } from "../../domain/desk-happening.ts";
import { type Asked, notNow } from "../ask.ts";
import type { DeskReconciler } from "../helpdesk.ts";
import { type Reach, request } from "./api.ts";
import { assignedIn, deletedIn, isOurs, replyIn, stateIn } from "./part.ts";
import { Conversation, Found, type Part, partsOf } from "./payload.ts";
import type { Secrets, Settings } from "./settings.ts";

const PER_PAGE = 150;
const MOST_PAGES = 5;

/** A conversation comes whole, with its newest 500 parts. Their ids grow, and are what `upTo` is. */
export const reconciler: DeskReconciler<Settings, Secrets> = {
  async heard({ id }, { after, since }, reach) {
    const asked = await request(reach, "GET", `/conversations/${encodeURIComponent(id)}`);
    const upTo = after === undefined ? {} : { upTo: after };
    if (!asked.isOk) return asked.status === 404 ? { kind: "heard", happenings: [], ...upTo } : notNow(asked.outcome);
    const { success, data } = Conversation.safeParse(asked.json);
    if (!success) return { kind: "unavailable", detail: "an answer that is no conversation" };
    const parts = partsOf(data).toSorted(byId);
    const fresh = parts.filter((part) => isAfter(part, after) && isSince(part, since) && isOurs(part));
    const newest = parts.at(-1)?.id;
    return {
      kind: "heard",
      happenings: fresh.flatMap((part) => happeningsIn(part, data.id)),
      ...(newest === undefined || !isAfter({ id: newest }, after) ? upTo : { upTo: newest }),
    };
  },

  async changed({ since }, reach) {
    const tickets: string[] = [];
    let startingAfter: string | undefined;
    for (let page = 0; page < MOST_PAGES; page++) {
      const asked = await search(since, startingAfter, reach);
      if (!asked.isOk) return notNow(asked.outcome);
      const { success, data } = Found.safeParse(asked.json);
      if (!success) return { kind: "unavailable", detail: "an answer that is no list of conversations" };
      tickets.push(...data.conversations.map(({ id }) => id));
      startingAfter = data.pages?.next?.starting_after ?? undefined;
      if (startingAfter === undefined) return { kind: "changed", tickets };
    }
    return { kind: "changed", tickets, isCut: true };
  },
};

/** What was done by whoever is not the customer, under the same ids as in webhooks. */
function happeningsIn(part: Part, ticket: string): DeskHappening[] {
  if (part.redacted === true) return [deletedIn(part.id, ticket)];
  const reply = replyIn(part, ticket);
  const said: DeskHappening[] = reply ? [reply] : [];
  switch (part.part_type) {
    case "close":
      return [...said, stateIn(part, ticket, "closed")];
    case "open":
    case "note_and_reopen":
      return [...said, stateIn(part, ticket, "open")];
    case "assign_and_reopen":
      return [...said, stateIn(part, ticket, "open"), assignedIn(part, ticket)];
    case "assignment":
      return [...said, assignedIn(part, ticket)];
    default:
      return said;
  }
}

function search(since: number, startingAfter: string | undefined, reach: Reach): Promise<Asked> {
  return request(reach, "POST", "/conversations/search", {
    // Dates know neither "at least" nor parts of a second.
    query: { field: "updated_at", operator: ">", value: Math.max(0, Math.floor(since / 1000) - 1) },
    pagination: { per_page: PER_PAGE, ...(startingAfter !== undefined && { starting_after: startingAfter }) },
  });
}

/** Numbers of any length, which texts would order wrongly. */
function byId({ id: one }: { id: string }, { id: other }: { id: string }): number {
  return one.length - other.length || (one < other ? -1 : Number(one > other));
}

function isAfter(part: { id: string }, after: string | undefined): boolean {
  return after === undefined || byId(part, { id: after }) > 0;
}

/** In the same second counts: the desk tells no shorter time. */
function isSince({ created_at: seconds }: Part, since: number): boolean {
  return typeof seconds !== "number" || (seconds + 1) * 1000 > since;
}
