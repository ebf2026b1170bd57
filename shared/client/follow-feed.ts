/** The feed over all logs, followed for ever: nothing is missed, also by who was away, and each event comes once. */
import type { FeedPage } from "../domain/api-shapes.ts";
import type { Envelope } from "../domain/envelope.ts";
import type { Access } from "./access.ts";
import { eventsBehind, type Follower } from "./follow.ts";
import { request } from "./request.ts";

/** @param since what was recorded after that time is told, some 40 seconds later */
export function followFeed(
  access: Access,
  since: Date,
  { signal }: { signal?: AbortSignal | undefined } = {},
): Follower {
  /** By epoch and log the number of its last event. */
  const known = new Map<string, number>();
  let place: { since: string } | { cursor: string } = { since: since.toISOString() };
  return {
    isBehind: true,
    async next() {
      const query = { limit: 100, ...place };
      const { data, nextCursor } = await request<FeedPage>(access, {
        ...{ path: "/v1/events", query, isRepeatable: true, signal },
      });
      const events: Envelope[] = [];
      for (const event of data) {
        const log = `${event.epoch} ${event.subject}`;
        const number = Number(event.sequence);
        const before = known.get(log) ?? number - 1;
        if (number <= before) continue;
        if (number > before + 1) events.push(...(await between(access, event, before, signal)));
        events.push(event);
        known.set(log, number);
      }
      place = { cursor: nextCursor };
      this.isBehind = data.length > 0;
      return events;
    },
  };
}

/** What its log has in front of the event, behind this number. */
async function between(access: Access, event: Envelope, after: number, signal?: AbortSignal): Promise<Envelope[]> {
  const { subject, sequence } = event;
  const kind = subject.startsWith("conv_") ? "conversations" : "contacts";
  const path = subject.startsWith("account:")
    ? `/v1/accounts/${encodeURIComponent(subject.slice("account:".length))}/events`
    : `/v1/${kind}/${encodeURIComponent(subject)}/events`;
  const events = await eventsBehind(access, path, after, signal);
  return events.filter((one) => one.sequence < sequence);
}
