import type { DeskFile, DeskHappening } from "../../domain/desk-happening.ts";
import { notNow } from "../ask.ts";
import type { DeskReconciler, NotNow } from "../helpdesk.ts";
import { Comments, Tickets, type ZendeskComment, type ZendeskUser } from "./answers.ts";
import { type Api, createApi, credentialsOf, originOf } from "./api.ts";
import { isOurTicket, SYSTEM_USER } from "./marks.ts";
import type { Secrets, Settings } from "./settings.ts";

const COMMENTS_A_PAGE = 30;
const MOST_COMMENT_PAGES = 4;
const TICKETS_A_PAGE = 50;
const MOST_TICKET_PAGES = 10;
/** Times are whole seconds, and a comment may show a moment after one that is younger. */
const OVERLAP_MS = 10_000;

export const reconciler: DeskReconciler<Settings, Secrets> = {
  /** `upTo`: when the newest comment was written. What is told again has the same id. */
  async heard(ticket, { after, since }, { desk, http }) {
    const from = Math.max(floorToSecond(since), after === undefined ? 0 : (Date.parse(after) || 0) - OVERLAP_MS);
    const listed = await newestComments(ticket.id, from, createApi(desk, http));
    if (listed.kind !== "listed") return listed;
    const us = String(desk.settings.integrationUserId);
    const happenings = listed.comments
      .toReversed()
      .flatMap((comment) => replyIn(comment, { ticket: ticket.id, us, users: listed.users }) ?? []);
    const upTo = listed.comments[0]?.created_at ?? after;
    return { kind: "heard", happenings, ...(upTo !== undefined && { upTo }) };
  },

  /** All tickets of the account, the last that changed first, until they are older: the search would lag behind. */
  async changed({ since }, { desk, http }) {
    const api = createApi(desk, http);
    const tickets: string[] = [];
    let cursor: string | undefined;
    for (let page = 0; page < MOST_TICKET_PAGES; page++) {
      const answer = await api({ method: "GET", path: `/tickets?${pageOf("-updated_at", TICKETS_A_PAGE, cursor)}` });
      if (!answer.isOk) return notNow(answer.outcome);
      const { data } = Tickets.safeParse(answer.json);
      if (!data) return { kind: "unavailable", detail: "no tickets in the answer" };
      const read = data.tickets.flatMap((one) => one ?? []);
      const recent = read.filter(({ updated_at }) => !(Date.parse(updated_at ?? "") < floorToSecond(since)));
      tickets.push(...recent.filter(({ external_id }) => isOurTicket(external_id)).map(({ id }) => id));
      cursor = data.meta?.after_cursor;
      if (recent.length < read.length || !data.meta?.has_more || cursor === undefined)
        return { kind: "changed", tickets };
    }
    return { kind: "changed", tickets, isCut: true };
  },

  /** Where the account wants it (private attachments), a file is given out only to who may see the ticket. */
  async locate({ url }, { desk }) {
    const origin = originOf(desk.settings);
    const headers = credentialsOf(desk);
    if (URL.parse(url)?.origin !== origin) return { kind: "found", url };
    if (!headers) return { kind: "unavailable", detail: "no API token is set" };
    return { kind: "found", url, credentials: { origins: [origin], headers } };
  },
};

type Listed = { kind: "listed"; comments: ZendeskComment[]; users: ReadonlyMap<string, ZendeskUser> };

/** The newest first. A ticket that is gone has none. @param from ms since 1970 */
async function newestComments(ticket: string, from: number, api: Api): Promise<Listed | NotNow> {
  const comments: ZendeskComment[] = [];
  const users = new Map<string, ZendeskUser>();
  let cursor: string | undefined;
  for (let page = 0; page < MOST_COMMENT_PAGES; page++) {
    const query = pageOf("-created_at", COMMENTS_A_PAGE, cursor);
    query.set("include", "users");
    // Pictures that agents paste between the lines.
    query.set("include_inline_images", "true");
    const answer = await api({ method: "GET", path: `/tickets/${encodeURIComponent(ticket)}/comments?${query}` });
    if (!answer.isOk && answer.status === 404) break;
    if (!answer.isOk) return notNow(answer.outcome);
    const { data } = Comments.safeParse(answer.json);
    if (!data) return { kind: "unavailable", detail: "no comments in the answer" };
    for (const user of data.users ?? []) users.set(user.id, user);
    const read = data.comments.flatMap((one) => one ?? []);
    const recent = read.filter(({ created_at }) => !(Date.parse(created_at) < from));
    comments.push(...recent);
    cursor = data.meta?.after_cursor;
    if (recent.length < read.length || !data.meta?.has_more || cursor === undefined) break;
  }
  return { kind: "listed", comments, users };
}

/** What a person at the desk, or a program of the desk's, wrote to the customer. */
function replyIn(
  comment: ZendeskComment,
  { ticket, us, users }: { ticket: string; us: string; users: ReadonlyMap<string, ZendeskUser> },
): DeskHappening | undefined {
  const { id, author_id, created_at, html_body, plain_body, body } = comment;
  // A call that was recorded is a comment of another type.
  if (!comment.public || author_id === us || (comment.type ?? "Comment") !== "Comment") return undefined;
  const isBot = author_id === SYSTEM_USER || comment.via?.channel === "rule";
  const user = users.get(author_id);
  if (!isBot && (user === undefined || user.role === "end-user")) return undefined;
  const text = html_body ?? plain_body ?? body ?? "";
  const files = (comment.attachments ?? []).flatMap((one) => (one === undefined || one.deleted ? [] : [fileOf(one)]));
  if (text === "" && files.length === 0) return undefined;
  const at = Date.parse(created_at);
  return {
    type: "reply",
    id,
    ticket,
    ...(!Number.isNaN(at) && { at }),
    author: { type: isBot ? "bot" : "agent", ...(user?.name && { name: user.name }) },
    ...(text !== "" && { text, format: html_body === undefined ? ("plain" as const) : ("html" as const) }),
    files,
  };
}

function fileOf(attachment: NonNullable<NonNullable<ZendeskComment["attachments"]>[number]>): DeskFile {
  const { id, content_url, content_type, file_name } = attachment;
  return {
    url: content_url,
    ...(id !== undefined && { id }),
    ...(content_type !== undefined && { contentType: content_type }),
    ...(file_name !== undefined && { fileName: file_name }),
  };
}

function pageOf(sort: string, size: number, cursor: string | undefined): URLSearchParams {
  return new URLSearchParams({
    sort,
    "page[size]": String(size),
    ...(cursor !== undefined && { "page[after]": cursor }),
  });
}

function floorToSecond(time: number): number {
  return Math.floor(time / 1000) * 1000;
}
