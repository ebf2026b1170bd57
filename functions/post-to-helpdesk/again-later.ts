/** When a desk is tried again, and when something is given up. */
import { doublingSeconds } from "../../shared/domain/back-off.ts";
import type { Entry } from "../../shared/domain/conversation-log.ts";
import { eventId, eventKey, newToken } from "../../shared/domain/ids.ts";
import type { PostOutcome } from "../../shared/helpdesks/helpdesk.ts";
import { log as logLine } from "../../shared/log.ts";
import type { Next } from "../../shared/ports.ts";
import type { Ports } from "./ports.ts";

/** What comes after an entry waits for it: one that a desk refuses again and again must not stop a conversation. */
const REFUSALS_BORNE_MS = 10 * 60_000;
const REFUSED_AGAIN_SECONDS = 30;
/** Nobody at work should have to wait longer for a desk that is back. */
const LONGEST_WAIT_SECONDS = 900;
const SHORTEST_WAIT_SECONDS = 5;

type Fault = Exclude<PostOutcome, { kind: "posted" }>;
type Retry = Extract<Next, { kind: "retry" }>;

/**
 * @param received how often the queue has handed the doorbell out
 * @returns when to come again; undefined when the entry is given up, which the log then tells
 */
export async function laterOrNever(
  outcome: Fault,
  { entry, log, received }: { entry: Entry; log: string; received: number },
  ports: Ports,
): Promise<Retry | undefined> {
  const { desk, clock } = ports;
  const { kind, detail } = outcome;
  const about = { helpdesk: desk.name, log, sequence: entry.sequence, outcome: kind, detail };
  if (kind !== "refused") {
    logLine("warn", "helpdesk_later", { ...about, received });
    const asked = kind === "throttled" ? outcome.retryAfterSeconds : 0;
    // What one ticket has too much of is no reason to leave the others alone.
    if (kind === "throttled" && outcome.scope !== "ticket")
      await ports.table.pause(pauseOf(desk.name), clock.now() + asked * 1000);
    // Who is asked to wait waits so long; who is asked again and again comes ever less often. A doorbell is handed out
    // for other reasons, too: what is young was not asked about for long.
    const longest = (clock.now() - entry.at.recorded) / 2000;
    const own = Math.max(Math.min(backOffSeconds(received), longest), SHORTEST_WAIT_SECONDS);
    if (kind === "throttled" && received <= 5) return { kind: "retry", afterSeconds: asked };
    return { kind: "retry", afterSeconds: Math.max(asked, own) };
  }
  const leftMs = entry.at.recorded + REFUSALS_BORNE_MS - clock.now();
  if (leftMs > 0) {
    logLine("warn", "helpdesk_later", { ...about, received });
    return { kind: "retry", afterSeconds: Math.min(REFUSED_AGAIN_SECONDS, Math.max(leftMs / 1000, 1)) };
  }
  logLine("error", "helpdesk_refused", about);
  await tellFailure(entry, log, detail, ports);
  return undefined;
}

/** Under this name a desk that is too busy is left alone, by all of its conversations. */
export function pauseOf(desk: string): string {
  return `helpdesk:${desk}`;
}

export async function tellFailure(entry: Entry, log: string, why: string, ports: Ports): Promise<void> {
  const { desk, clock, random, mailbox } = ports;
  const { account, channel } = entry;
  const event = eventId(entry.key);
  const detail = `The helpdesk ${desk.name} refused this event for good (${why}); it does not show it.`;
  await mailbox.deliver([
    {
      log,
      key: eventKey(await ports.idSecret(), account, `${event}#helpdesk_failed#${desk.name}`),
      token: newToken(random),
      type: "helpdesk.failed",
      account,
      channel,
      at: { received: clock.now() },
      data: { helpdesk: desk.name, event, detail },
    },
  ]);
}

/** 5, 10, 20, 40 … seconds, up to fifteen minutes. */
export function backOffSeconds(received: number): number {
  return doublingSeconds(received, LONGEST_WAIT_SECONDS);
}
