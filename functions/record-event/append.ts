/**
 * Append, the one way into a log. Newest entry, then key, then one conditional put of the next number. In that order:
 * whatever is appended after the newest entry was read makes the put fail, so a key that was not found then is not
 * there, whoever else writes. A failed condition, a time-out or a lost answer all mean: start again.
 */
import { type After, type Arrival, advance, type Entry } from "../../shared/domain/conversation-log.ts";
import type { EventType, Message } from "../../shared/domain/event.ts";
import type { LogWriter } from "../../shared/ports.ts";
import { asChoice } from "./as-choice.ts";
import { type OptOut, withWish } from "./as-wish.ts";

export type Appended =
  | { kind: "appended"; entry: Entry }
  /** Our own earlier attempt: its remaining steps are to be done. */
  | { kind: "resumed"; entry: Entry }
  /** The provider repeats itself. */
  | { kind: "repeated"; entry: Entry }
  /** The log does not take it: `decide` said where it belongs. */
  | { kind: "elsewhere"; log: string }
  /** It says what the log says already, or tells more of what was erased. */
  | { kind: "known" };

/** An arrival on its way: when it is recorded, only the log can tell. */
type Coming = Omit<Arrival, "at"> & { at: Omit<Arrival["at"], "recorded"> };

/**
 * @param announce called with the entry before it is put; `again` where another number was announced in vain
 * @param decide called with the state before the entry, once the key is known to be new; names another log to send the
 *   arrival to, or undefined to append it here.
 */
export async function append(
  log: string,
  arrival: Coming,
  {
    table,
    now,
    announce,
    decide,
    optOut,
  }: {
    table: LogWriter;
    now: () => number;
    announce: (entry: Entry, again: boolean) => Promise<void>;
    decide: (before: After | undefined) => Promise<string | undefined>;
    optOut: OptOut;
  },
): Promise<Appended> {
  for (let tries = 0; ; tries++) {
    const newest = await table.newest(log);
    const found =
      newest && (await (newest.key === arrival.key ? table.entry(log, newest.sequence) : table.find(log, arrival.key)));
    if (found) return { kind: found.token === arrival.token ? "resumed" : "repeated", entry: found };

    const elsewhere = await decide(newest?.after);
    if (elsewhere !== undefined && elsewhere !== log) return { kind: "elsewhere", log: elsewhere };
    const before = newest?.after;
    if (isKnownWish(before, arrival) || isKnownStatus(before, arrival)) return { kind: "known" };
    const isLate = isAboutErased(log, before, arrival);
    if (isLate && !LASTING.has(arrival.type)) return { kind: "known" };
    const told = isLate ? nameless(arrival) : arrival;

    // A clock that runs behind the one that wrote the entry before must not turn time back in the log.
    const recorded = Math.max(now(), newest?.at.recorded ?? 0);
    const chosen = await asChoice(told, newest?.after.asked, { log, table });
    const data = withWish({ ...told, data: chosen }, newest?.after, optOut);
    const entry = advance(newest?.after, { ...told, data, at: { ...told.at, recorded } });
    await announce(entry, tries > 0);
    if ((await table.put(log, entry)) === "written") return { kind: "appended", entry };
  }
}

/** Who has stopped messages and says so again has changed nothing, whoever tells it. */
function isKnownWish(before: After | undefined, { type, data }: Pick<Arrival, "type" | "data">): boolean {
  if (type !== "consent.changed") return false;
  const { topic, state } = data as { topic: string; state: string };
  return state === "opted_out" && before?.optedOut?.includes(topic) === true;
}

/** Who opens or closes by hand what is open or closed already changes nothing: two desks that answer each other come to rest. */
function isKnownStatus(before: After | undefined, { type, data }: Pick<Arrival, "type" | "data">): boolean {
  if (type !== "conversation.opened" && type !== "conversation.closed") return false;
  const status = type === "conversation.opened" ? "open" : "closed";
  return (data as { by?: string }).by === "agent" && before?.status === status;
}

/**
 * Since the customer was erased nobody has said anything: what still comes (receipts, names, files, words of desks) is
 * about what is gone, and would bring back addresses and ids that others gave. A message begins anew.
 */
function isAboutErased(log: string, before: After | undefined, { data }: Pick<Arrival, "data">): boolean {
  const isEmpty = log.startsWith("conv_") && before?.erased !== undefined && before.summarised === 0;
  return isEmpty && (data as { message?: Partial<Message> }).message?.content === undefined;
}

function nameless({ address: _, contact: __, contactBy: ___, profile: ____, ...rest }: Coming): Coming {
  return rest;
}

/** What counts also of somebody who was erased: what they want to hear nothing about, above all. */
const LASTING: ReadonlySet<EventType> = new Set([
  "contact.erased",
  "contact.merged",
  "contact.split",
  "consent.changed",
]);
