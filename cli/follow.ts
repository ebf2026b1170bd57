/** Events as commands follow them: for as long as the command runs, over a Recado that is away for a while. */
import { createRecado, RecadoError } from "../shared/client/client.ts";
import { type Follower, followLog } from "../shared/client/follow.ts";
import type { Envelope } from "../shared/domain/envelope.ts";
import { type Access, clientAccess, sentenceFor } from "./api.ts";
import { wantedTypes } from "./event-types.ts";
import { Failure } from "./failure.ts";

export interface Followed {
  /** Only this conversation, from its first event on; of all of them what happens from now on. */
  conversation?: string;
  /** Of all of them what was recorded after that time. */
  since?: Date;
  /** Only these types and families, with commas between them. */
  type?: string;
}

/**
 * Never ends by itself.
 * @throws Failure when nothing answers to begin with, Recado refuses for good, or there is no such type
 * @param ready told once the first look has succeeded
 */
export async function* follow(
  access: Access,
  { type, ...where }: Followed,
  ready: () => void,
): AsyncGenerator<Envelope, void> {
  const isWanted = wantedTypes(type);
  const recado = createRecado({ ...access, fetch: watched(access, ready) });
  try {
    for await (const event of recado.events(where)) if (isWanted(event.type)) yield event;
  } catch (error) {
    throw error instanceof RecadoError ? new Failure(sentenceFor(error, access)) : error;
  }
}

/** Tells when Recado goes away and when it is back. One that is not there to begin with is not waited for. */
function watched(access: Access, ready: () => void): typeof fetch {
  let isReady = false;
  let isAway = false;
  const away = (why: string) => {
    if (!isAway) console.error(`${why} Trying on.`);
    isAway = true;
  };
  const { fetch: first = fetch } = clientAccess(access);
  return async (input, init) => {
    const response = await (isReady ? fetch : first)(input, init).catch((cause: unknown) => {
      if (isReady) away(`Recado does not answer at ${access.url}.`);
      throw cause;
    });
    if (response.status >= 500) {
      away(`Recado answered ${response.status}.`);
    } else if (response.ok) {
      if (isAway) console.error("Recado answers again.");
      if (!isReady) ready();
      [isReady, isAway] = [true, false];
    }
    return response;
  };
}

/** One conversation behind `after`. */
export function followConversation(access: Access, conversation: string, after = 0): Follower {
  const path = `/v1/conversations/${encodeURIComponent(conversation)}/events`;
  return followLog(clientAccess(access), path, after);
}
