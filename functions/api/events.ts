/** Logs as their events: a conversation's, and an account's with its alerts. */
import { EventsQuery, type Page } from "../../shared/domain/api-shapes.ts";
import { type Envelope, toEnvelope } from "../../shared/domain/envelope.ts";
import { accountLog } from "../../shared/domain/mailbox-rules.ts";
import { locate } from "./conversations.ts";
import { PublicError } from "./problem.ts";
import { readQuery } from "./request.ts";
import { type Answer, type Call, json } from "./route.ts";

export async function listEvents(call: Call): Promise<Answer> {
  const query = readQuery(call.request, EventsQuery);
  const { newest } = await locate(call.name, call.ports);
  return events(call, { log: call.name, last: newest.sequence, query });
}

/** The log of an account that is configured, empty until something happened to it. */
export async function listAccountEvents(call: Call): Promise<Answer> {
  const query = readQuery(call.request, EventsQuery);
  if (!call.ports.accounts.has(call.name)) throw new PublicError("not_found", "There is no account with this name.");
  const log = accountLog(call.name);
  const newest = await call.ports.table.newest(log);
  return events(call, { log, last: newest?.sequence ?? 0, query });
}

async function events(
  { ports }: Call,
  {
    log,
    last,
    query,
  }: { log: string; last: number; query: { limit: number; after?: number | undefined; cursor?: number | undefined } },
): Promise<Answer> {
  if (query.after !== undefined && query.cursor !== undefined) {
    throw new PublicError("bad_parameter", "Give either after or cursor.", { field: "cursor" });
  }
  const entries = await ports.table.entries(log, query.cursor ?? query.after ?? 0, query.limit);
  const reached = entries.at(-1)?.sequence;
  const page: Page<Envelope> = {
    data: entries.map((entry) => toEnvelope(log, ports.epoch, entry)),
    nextCursor: reached !== undefined && reached < last ? String(reached) : null,
  };
  return json(200, page);
}
