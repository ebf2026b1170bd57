/** `recado tail`: events as they happen, over the HTTP API. */
import type { Envelope } from "../shared/domain/envelope.ts";
import type { Access } from "./api.ts";
import { eventLine } from "./event-line.ts";
import { type Followed, follow } from "./follow.ts";

export interface TailOptions extends Access, Followed {
  type?: string;
  json?: true;
}

/** Until the process is stopped. @throws Failure when the API cannot be reached or refuses */
export async function tail({ conversation, type, json, ...access }: TailOptions): Promise<void> {
  // Whoever reads the pipe may go away.
  process.stdout.on("error", () => process.exit(0));
  const print = json || !process.stdout.isTTY ? (event: Envelope) => JSON.stringify(event) : eventLine;
  const ready = () => {
    if (process.stdout.isTTY) console.log("Waiting for events; Ctrl-C stops.");
  };
  for await (const event of follow(access, { ...(conversation && { conversation }) }, ready)) {
    if (type === undefined || event.type === type) console.log(print(event));
  }
}
