/** What the Conversations API shows of a Page or an Instagram account: its conversations, latest first, and their messages. */
import { randomBytes } from "node:crypto";

/** One message of either side, as it was told by webhook. */
export interface Said {
  /** Id of the Page or account, and of the person. */
  business: string;
  person: string;
  isOurs: boolean;
  mid: string;
  /** Ms since 1970. */
  at: number;
  message: { text?: unknown; attachments?: unknown; reply_to?: unknown };
}

export interface Threads {
  keep(said: Said): void;
  /** @param next writes the address of the page behind a cursor */
  conversations(business: string, query: URLSearchParams, next: (after: string) => string): object;
  /** Undefined when the business has no such conversation. */
  messages(
    business: string,
    conversation: string,
    query: URLSearchParams,
    next: (after: string) => string,
  ): object | undefined;
}

const USUAL_PAGE = 25;

export function createThreads(): Threads {
  const threads = new Map<string, { id: string; business: string; said: Said[] }>();

  function messagePage({ said }: { said: readonly Said[] }, limit: number, after: string | null, next: Next): object {
    const newestFirst = said.toReversed();
    return pageOf(newestFirst, { limit, after }, next, shown);
  }

  return {
    keep(said) {
      const key = `${said.business} ${said.person}`;
      const thread = threads.get(key) ?? {
        id: `t_${randomBytes(8).toString("hex")}`,
        business: said.business,
        said: [],
      };
      thread.said.push(said);
      threads.set(key, thread);
    },
    conversations(business, query, next) {
      const own = [...threads.values()].filter((thread) => thread.business === business);
      const latestFirst = own.sort((one, other) => lastOf(other) - lastOf(one));
      const fields = query.get("fields") ?? "";
      const [, nested] = /\bmessages(?:\.limit\((\d+)\))?\{/.exec(fields) ?? [];
      return pageOf(latestFirst, pageIn(query), next, (thread) => ({
        id: thread.id,
        ...(fields.includes("updated_time") && { updated_time: metaTime(lastOf(thread)) }),
        ...(/\bmessages\b/.test(fields) && {
          messages: messagePage(thread, Number(nested ?? USUAL_PAGE), null, (after) =>
            next(after).replace(/\/[^/?]+\/conversations\?/, `/${thread.id}/messages?`),
          ),
        }),
      }));
    },
    messages(business, conversation, query, next) {
      const thread = [...threads.values()].find((one) => one.id === conversation && one.business === business);
      const { limit, after } = pageIn(query);
      return thread && messagePage(thread, limit, after, next);
    },
  };
}

type Next = (after: string) => string;

function pageIn(query: URLSearchParams): { limit: number; after: string | null } {
  return { limit: Number(query.get("limit") ?? USUAL_PAGE), after: query.get("after") };
}

function pageOf<Row>(
  rows: readonly Row[],
  { limit, after }: { limit: number; after: string | null },
  next: Next,
  show: (row: Row) => object,
): object {
  const start = after === null ? 0 : Number(Buffer.from(after, "base64").toString());
  const end = start + limit;
  const those = rows.slice(start, end);
  if (those.length === 0) return { data: [] };
  const cursor = (position: number) => Buffer.from(String(position)).toString("base64");
  const cursors = { before: cursor(start), after: cursor(end) };
  return { data: those.map(show), paging: { cursors, ...(end < rows.length && { next: next(cursors.after) }) } };
}

function lastOf({ said }: { said: readonly Said[] }): number {
  return Math.max(...said.map(({ at }) => at));
}

/** Whole seconds, as the Graph API writes times. */
function metaTime(at: number): string {
  return new Date(at).toISOString().replace(/\.\d+Z$/, "+0000");
}

function shown({ business, person, isOurs, mid, at, message }: Said): object {
  const [from, to] = isOurs ? [business, person] : [person, business];
  const { text, attachments, reply_to: answered } = message;
  const { mid: answeredMid } = (answered ?? {}) as { mid?: string };
  return {
    id: mid,
    created_time: metaTime(at),
    from: { name: `Someone ${from.slice(-4)}`, id: from },
    to: { data: [{ name: `Someone ${to.slice(-4)}`, id: to }] },
    message: typeof text === "string" ? text : "",
    ...filesIn(Array.isArray(attachments) ? attachments : []),
    ...(answeredMid !== undefined && { reply_to: { mid: answeredMid } }),
  };
}

/** Files have other names here than in webhooks, stickers and shares a place of their own. */
function filesIn(attachments: readonly { type?: string; payload?: { url?: string } }[]): object {
  const files = attachments.flatMap(({ type = "", payload: { url } = {} }, index): object[] => {
    const about = { id: String(1_000_000 + index), size: 1000, name: `file-${index}`, mime_type: FILES[type] };
    if (type === "image") return [{ ...about, image_data: { url, width: 10, height: 10 } }];
    if (type === "video") return [{ ...about, video_data: { url, width: 10, height: 10 } }];
    return FILES[type] === undefined ? [] : [{ ...about, file_url: url }];
  });
  const sticker = attachments.find(({ type }) => type === "sticker")?.payload?.url;
  const links = attachments.filter(({ type }) => type === "share" || type === "fallback");
  return {
    ...(files.length > 0 && { attachments: { data: files } }),
    ...(sticker !== undefined && { sticker }),
    ...(links.length > 0 && { shares: { data: links.map(({ payload }) => ({ link: payload?.url })) } }),
  };
}

const FILES: Readonly<Record<string, string>> = {
  image: "image/jpeg",
  video: "video/mp4",
  audio: "audio/mp4",
  file: "application/pdf",
};
