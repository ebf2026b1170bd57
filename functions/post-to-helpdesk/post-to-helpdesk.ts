/**
 * post-to-helpdesk: follows the conversations of one helpdesk and tells it what happens in them, entry by entry and in
 * order. Its cursor moves only when the desk has the entry, so a desk that was down for a day catches up by itself.
 */
import type { Entry } from "../../shared/domain/conversation-log.ts";
import type { Doorbell } from "../../shared/domain/mailbox.ts";
import { log as logLine } from "../../shared/log.ts";
import { type Next, WorldFault } from "../../shared/ports.ts";
import { backOffSeconds, pauseOf, tellFailure } from "./again-later.ts";
import { firstToTell } from "./first-time.ts";
import type { Ports, Teller, Tried } from "./ports.ts";
import { tellEvents } from "./tell-events.ts";
import { tellTicket } from "./tell-ticket.ts";

const DONE: Next = { kind: "done" };
const PAGE = 20;
/** Then the rest is left to another invocation: a request may take its time until this one has to end. */
const POSTING_MS = 25_000;
const REST_SECONDS = 1;
const FAULTS_BORNE = 3;

/**
 * @param received how often the queue has handed the doorbell out
 * @param epoch the deployment's
 * @throws WorldFault: the same doorbell again later
 */
export async function postToHelpdesk(
  { log, sequence, closing }: Doorbell,
  received: number,
  epoch: number,
  ports: Ports,
): Promise<Next> {
  const { table, desk, clock, way } = ports;
  if (!log.startsWith("conv_") || !(await isServed(log, ports))) return DONE;
  const consumer = consumerOf(desk.name);
  let from = await table.cursor(consumer, log);
  // A late or repeated bell: what it rang for was posted with another one.
  if (from >= sequence && !closing) return DONE;

  // Before anything that may have to wait: whatever comes from now on is the desk's to hear.
  const since = from === 0 ? await sinceOf(log, ports) : 0;
  const reached = await ports.reach();
  if (!reached) return { kind: "retry", afterSeconds: backOffSeconds(received) };
  const pausedMs = ((await table.pausedUntil(pauseOf(desk.name))) ?? 0) - clock.now();
  if (pausedMs > 0) return { kind: "retry", afterSeconds: Math.ceil(pausedMs / 1000) };

  const given = { log, epoch, received, reached };
  const teller: Teller = "post" in way ? tellEvents(given, way, ports) : await tellTicket(given, way, ports);
  if (from === 0) {
    const first = await firstToTell(log, since, teller, ports);
    if (first.kind === "retry") return first;
    if (first.after > 0) {
      const isMoved = await table.moveCursor(consumer, log, 0, first.after);
      from = isMoved ? first.after : await table.cursor(consumer, log);
    }
  }
  const until = clock.now() + POSTING_MS;
  for (;;) {
    const entries = await table.entries(log, from, PAGE);
    const last = entries.at(-1);
    for (const [index, entry] of entries.entries()) {
      // Told with an earlier one.
      if (entry.sequence <= from) continue;
      if (clock.now() >= until) return { kind: "retry", afterSeconds: REST_SECONDS };
      const tried = await told(entry, entries.slice(index + 1), teller, { log, received }, ports);
      if (tried.kind === "retry") return tried;
      const to = tried.upTo ?? entry.sequence;
      const isMoved = await table.moveCursor(consumer, log, from, to);
      from = isMoved ? to : await table.cursor(consumer, log);
      if (!isMoved) break;
    }
    if (!last || (entries.length < PAGE && last.sequence <= from)) break;
  }
  const end = await teller.caughtUp(from);
  return end.kind === "retry" ? end : DONE;
}

/** Since when the desk has had the conversations of this one's account. */
async function sinceOf(log: string, { table, tickets, desk, clock }: Ports): Promise<number> {
  const [first] = await table.entries(log, 0, 1);
  return tickets.deskSince(desk.name, first?.account ?? "", clock.now());
}

/** The name under which a desk's cursors are kept. */
function consumerOf(desk: string): string {
  return `post-to-helpdesk-${desk}`;
}

/** A fault of ours that one entry meets again and again must not hold up its conversation for ever. */
async function told(
  entry: Entry,
  ahead: readonly Entry[],
  teller: Teller,
  { log, received }: { log: string; received: number },
  ports: Ports,
): Promise<Tried> {
  try {
    return await teller.tell(entry, ahead);
  } catch (cause) {
    if (cause instanceof WorldFault || received < FAULTS_BORNE) throw cause;
    const reason = cause instanceof Error ? cause.name : typeof cause;
    logLine("error", "helpdesk_fault", { helpdesk: ports.desk.name, log, sequence: entry.sequence, reason });
    await tellFailure(entry, log, "a fault of Recado's own", ports);
    return { kind: "on" };
  }
}

/**
 * A conversation is its first entry's account's: what another account carried in its place is told under that one's. A
 * ticket that is open goes on, whatever was changed in the configuration since.
 */
async function isServed(log: string, { table, tickets, desk, way }: Ports): Promise<boolean> {
  if (!desk.accounts) return true;
  const [first] = await table.entries(log, 0, 1);
  if (first !== undefined && desk.accounts.includes(first.account)) return true;
  return !("post" in way) && (await tickets.deskState(desk.name, log))?.id !== undefined;
}
