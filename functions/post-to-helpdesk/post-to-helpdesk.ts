/**
 * post-to-helpdesk: follows the conversations of one helpdesk and posts what happens in them, entry by entry and in
 * order. Its cursor moves only when the desk has the entry, so a desk that was down for a day catches up by itself, and
 * a crash in between posts one entry again, under the id that it had.
 */
import type { Entry } from "../../shared/domain/conversation-log.ts";
import { type Envelope, toEnvelope } from "../../shared/domain/envelope.ts";
import { eventKey } from "../../shared/domain/ids.ts";
import type { Doorbell, MailboxItem } from "../../shared/domain/mailbox.ts";
import type { Desk, DeskWay } from "../../shared/helpdesks/helpdesk.ts";
import { log as logLine } from "../../shared/log.ts";
import type { Clock, Cursors, Http, LogReader, Mailbox, Next, Random } from "../../shared/ports.ts";

export interface Ports {
  table: Pick<LogReader, "entries"> & Cursors;
  mailbox: Mailbox;
  desk: {
    name: string;
    /** Whose conversations it gets; undefined: all of them. */
    accounts?: readonly string[] | undefined;
  };
  /** As it is to be reached now; undefined as long as nobody has stored its secrets. */
  reach(): Promise<Desk | undefined>;
  way: DeskWay;
  http: Http;
  clock: Clock;
  random: Random;
  /** Asked for only when there is something to tell. */
  idSecret(): Promise<string>;
}

const DONE: Next = { kind: "done" };

/** What comes after an entry waits for it: one that a desk refuses again and again must not stop a conversation. */
const REFUSALS_BORNE_MS = 10 * 60_000;
const REFUSED_AGAIN_SECONDS = 30;
/** Nobody at work should have to wait longer for a desk that is back. */
const LONGEST_WAIT_SECONDS = 900;
const PAGE = 20;
/** Then the rest is left to another invocation: a request may take its time until this one has to end. */
const POSTING_MS = 25_000;
const REST_SECONDS = 1;

/** What one try came to. */
type Tried = { kind: "on" } | Extract<Next, { kind: "retry" }>;

/**
 * @param received how often the queue has handed the doorbell out
 * @param epoch the deployment's
 * @throws WorldFault: the same doorbell again later
 */
export async function postToHelpdesk(
  { log, sequence }: Doorbell,
  received: number,
  epoch: number,
  ports: Ports,
): Promise<Next> {
  const { table, desk, clock } = ports;
  if (!log.startsWith("conv_") || !(await isServed(log, ports))) return DONE;
  const consumer = consumerOf(desk.name);
  let from = await table.cursor(consumer, log);
  // A late or repeated bell: what it rang for was posted with another one.
  if (from >= sequence) return DONE;

  const reached = await ports.reach();
  if (!reached) return { kind: "retry", afterSeconds: backOffSeconds(received) };

  const until = clock.now() + POSTING_MS;
  for (;;) {
    const entries = await table.entries(log, from, PAGE);
    const last = entries.at(-1);
    for (const entry of entries) {
      if (clock.now() >= until) return { kind: "retry", afterSeconds: REST_SECONDS };
      const tried = await tell(entry, toEnvelope(log, epoch, entry), { received, reached }, ports);
      if (tried.kind === "retry") return tried;
      const isMoved = await table.moveCursor(consumer, log, from, entry.sequence);
      from = isMoved ? entry.sequence : await table.cursor(consumer, log);
      if (!isMoved) break;
    }
    if (!last || (entries.length < PAGE && last.sequence <= from)) return DONE;
  }
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

async function tell(
  entry: Entry,
  envelope: Envelope,
  { received, reached }: { received: number; reached: Desk },
  ports: Ports,
): Promise<Tried> {
  const { desk, way, http, clock, mailbox } = ports;
  // Whoever would not take an event would not take the word of that either.
  if (isOwnFailure(entry, desk.name)) return { kind: "on" };
  const outcome = await way.post(envelope, reached, { http, now: clock.now() });
  if (outcome.kind === "posted") return { kind: "on" };

  const { kind, detail } = outcome;
  const about = { helpdesk: desk.name, log: envelope.subject, sequence: entry.sequence, outcome: kind, detail };
  if (kind !== "refused") {
    logLine("warn", "helpdesk_later", { ...about, received });
    const asked = kind === "throttled" ? outcome.retryAfterSeconds : 0;
    // Who is asked to wait waits so long; who is asked again and again comes ever less often.
    const own = kind === "throttled" && received <= 5 ? 0 : backOffSeconds(received);
    return { kind: "retry", afterSeconds: Math.max(asked, own) };
  }
  const leftMs = entry.at.recorded + REFUSALS_BORNE_MS - clock.now();
  if (leftMs > 0) {
    logLine("warn", "helpdesk_later", { ...about, received });
    return { kind: "retry", afterSeconds: Math.min(REFUSED_AGAIN_SECONDS, Math.max(leftMs / 1000, 1)) };
  }
  logLine("error", "helpdesk_refused", about);
  await mailbox.deliver([await failure(entry, envelope, detail, ports)]);
  return { kind: "on" };
}

function isOwnFailure({ type, data }: Entry, desk: string): boolean {
  return type === "helpdesk.failed" && (data as { helpdesk?: string }).helpdesk === desk;
}

async function failure(entry: Entry, envelope: Envelope, why: string, ports: Ports): Promise<MailboxItem> {
  const { desk, clock, random } = ports;
  const { account, channel } = entry;
  const detail = `The helpdesk ${desk.name} refused this event for good (${why}); it does not show it.`;
  return {
    log: envelope.subject,
    key: eventKey(await ports.idSecret(), account, `${envelope.id}#helpdesk_failed#${desk.name}`),
    token: Buffer.from(random(12)).toString("base64url"),
    type: "helpdesk.failed",
    account,
    channel,
    at: { received: clock.now() },
    data: { helpdesk: desk.name, event: envelope.id, detail },
  };
}

/** 5, 10, 20, 40 … seconds, up to fifteen minutes. */
function backOffSeconds(received: number): number {
  return Math.min(5 * 2 ** Math.min(Math.max(received - 1, 0), 10), LONGEST_WAIT_SECONDS);
}
