/**
 * The feed over all logs: walk after walk, each over the events that were recorded in a span of time, which begins where
 * the one before ended. docs/decisions/0037-feed-over-all-logs.md says why nothing is missed.
 */
import { activityTime, readActivity } from "../../shared/domain/activity.ts";
import type { Entry } from "../../shared/domain/conversation-log.ts";
import { firstSince } from "../../shared/domain/first-since.ts";
import { accountLog } from "../../shared/domain/mailbox-rules.ts";
import type { ActivityIndex, Clock, LogReader } from "../../shared/ports.ts";

/** Where a consumer stands. Times are ms since 1970. */
export interface FeedPosition {
  /** What was recorded until then is told. */
  since: number;
  /** The walk that is under way tells what was recorded until then. Between two walks there is none. */
  until?: number;
  place?: Place;
  /** The span of the walk before, and when it ended. */
  before?: { since: number; until: number; ended: number };
}

interface Place {
  /** Of the index; behind the last one come the logs of accounts. */
  shard: number;
  /** Every log up to this one is done. */
  after: string;
  /** What is left of the log that comes next. */
  rest?: { log: string; from: number };
}

interface Told {
  log: string;
  entry: Entry;
}

/**
 * An entry has its time before it is put into the log, and record-event may take thirty seconds for that: only what is
 * older is told.
 */
export const SETTLING_MS = 40_000;
/** A walk begins no sooner than this after the one before: each looks at every log that was active lately. */
export const PAUSE_MS = 5_000;
/** The index is told of a conversation's activity at most every ten minutes. */
const INDEX_LAG_MS = 11 * 60_000;
/** Logs that are looked at side by side. */
const ROWS = 25;
/** For one page: it may be short then, or empty, and has a cursor all the same. */
const MOST_ROWS = 200;

interface Ports {
  table: Pick<LogReader, "newest" | "entries"> & ActivityIndex;
  clock: Clock;
  /** By name. */
  accounts: ReadonlyMap<string, unknown>;
}

/** Up to `limit` events, and where the next page begins. */
export async function readFeed(
  from: FeedPosition,
  limit: number,
  ports: Ports,
): Promise<{ told: Told[]; position: FeedPosition }> {
  const until = from.until ?? ports.clock.now() - SETTLING_MS;
  if (until - from.since < PAUSE_MS && from.until === undefined) return { told: [], position: from };
  const walk = { ...from, until };
  const told: Told[] = [];
  let place = walk.place ?? beginning(walk, 0, ports);

  for (let looked = 0; looked < MOST_ROWS && told.length < limit; looked += ROWS) {
    if (place.rest) {
      const { shard, after, rest } = place;
      const next = await tell(rest, walk.until, limit, told, ports);
      place = { shard, after, ...(next !== undefined && { rest: { log: rest.log, from: next } }) };
      continue;
    }
    const { rows, upTo } = await nextRows(place, ports);
    const left = await tellRows(rows, place.shard, { walk, limit, told, ports });
    if (left) place = left;
    else if (upTo !== undefined) place = { shard: place.shard, after: upTo };
    else if (place.shard < ports.table.activityShards) place = beginning(walk, place.shard + 1, ports);
    else {
      const before = { since: walk.since, until: walk.until, ended: ports.clock.now() };
      return { told, position: { since: walk.until, before } };
    }
  }
  return { told, position: { ...walk, place } };
}

function beginning({ since }: FeedPosition, shard: number, { table }: Ports): Place {
  return { shard, after: shard < table.activityShards ? activityTime(Math.max(since - INDEX_LAG_MS, 0)) : "" };
}

interface Row {
  log: string;
  /** Where it stands among the others. */
  key: string;
}

/** `upTo`: behind it may be more of this shard. */
async function nextRows({ shard, after }: Place, { table, accounts }: Ports): Promise<{ rows: Row[]; upTo?: string }> {
  if (shard < table.activityShards) {
    const { keys, ...rest } = await table.activity(shard, { after, limit: ROWS });
    return { rows: keys.map((key) => ({ key, log: readActivity(key).log })), ...rest };
  }
  const names = [...accounts.keys()].filter((name) => name > after).sort();
  const rows = names.slice(0, ROWS).map((name) => ({ key: name, log: accountLog(name) }));
  return { rows, ...(names[ROWS] && { upTo: names[ROWS - 1] }) };
}

type Walk = FeedPosition & { until: number };

/** Tells what is new in these logs, one after another. @returns where the page was full; undefined when all is told */
async function tellRows(
  rows: readonly Row[],
  shard: number,
  { walk, limit, told, ports }: { walk: Walk; limit: number; told: Told[]; ports: Ports },
): Promise<Place | undefined> {
  const news = await Promise.all(rows.map((row) => firstNew(row, shard, walk, ports)));
  for (const [number, { log, key }] of rows.entries()) {
    const from = news[number];
    if (from === undefined) continue;
    const next = told.length === limit ? from : await tell({ log, from }, walk.until, limit, told, ports);
    if (next !== undefined) return { shard, after: key, rest: { log, from: next } };
  }
  return undefined;
}

/** Number of the first entry that is to be told; undefined where there is none. */
async function firstNew({ log, key }: Row, shard: number, walk: Walk, { table }: Ports): Promise<number | undefined> {
  const since = shard < table.activityShards ? toldUntil(key, walk) : walk.since;
  const newest = await table.newest(log);
  if (!newest || newest.at.recorded <= since) return undefined;
  const entryOf = async (sequence: number) => (await table.entries(log, sequence - 1, 1))[0];
  const recordedAt = async (sequence: number) => (await entryOf(sequence))?.at.recorded;
  const first = await firstSince(since + 1, newest.sequence, recordedAt);
  const previous = log.startsWith("conv_") && first > 1 ? await entryOf(first - 1) : undefined;
  // Up to here nobody could see the conversation: it begins with what had come before its first message.
  return previous?.after.summarised === 0 ? (previous.after.erased ?? 1) : first;
}

/**
 * Until when this log is told for certain. What moved in the index while the walk before was under way may have been at
 * neither place when that came by.
 */
function toldUntil(key: string, { since, before }: Walk): number {
  const { at } = readActivity(key);
  return before && at > before.until && at <= before.ended ? before.since : since;
}

/** @returns number of the first entry that found no room */
async function tell(
  { log, from }: { log: string; from: number },
  until: number,
  limit: number,
  told: Told[],
  { table }: Ports,
): Promise<number | undefined> {
  const room = limit - told.length;
  const entries = await table.entries(log, from - 1, room + 1);
  const late = entries.findIndex(({ at }) => at.recorded > until);
  const inSpan = late === -1 ? entries : entries.slice(0, late);
  told.push(...inSpan.slice(0, room).map((entry) => ({ log, entry })));
  return inSpan[room]?.sequence;
}
