/**
 * New events of one log or of all conversations, by asking for them. What nothing may be missed by, such as a server
 * that reacts to customers, is better told: by a subscription, or by the bus inside AWS.
 */
import type { ApiConversation, Page } from "../domain/api-shapes.ts";
import type { Envelope } from "../domain/envelope.ts";
import type { Access } from "./access.ts";
import { request } from "./request.ts";

/** The order of the list may be behind by as much, and a bit more is looked at. */
const LIST_LAG_MS = 11 * 60_000;

export interface Follower {
  /** The events since the last call, of each log in order. */
  next(): Promise<Envelope[]>;
  /** There may be more at once. */
  isBehind?: boolean;
}

interface Options {
  signal?: AbortSignal | undefined;
}

/** @param path of the log's events @param after number of the last entry that is known */
export function followLog(access: Access, path: string, after: number, { signal }: Options = {}): Follower {
  let sequence = after;
  return {
    async next() {
      const events = await eventsBehind(access, path, sequence, signal);
      sequence = Number(events.at(-1)?.sequence ?? sequence);
      return events;
    },
  };
}

/**
 * @param from with `now` what is there already at the first call is passed over; with `beginning` it is told
 * @param isWanted which conversations are followed
 */
export function followAll(
  access: Access,
  {
    from,
    isWanted = () => true,
    signal,
  }: { from: "now" | "beginning"; isWanted?: (conversation: ApiConversation) => boolean } & Options,
): Follower {
  const known = new Map<string, { sequence: number; activity: string; isSettled: boolean }>();
  /** By the clock of Recado: what was recorded until then is the past. */
  let since = from === "beginning" ? 0 : undefined;
  /** The newest activity that was seen so far. */
  let newest = 0;
  return {
    async next() {
      const rows = await activeSince(access, newest - LIST_LAG_MS, signal);
      newest = Math.max(newest, ...rows.map(({ lastActivityAt }) => Date.parse(lastActivityAt)));
      if (since === undefined) {
        since = newest;
        return [];
      }
      const past = since;
      const events: Envelope[] = [];
      for (const { id, lastActivityAt } of rows.filter(isWanted)) {
        const before = known.get(id);
        if (!before && Date.parse(lastActivityAt) <= past) continue;
        const isChanged = before?.activity !== lastActivityAt;
        // Two events may share a millisecond: after a change a conversation is asked once more.
        if (!isChanged && before?.isSettled) continue;
        const path = `/v1/conversations/${id}/events`;
        const after = before?.sequence ?? (past === 0 ? 0 : await lastBefore(access, path, past, signal));
        const fresh = await eventsBehind(access, path, after, signal);
        events.push(...fresh);
        const sequence = Number(fresh.at(-1)?.sequence ?? after);
        known.set(id, { sequence, activity: lastActivityAt, isSettled: !isChanged });
      }
      return events;
    },
  };
}

/** Conversations with the newest activity, as far as there may be any that was active since. */
async function activeSince(access: Access, since: number, signal?: AbortSignal): Promise<ApiConversation[]> {
  const rows: ApiConversation[] = [];
  let cursor: string | undefined;
  do {
    const query = { limit: 100, cursor };
    const page = await request<Page<ApiConversation>>(access, {
      ...{ path: "/v1/conversations", query, isRepeatable: true, signal },
    });
    rows.push(...page.data);
    const oldest = Math.min(...page.data.map(({ lastActivityAt }) => Date.parse(lastActivityAt)));
    // The first look is about what is newest alone.
    cursor = since > 0 && oldest >= since ? (page.nextCursor ?? undefined) : undefined;
  } while (cursor !== undefined);
  return rows;
}

/** All that a log has behind this number. */
export async function eventsBehind(
  access: Access,
  path: string,
  after: number,
  signal?: AbortSignal,
): Promise<Envelope[]> {
  const events: Envelope[] = [];
  let next: number | undefined = after;
  while (next !== undefined) {
    const query: { limit: number; after: number } = { limit: 100, after: next };
    const page: Page<Envelope> = await request(access, { path, query, isRepeatable: true, signal });
    events.push(...page.data);
    const last = page.data.at(-1);
    next = page.nextCursor !== null && last ? Number(last.sequence) : undefined;
  }
  return events;
}

/** Number of the last entry that was recorded until then; a long log is not read for that, only looked into. */
async function lastBefore(access: Access, path: string, time: number, signal?: AbortSignal): Promise<number> {
  const isBehind = async (sequence: number) => {
    const query = { limit: 1, after: sequence - 1 };
    const { data } = await request<Page<Envelope>>(access, { path, query, isRepeatable: true, signal });
    const [event] = data;
    return event !== undefined && Date.parse(event.data.times.recorded) <= time;
  };
  let [low, high] = [0, 1];
  while (await isBehind(high)) [low, high] = [high, high * 2];
  while (high - low > 1) {
    const middle = Math.floor((low + high) / 2);
    if (await isBehind(middle)) low = middle;
    else high = middle;
  }
  return low;
}
