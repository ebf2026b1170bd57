/**
 * post-to-helpdesk: follows the conversations of one helpdesk and tells it what happens in them, entry by entry and in
 * order. Its cursor moves only when the desk has the entry, so a desk that was down for a day catches up by itself.
 */
import type { Doorbell } from "../../shared/domain/mailbox.ts";
import type { Next } from "../../shared/ports.ts";
import { backOffSeconds, pauseOf } from "./again-later.ts";
import { firstToTell } from "./first-time.ts";
import type { Ports, Teller } from "./ports.ts";
import { tellEvents } from "./tell-events.ts";
import { tellTicket } from "./tell-ticket.ts";

const DONE: Next = { kind: "done" };
const PAGE = 20;
/** Then the rest is left to another invocation: a request may take its time until this one has to end. */
const POSTING_MS = 25_000;
const REST_SECONDS = 1;

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
  const since = from === 0 ? await ports.tickets.deskSince(desk.name, clock.now()) : 0;
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
      const tried = await teller.tell(entry, entries.slice(index + 1));
      if (tried.kind === "retry") return tried;
      const to = tried.upTo ?? entry.sequence;
      const isMoved = await table.moveCursor(consumer, log, from, to);
      from = isMoved ? to : await table.cursor(consumer, log);
      if (!isMoved) break;
    }
    if (!last || (entries.length < PAGE && last.sequence <= from)) break;
  }
  const end = await teller.caughtUp();
  return end.kind === "retry" ? end : DONE;
}

/** The name under which a desk's cursors are kept. */
function consumerOf(desk: string): string {
  return `post-to-helpdesk-${desk}`;
}

/** A conversation is its first entry's account's: what another account carried in its place is told under that one's. */
async function isServed(log: string, { table, desk }: Ports): Promise<boolean> {
  if (!desk.accounts) return true;
  const [first] = await table.entries(log, 0, 1);
  return first !== undefined && desk.accounts.includes(first.account);
}
