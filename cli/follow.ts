/** Events as commands follow them: for as long as the command runs, over a Recado that is away for a while. */
import { setTimeout as sleep } from "node:timers/promises";
import { RecadoError } from "../shared/client/client.ts";
import { type Follower, followAll, followLog } from "../shared/client/follow.ts";
import { followFeed } from "../shared/client/follow-feed.ts";
import type { Envelope } from "../shared/domain/envelope.ts";
import { type Access, clientAccess, sentenceFor } from "./api.ts";
import { Failure } from "./failure.ts";

export interface Followed {
  /** Only this conversation, from its first event on; of all of them what happens from now on. */
  conversation?: string;
  /** Of all of them what was recorded after that time. */
  since?: Date;
}

const POLL_MS = 1_000;

/**
 * Never ends by itself. @throws Failure when the first look is refused; later ones are repeated
 * @param ready told once the first look has succeeded
 */
export async function* follow(
  access: Access,
  { conversation, since }: Followed,
  ready: () => void,
): AsyncGenerator<Envelope, never> {
  const ofAll = () =>
    since ? followFeed(clientAccess(access), since) : followAll(clientAccess(access), { from: "now" });
  const follower = conversation ? followConversation(access, conversation) : ofAll();
  let isFirst = true;
  let isAway = false;
  while (true) {
    let events: Envelope[] = [];
    try {
      events = await follower.next();
      if (isFirst) ready();
      if (isAway) console.error("Recado answers again.");
      [isFirst, isAway] = [false, false];
    } catch (error) {
      if (!(error instanceof RecadoError)) throw error;
      if (isFirst || (error.status >= 400 && error.status < 429)) throw new Failure(sentenceFor(error, access));
      if (!isAway) console.error(`${error.message} Trying on.`);
      isAway = true;
    }
    yield* events;
    if (isAway || !follower.isBehind) await sleep(POLL_MS);
  }
}

/** One conversation behind `after`. */
export function followConversation(access: Access, conversation: string, after = 0): Follower {
  const path = `/v1/conversations/${encodeURIComponent(conversation)}/events`;
  return followLog(clientAccess(access), path, after);
}
