/** `recado tail`: events as they happen, over the HTTP API. */
import type { Envelope } from "../shared/domain/envelope.ts";
import type { Access } from "./api.ts";
import { eventLine } from "./event-line.ts";
import { Failure } from "./failure.ts";
import { type Followed, follow } from "./follow.ts";
import { timeOf } from "./time.ts";

export interface TailOptions extends Access, Omit<Followed, "since"> {
  /** As it was written: a time, or how long ago. */
  since?: string;
  json?: true;
}

/** Until the process is stopped. @throws Failure when the API cannot be reached or refuses, or there is no such type */
export async function tail({ conversation, type, since, json, ...access }: TailOptions): Promise<void> {
  // Whoever reads the pipe may go away.
  process.stdout.on("error", () => process.exit(0));
  const print = json || !process.stdout.isTTY ? (event: Envelope) => JSON.stringify(event) : eventLine;
  const ready = () => {
    if (process.stdout.isTTY) console.log("Waiting for events; Ctrl-C stops.");
  };
  if (conversation !== undefined && since !== undefined) throw new Failure("Say --conversation or --since.");
  const followed = {
    ...(conversation && { conversation }),
    ...(type !== undefined && { type }),
    ...(since !== undefined && { since: new Date(timeOf(since, Date.now())) }),
  };
  for await (const event of follow(access, followed, ready)) console.log(print(event));
}
