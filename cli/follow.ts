/** New events of many conversations, by asking for them: the API has no push of its own. */
import type { ApiConversation, Page } from "../shared/domain/api-shapes.ts";
import type { Envelope } from "../shared/domain/envelope.ts";
import { type Access, ask, eventsAfter } from "./api.ts";

export interface Follower {
  /** The events since the last call, of each conversation in order. */
  next(): Promise<Envelope[]>;
}

/** Follows the conversations with the newest activity that `isWanted` keeps, from their first event on. */
export function followAll(access: Access, isWanted: (conversation: ApiConversation) => boolean): Follower {
  const read = new Map<string, { sequence: number; activity: string; isSettled: boolean }>();
  return {
    async next() {
      const page: Page<ApiConversation> = await ask(access, "/v1/conversations?limit=100");
      const events: Envelope[] = [];
      for (const { id, lastActivityAt } of page.data.filter(isWanted)) {
        const before = read.get(id) ?? { sequence: 0, activity: "", isSettled: false };
        const isChanged = before.activity !== lastActivityAt;
        // Two events may share a millisecond: after a change a conversation is asked once more.
        if (!isChanged && before.isSettled) continue;
        const fresh = await eventsAfter(access, id, before.sequence);
        events.push(...fresh);
        const sequence = Number(fresh.at(-1)?.sequence ?? before.sequence);
        read.set(id, { sequence, activity: lastActivityAt, isSettled: !isChanged });
      }
      return events;
    },
  };
}

/** Follows one conversation behind `after`. */
export function followOne(access: Access, conversation: string, after: number): Follower {
  let sequence = after;
  return {
    async next() {
      const events = await eventsAfter(access, conversation, sequence);
      sequence = Number(events.at(-1)?.sequence ?? sequence);
      return events;
    },
  };
}
