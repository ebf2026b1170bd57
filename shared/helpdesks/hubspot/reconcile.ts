import { notNow } from "../ask.ts";
import type { DeskReconciler } from "../helpdesk.ts";
import { askHubspot, filesPath, threadsPath } from "./api.ts";
import { msOf, Page, SignedUrl, Thread } from "./payload.ts";
import { replyIn } from "./reply.ts";
import type { Secrets, Settings } from "./settings.ts";
import { newestIn, timeOf } from "./threads.ts";

/** A message may show up behind a later one: so much of what was heard before is heard again, under the same ids. */
const OVERLAP_MS = 60_000;
const THREADS_PER_PAGE = 100;
const MOST_PAGES = 20;
/** How long a link to a file opens. */
const LINK_SECONDS = 3600;

export const reconciler: DeskReconciler<Settings, Secrets> = {
  /**
   * Replies alone: what became of a thread, webhooks of apps tell, which come again for a day. In lists it has other ids,
   * and would be told twice.
   */
  async heard(ticket, { after, since }, reach) {
    const upTo = Number(after ?? 0) || 0;
    const from = Math.max(since, upTo - OVERLAP_MS);
    const listed = await newestIn(ticket.id, from, reach);
    const unchanged = { kind: "heard" as const, happenings: [], ...(after !== undefined && { upTo: after }) };
    // Nobody says anything more in a thread that was deleted.
    if (listed.kind === "gone") return unchanged;
    if (listed.kind !== "listed") return listed;
    const oldestFirst = listed.messages.filter((message) => timeOf(message) >= from).reverse();
    const newest = oldestFirst.at(-1);
    if (!newest) return unchanged;
    const happenings = oldestFirst.flatMap((message) => {
      const reply = replyIn(message, reach.desk.settings);
      return reply ? [{ ...reply, ticket: ticket.id }] : [];
    });
    return { kind: "heard", happenings, upTo: String(Math.max(timeOf(newest), upTo)) };
  },

  /** The oldest first, which is the only order by time that HubSpot has. */
  async changed({ since }, reach) {
    const tickets: string[] = [];
    let after: string | undefined;
    let reached: number | undefined;
    for (let page = 0; page < MOST_PAGES; page++) {
      const query = new URLSearchParams({
        ...{ sort: "latestMessageTimestamp", latestMessageTimestampAfter: new Date(since).toISOString() },
        ...{ limit: String(THREADS_PER_PAGE), ...(after !== undefined && { after }) },
      });
      const asked = await askHubspot(reach, { method: "GET", url: `${threadsPath()}?${query}` });
      if (!asked.isOk) return notNow(asked.outcome);
      const listed = Page.safeParse(asked.json);
      if (!listed.success) return { kind: "unavailable", detail: "the list of threads cannot be read" };
      const threads = listed.data.results.flatMap((one) => Thread.safeParse(one).data ?? []);
      const { channelId } = reach.desk.settings;
      tickets.push(...threads.filter((one) => (one.originalChannelId ?? channelId) === channelId).map(({ id }) => id));
      reached = msOf(threads.at(-1)?.latestMessageTimestamp) ?? reached;
      after = listed.data.paging?.next?.after ?? undefined;
      if (after === undefined) return { kind: "changed", tickets };
    }
    return { kind: "changed", tickets, isCut: true, ...(reached !== undefined && { reached }) };
  },

  /** Files of a thread are private: HubSpot makes links that open for whoever has them. A picture in a text has its own. */
  async locate({ id, url }, reach) {
    if (id === undefined) return { kind: "found", url };
    const signed = `${filesPath(id)}/signed-url?expirationSeconds=${LINK_SECONDS}`;
    const asked = await askHubspot(reach, { method: "GET", url: signed });
    if (!asked.isOk) {
      const { outcome } = asked;
      return outcome.kind === "refused" ? { kind: "gone", detail: outcome.detail } : notNow(outcome);
    }
    const { data } = SignedUrl.safeParse(asked.json);
    return data ? { kind: "found", url: data.url } : { kind: "unavailable", detail: "the answer has no link" };
  },
};
