/**
 * The first time that a desk hears of a conversation. One that is older than the desk's place in the configuration is
 * not told from its beginning: an agent gets it with its last messages, if it is open, and nothing if it is not.
 */
import type { Entry } from "../../shared/domain/conversation-log.ts";
import type { Ports, Teller, Tried } from "./ports.ts";

/** What was recorded shortly before anybody first asked for the desk counts as its own. */
const MARGIN_MS = 10 * 60_000;
/** Of an older conversation no more is looked at. */
const LOOKED_AT = 100;
/** What a desk of events gets of an open conversation that is older than it. */
const CONTEXT_ENTRIES = 20;

/**
 * @param since when the desk began to follow conversations, ms since 1970
 * @returns `after`: the entry behind which telling begins
 */
export async function firstToTell(
  log: string,
  since: number,
  teller: Teller,
  { table, way }: Ports,
): Promise<{ kind: "known"; after: number } | Extract<Tried, { kind: "retry" }>> {
  const head = await table.newest(log);
  if (!head) return { kind: "known", after: 0 };
  const entries = await table.entries(log, Math.max(head.sequence - LOOKED_AT, 0), LOOKED_AT);
  const older = entries.filter(({ at }) => at.recorded < since - MARGIN_MS);
  const last = older.at(-1);
  // Of a long one, all that was looked at is new: what lies before is old all the same, or too much.
  const after = last?.sequence ?? (entries[0]?.sequence ?? 1) - 1;
  if (!last || last.after.status === "closed") return { kind: "known", after };
  if ("post" in way) return { kind: "known", after: Math.max(after - CONTEXT_ENTRIES, 0) };
  const asked = older.findLast(isCustomers);
  if (!asked) return { kind: "known", after };
  // Alone: what lies behind is told by itself, or not at all.
  const tried = await teller.tell(asked, []);
  return tried.kind === "retry" ? tried : { kind: "known", after };
}

function isCustomers({ type, erased }: Entry): boolean {
  return type === "message.received" && !erased;
}
