/**
 * Logs as their events: a conversation's, a contact's, and an account's with its alerts. A conversation and a contact are
 * no more once the customer was erased, but the numbers of their events stay: by them whoever was away proves that
 * nothing is missing.
 */
import type * as z from "zod";
import { EventsQuery, type FeedPage, FeedQuery, type Page } from "../../shared/domain/api-shapes.ts";
import type { Entry } from "../../shared/domain/conversation-log.ts";
import { type Envelope, toEnvelope } from "../../shared/domain/envelope.ts";
import { accountLog } from "../../shared/domain/mailbox-rules.ts";
import { isOfType } from "../../shared/domain/subscription.ts";
import type { LogReader } from "../../shared/ports.ts";
import { isContactId, locateContact } from "./contacts.ts";
import { locate } from "./conversations.ts";
import { openCursor, sealCursor } from "./cursor.ts";
import { type FeedPosition, readFeed } from "./feed.ts";
import { PublicError } from "./problem.ts";
import { readQuery } from "./request.ts";
import { type Answer, type Call, json } from "./route.ts";

/** Of a log in which hardly anything is wanted, so many entries are looked through for one page. */
const MOST_SCANNED = 2_000;
const CHUNK = 500;

export async function listEvents(call: Call): Promise<Answer> {
  const query = readQuery(call.request, EventsQuery);
  const { name: id, ports } = call;
  const newest = /^conv_[A-Za-z0-9_-]{22}$/.test(id) ? await ports.table.newest(id) : undefined;
  if (newest?.after.erased === undefined) await locate(id, ports);
  return events(call, { log: id, last: newest?.sequence ?? 0, query });
}

/** The log of an account that is configured, empty until something happened to it. */
export async function listAccountEvents(call: Call): Promise<Answer> {
  const query = readQuery(call.request, EventsQuery);
  if (!call.ports.accounts.has(call.name)) throw new PublicError("not_found", "There is no account with this name.");
  const log = accountLog(call.name);
  const newest = await call.ports.table.newest(log);
  return events(call, { log, last: newest?.sequence ?? 0, query });
}

/** What was changed of a contact through the API; empty until something was. */
export async function listContactEvents(call: Call): Promise<Answer> {
  const query = readQuery(call.request, EventsQuery);
  const { name: id, ports } = call;
  const newest = isContactId(id) ? await ports.table.newest(id) : undefined;
  if (newest?.after.erased === undefined) await locateContact(id, ports);
  return events(call, { log: id, last: newest?.sequence ?? 0, query });
}

/** What was recorded in any log that the caller sees, for whoever keeps the cursor. */
export async function listAllEvents({ request, ports }: Call): Promise<Answer> {
  const { since, limit, cursor } = readQuery(request, FeedQuery);
  if ((since === undefined) === (cursor === undefined)) {
    throw new PublicError("bad_parameter", "Begin with since, and go on with cursor alone.", { field: "since" });
  }
  const { idSecret } = await ports.deployment();
  const from: FeedPosition =
    cursor === undefined ? { since: Date.parse(since ?? "") } : JSON.parse(openCursor(idSecret, "events", cursor));
  const { told, position } = await readFeed(from, limit, ports);
  const page: FeedPage = {
    data: told.map(({ log, entry }) => toEnvelope(log, ports.epoch, entry)),
    nextCursor: sealCursor(idSecret, "events", JSON.stringify(position)),
  };
  return json(200, page);
}

async function events(
  { ports }: Call,
  { log, last, query }: { log: string; last: number; query: z.output<typeof EventsQuery> },
): Promise<Answer> {
  if (query.after !== undefined && query.cursor !== undefined) {
    throw new PublicError("bad_parameter", "Give either after or cursor.", { field: "cursor" });
  }
  const after = query.cursor ?? query.after ?? 0;
  const { entries, reached } = await wantedEntries(ports.table, log, { ...query, after });
  const page: Page<Envelope> = {
    data: entries.map((entry) => toEnvelope(log, ports.epoch, entry)),
    nextCursor: reached !== undefined && reached < last ? String(reached) : null,
  };
  return json(200, page);
}

/** @returns `reached`: number of the last entry that was looked at; undefined where there was none */
async function wantedEntries(
  table: LogReader,
  log: string,
  { types, after, limit }: { types?: string[] | undefined; after: number; limit: number },
): Promise<{ entries: Entry[]; reached: number | undefined }> {
  if (!types) {
    const entries = await table.entries(log, after, limit);
    return { entries, reached: entries.at(-1)?.sequence };
  }
  const entries: Entry[] = [];
  let reached: number | undefined;
  for (let isMore = true; isMore && (reached ?? after) < after + MOST_SCANNED; ) {
    const chunk = await table.entries(log, reached ?? after, CHUNK);
    entries.push(...chunk.filter((entry) => types.some((type) => isOfType(type, entry.type))));
    const last = entries[limit - 1];
    if (last) return { entries: entries.slice(0, limit), reached: last.sequence };
    reached = chunk.at(-1)?.sequence ?? reached;
    isMore = chunk.length === CHUNK;
  }
  return { entries, reached };
}
