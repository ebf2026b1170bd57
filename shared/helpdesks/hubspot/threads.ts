/** The entries of a thread as HubSpot lists them: the newest first, what happened to the thread among what was said. */
import { notNow } from "../ask.ts";
import type { NotNow } from "../helpdesk.ts";
import { askHubspot, type Reach, threadPath } from "./api.ts";
import { Message, msOf, Page } from "./payload.ts";

const PER_PAGE = 100;
const MOST_PAGES = 3;

/**
 * @param since ms since 1970: pages are turned until one reaches back to it, and three times at most
 * @returns the newest first; `gone`: there is no such thread any more
 */
export async function newestIn(
  thread: string,
  since: number,
  reach: Reach,
): Promise<{ kind: "listed"; messages: Message[] } | { kind: "gone"; detail: string } | NotNow> {
  const messages: Message[] = [];
  let after: string | undefined;
  for (let page = 0; page < MOST_PAGES; page++) {
    const query = new URLSearchParams({ limit: String(PER_PAGE), ...(after !== undefined && { after }) });
    const asked = await askHubspot(reach, { method: "GET", url: `${threadPath(thread)}/messages?${query}` });
    if (!asked.isOk && asked.status === 404) return { kind: "gone", detail: "HTTP 404" };
    if (!asked.isOk) return notNow(asked.outcome);
    const listed = Page.safeParse(asked.json);
    if (!listed.success) return { kind: "unavailable", detail: "the list of messages cannot be read" };
    // What cannot be read is none of the kinds that count here.
    const read = listed.data.results.map((one) => Message.safeParse(one)).flatMap(({ data }) => data ?? []);
    messages.push(...read);
    after = listed.data.paging?.next?.after ?? undefined;
    const oldest = Math.min(...read.map(({ createdAt }) => msOf(createdAt) ?? Number.POSITIVE_INFINITY));
    if (after === undefined || oldest < since) break;
  }
  return { kind: "listed", messages: messages.sort((one, other) => timeOf(other) - timeOf(one)) };
}

/** Ms since 1970; 0 where it is not told. */
export function timeOf({ createdAt }: Message): number {
  return msOf(createdAt) ?? 0;
}
