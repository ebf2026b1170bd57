/** The messages of an account as `GET Messages.json`, one message and its files show them, newest first. */
import type { Answer, Incoming } from "../http.ts";
import { twilioError } from "./errors.ts";

/** One message in the names of the API. Times are RFC 2822, in whole seconds. */
export interface Row extends Record<string, unknown> {
  sid: string;
  from: string | null;
  to: string;
  date_sent: string | null;
}

interface File {
  sid: string;
  content_type: string;
}

export interface Messages {
  keep(row: Row, files?: readonly File[]): void;
  /** The message has come further. */
  change(sid: string, changes: Partial<Row>): void;
  /** @param base `/<version>/Accounts/<sid>/Messages`; undefined when the path is none of these */
  answer(request: Incoming, base: string): Answer | undefined;
}

const USUAL_PAGE = 50;
const LARGEST_PAGE = 1000;

export function createMessages(): Messages {
  const rows: Row[] = [];
  const files = new Map<string, readonly File[]>();

  function list({ query }: Incoming, uri: string): Answer {
    const size = Number(query.get("PageSize") ?? USUAL_PAGE);
    if (!Number.isInteger(size) || size < 1 || size > LARGEST_PAGE)
      return twilioError(400, 20001, `Page size ${query.get("PageSize")} is out of range`);
    const page = Number(query.get("Page") ?? 0);
    const found = rows.filter((row) => isWanted(row, query)).toReversed();
    const token = query.get("PageToken");
    const start = token === null ? 0 : found.findIndex(({ sid }) => token === `PA${sid}`) + 1;
    const those = found.slice(start, start + size);
    const last = those.at(-1);
    const at = (number: number, after?: string) => {
      const asked = new URLSearchParams(query);
      asked.set("PageSize", String(size));
      asked.set("Page", String(number));
      if (after === undefined) asked.delete("PageToken");
      else asked.set("PageToken", after);
      return `${uri}?${asked}`;
    };
    return {
      status: 200,
      body: {
        first_page_uri: at(0),
        end: page * size + those.length - 1,
        previous_page_uri: null,
        messages: those,
        uri: at(page, token ?? undefined),
        page_size: size,
        start: page * size,
        next_page_uri: last && start + size < found.length ? at(page + 1, `PA${last.sid}`) : null,
        page,
      },
    };
  }

  return {
    keep(row, those = []) {
      rows.push(row);
      files.set(row.sid, those);
    },
    change(sid, changes) {
      const row = rows.find((one) => one.sid === sid);
      if (row) Object.assign(row, changes, { date_updated: rfc2822(Date.now()) });
    },
    answer(request, base) {
      if (request.path === `${base}.json`) return list(request, `${base}.json`);
      const [, sid = "", media = ""] =
        (request.path.startsWith(`${base}/`) && /^\/([^/]+?)(\/Media)?\.json$/.exec(request.path.slice(base.length))) ||
        [];
      const row = rows.find((one) => one.sid === sid);
      if (!row) return undefined;
      if (media === "") return { status: 200, body: row };
      const uri = `${base}/${sid}/Media`;
      const mediaList = (files.get(sid) ?? []).map((file) => ({
        ...file,
        account_sid: row.account_sid,
        parent_sid: sid,
        date_created: row.date_created,
        date_updated: row.date_created,
        uri: `${uri}/${file.sid}.json`,
      }));
      const place = { page: 0, page_size: USUAL_PAGE, start: 0, end: Math.max(mediaList.length - 1, 0) };
      const first = `${uri}.json?PageSize=${USUAL_PAGE}&Page=0`;
      const pages = { first_page_uri: first, previous_page_uri: null, next_page_uri: null, uri: first };
      return { status: 200, body: { media_list: mediaList, ...place, ...pages } };
    },
  };
}

/** A day, or a moment; a message that was not sent yet has neither. */
function isWanted({ from, to, date_sent: sent }: Row, query: URLSearchParams): boolean {
  const [wantedFrom, wantedTo] = [query.get("From"), query.get("To")];
  if (wantedFrom !== null && wantedFrom !== from) return false;
  if (wantedTo !== null && wantedTo !== to) return false;
  const [on, after, before] = [query.get("DateSent"), query.get("DateSent>"), query.get("DateSent<")];
  if (on === null && after === null && before === null) return true;
  if (sent === null) return false;
  const at = new Date(sent).toISOString();
  const isDay = (bound: string) => !bound.includes("T");
  const reaches = (bound: string) => (isDay(bound) ? at.slice(0, 10) : `${at.slice(0, 19)}Z`);
  return (
    (on === null || reaches(on) === on) &&
    (after === null || reaches(after) >= after) &&
    (before === null || reaches(before) <= before)
  );
}

export function rfc2822(time: number): string {
  return new Date(time).toUTCString().replace("GMT", "+0000");
}
