import { notNow } from "../ask.ts";
import type { DeskReconciler } from "../helpdesk.ts";
import { askGorgias, credentialsOf, originOf } from "./api.ts";
import { isOurs } from "./marks.ts";
import { newestMessages } from "./messages.ts";
import { Page, Ticket } from "./payload.ts";
import { channelOf, replyOf } from "./reply.ts";
import type { Secrets, Settings } from "./settings.ts";

/** One may come to light behind a later one. */
const OVERLAP_MS = 60_000;
const MOST_MESSAGES = 200;
const TICKETS_A_PAGE = 100;
const MOST_TICKET_PAGES = 5;
/** Where attachments lie that are handed out to nobody but by the API. */
const PRIVATE_FILES = "https://uploads.gorgias.io";

/** A webhook may be lost, and brings no more than ids: what agents wrote is found here. */
export const reconciler: DeskReconciler<Settings, Secrets> = {
  /** `upTo`: when the newest message was written, in ms since 1970. What is told again has the same id. */
  async heard(ticket, { after, since }, reach) {
    const before = Number(after ?? Number.NaN);
    const from = Number.isFinite(before) ? Math.max(since, before - OVERLAP_MS) : since;
    const listed = await newestMessages(ticket.id, { from, most: MOST_MESSAGES }, reach);
    if (!listed.isOk && listed.status === 404) return { kind: "heard", happenings: [] };
    if (!listed.isOk) return notNow(listed.outcome);
    const happenings = listed.messages.toReversed().flatMap((message) => {
      const reply = replyOf(message, ticket.id, reach.desk.settings);
      return reply ? [reply] : [];
    });
    const times = listed.messages.map(({ created_datetime: time }) => Date.parse(time ?? "") || 0);
    const newest = Math.max(Number.isFinite(before) ? before : 0, ...times);
    return { kind: "heard", happenings, ...(newest > 0 && { upTo: String(newest) }) };
  },

  /** All tickets of the account, the last that changed first, until they are older. */
  async changed({ since }, reach) {
    const tickets: string[] = [];
    let cursor: string | undefined;
    for (let page = 0; page < MOST_TICKET_PAGES; page++) {
      const query = new URLSearchParams({ order_by: "updated_datetime:desc", limit: String(TICKETS_A_PAGE) });
      if (cursor !== undefined) query.set("cursor", cursor);
      const asked = await askGorgias(reach, { method: "GET", path: `/tickets?${query}` });
      if (!asked.isOk) return notNow(asked.outcome);
      const { data } = Page.safeParse(asked.json);
      if (!data) return { kind: "unavailable", detail: "no tickets in the answer" };
      const read = data.data.flatMap((one) => Ticket.safeParse(one).data ?? []);
      const recent = read.filter(({ updated_datetime: time }) => !(Date.parse(time ?? "") < since));
      tickets.push(...recent.filter((one) => isMaybeOurs(one, reach.desk.settings)).map(({ id }) => id));
      cursor = data.meta?.next_cursor;
      if (recent.length < read.length || cursor === undefined) return { kind: "changed", tickets };
    }
    return { kind: "changed", tickets, isCut: true };
  },

  /**
   * An attachment's address is that of a store which does not hand it out to everybody; the account's API does, to whoever
   * has a key, by sending them on to another address.
   */
  async locate({ url }, { desk }) {
    const origin = originOf(desk.settings);
    const given = URL.parse(url);
    if (given?.origin !== PRIVATE_FILES && given?.origin !== origin) return { kind: "found", url };
    const headers = credentialsOf(desk);
    if (!headers) return { kind: "unavailable", detail: "no API key is set" };
    const credentials = { origins: [origin], headers };
    if (given.origin === origin) return { kind: "found", url, credentials };
    return { kind: "found", url: `${origin}/api/attachment/download${given.pathname}`, credentials };
  },
};

function isMaybeOurs({ external_id: mark, channel }: Ticket, settings: Settings): boolean {
  return mark === undefined ? channel === undefined || channel === channelOf(settings) : isOurs(mark);
}
