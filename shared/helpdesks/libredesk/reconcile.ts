import * as z from "zod/mini";
import type { DeskHappening } from "../../domain/desk-happening.ts";
import { notNow } from "../ask.ts";
import type { DeskReconciler } from "../helpdesk.ts";
import { agentCredentials, askAsAgent, dataOf } from "./api.ts";
import { listed } from "./messages.ts";
import { ListedConversation } from "./payload.ts";
import { replyOf, uploadUrl } from "./reply.ts";
import type { Secrets, Settings } from "./settings.ts";

const MOST_PAGES = 3;
/** Messages are given their time before they can be seen: one may come to light behind a later one. */
const OVERLAP_MS = 60_000;
const PER_PAGE = 100;
const MOST_PAGES_OF_CONVERSATIONS = 5;

const Page = z.looseObject({ results: z.nullable(z.array(ListedConversation)) });

/** A webhook that was missed never comes again; what agents write is found here all the same. */
export const reconciler: DeskReconciler<Settings, Secrets> = {
  async heard(ticket, { after, since }, reach) {
    const before = Number(after);
    const from = after !== undefined && Number.isFinite(before) ? Math.max(since, before - OVERLAP_MS) : since;
    const replies: DeskHappening[] = [];
    let newest = Number.isFinite(before) ? before : 0;
    for (let page = 1; page <= MOST_PAGES; page++) {
      const query = { private: "false", type: "outgoing" };
      const list = await listed(ticket.id, { page, query }, reach);
      // Deleted there: nobody will answer in it.
      if (!list.isOk && list.status === 404) break;
      if (!list.isOk) return notNow(list.outcome);
      const times = list.messages.map(({ created_at: at }) => Date.parse(at ?? "") || 0);
      newest = Math.max(newest, ...times);
      for (const [index, message] of list.messages.entries()) {
        const reply = (times[index] ?? 0) >= from ? replyOf(message, reach.desk.settings) : undefined;
        if (reply) replies.unshift(reply);
      }
      if (!list.isFull || (times.at(-1) ?? 0) < from) break;
    }
    return { kind: "heard", happenings: replies, ...(newest > 0 && { upTo: String(newest) }) };
  },

  /** The list is in the order of the last message, and every change there leaves one, if only of what was done. */
  async changed({ since }, reach) {
    const tickets: string[] = [];
    for (let page = 1; page <= MOST_PAGES_OF_CONVERSATIONS; page++) {
      const path = `/conversations/all?${new URLSearchParams({ page: String(page), page_size: String(PER_PAGE) })}`;
      const asked = await askAsAgent(reach, { method: "GET", path });
      if (!asked.isOk) return notNow(asked.outcome);
      const rows = dataOf(asked.json, Page)?.results ?? [];
      const changed = rows.filter(({ last_message_at: at }) => Date.parse(at ?? "") >= since);
      // One without a word which inbox it is of may be ours.
      const ours = changed.filter(({ inbox_channel: channel }) => !channel || channel === "livechat");
      tickets.push(...ours.map(({ uuid }) => uuid));
      if (changed.length < rows.length || rows.length < PER_PAGE) return { kind: "changed", tickets };
    }
    return { kind: "changed", tickets, isCut: true };
  },

  /** The address in a message is good for an hour; with the agent's key the file is there as long as its message. */
  async locate({ id, url }, { desk }) {
    const authorization = agentCredentials(desk);
    if (!id || authorization === undefined) return { kind: "found", url };
    const { baseUrl } = desk.settings;
    return {
      kind: "found",
      url: uploadUrl(baseUrl, id),
      credentials: { origins: [new URL(baseUrl).origin], headers: { authorization } },
    };
  },
};
