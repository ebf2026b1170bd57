/** `recado tail`: events as they happen, over the HTTP API. */
import { setTimeout as sleep } from "node:timers/promises";
import type { Envelope } from "../shared/domain/envelope.ts";
import type { Access } from "./api.ts";
import { eventLine } from "./event-line.ts";
import { followAll, followOne } from "./follow.ts";

export interface TailOptions extends Access {
  conversation?: string;
  type?: string;
  json?: true;
}

const POLL_MS = 1_000;

/**
 * Until the process is stopped. One conversation is shown from its beginning; of all of them, only what happens from
 * now on. @throws Failure when the API cannot be reached or refuses
 */
export async function tail({ conversation, type, json, ...access }: TailOptions): Promise<never> {
  // Whoever reads the pipe may go away.
  process.stdout.on("error", () => process.exit(0));
  const follower = conversation ? followOne(access, conversation, 0) : followAll(access, () => true);
  const print = json || !process.stdout.isTTY ? (event: Envelope) => JSON.stringify(event) : eventLine;
  const isShown = (event: Envelope) => type === undefined || event.type === type;
  let events = await follower.next();
  if (!conversation) events = [];
  if (process.stdout.isTTY) console.log("Waiting for events; Ctrl-C stops.");
  while (true) {
    for (const event of events.filter(isShown)) console.log(print(event));
    await sleep(POLL_MS);
    events = await follower.next();
  }
}
