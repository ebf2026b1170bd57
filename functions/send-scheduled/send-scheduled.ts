/**
 * send-scheduled: every minute it hands to their senders the messages whose time has come, never before. What was handed
 * over is taken off; after an outage it goes on where it stopped. What its queue does not take holds up nobody but its own
 * customer. All of it may be done twice: a sender claims each message before it goes out, and asks once more whether it
 * may.
 */

import type { SendRequest } from "../../shared/domain/mailbox.ts";
import { log } from "../../shared/log.ts";
import type { Clock, DueSends, ScheduledSend } from "../../shared/ports.ts";

export interface Ports {
  schedule: DueSends;
  /** Puts the request onto the queue of its account's connector. */
  handOver(request: SendRequest): Promise<void>;
  clock: Clock;
  /** Ms that are left to this invocation. */
  remaining(): number;
}

/** For a person who has it done by hand. */
export interface Report {
  handedOver: number;
  /** How many minutes behind; 0 when everything that is due was handed over. */
  minutesLeft: number;
}

/** What the queue of a message answered, or the table; and the minute in which the message is due. */
interface Refusal {
  minute: number;
  cause: unknown;
}

const MINUTE_MS = 60_000;
/** Clocks differ by less: who noted something down in the minute that is over may have taken it for the one before its end. */
const LOOKED_AT_AGAIN = 1;
/** The first run of a deployment, which may have noted messages down for a while. */
const FIRST_MINUTES = 60;
const ENOUGH_MS = 10_000;

/**
 * Comes back to the first minute of which something was not taken until it is.
 * @throws what the first of those was refused with, once all others were handed over
 */
export async function sendScheduled(ports: Ports): Promise<Report> {
  const { schedule, clock } = ports;
  const now = clock.now();
  const current = Math.floor(now / MINUTE_MS);
  const refusals = new Map<string, Refusal>();
  let minute = (await begunAt(current, schedule)) + 1;
  let handedOver = 0;
  for (; minute <= current; minute++) {
    const { count, isAll } = await handOverMinute(minute, now, refusals, ports);
    handedOver += count;
    if (!isAll) break;
  }
  const minutesLeft = current - minute + 1;
  if (minutesLeft > 0) log("warn", "schedule_behind", { minutesLeft, handedOver });
  const refused = [...refusals.values()];
  await schedule.handedOver(
    Math.min(minute - 1, current - 1 - LOOKED_AT_AGAIN, ...refused.map((one) => one.minute - 1)),
  );
  const [first] = refused;
  if (first) throw first.cause;
  return { handedOver, minutesLeft };
}

/** The first run says where it begins before anything else: whatever becomes of it, the next one begins there. */
async function begunAt(current: number, schedule: DueSends): Promise<number> {
  const known = await schedule.handedOverUntil();
  if (known !== undefined) return known;
  await schedule.handedOver(current - FIRST_MINUTES);
  return current - FIRST_MINUTES;
}

/** @param refusals by conversation, whose later messages wait for the one that was refused; more are added to it */
async function handOverMinute(
  minute: number,
  now: number,
  refusals: Map<string, Refusal>,
  ports: Ports,
): Promise<{ count: number; isAll: boolean }> {
  const { schedule, remaining } = ports;
  const seen: ScheduledSend[] = [];
  let count = 0;
  while (remaining() > ENOUGH_MS) {
    const lists = await schedule.due(minute, now, seen);
    if (lists.every((list) => list.length === 0)) return { count, isAll: true };
    seen.push(...lists.flatMap((list) => list.slice(-1)));
    await Promise.all(
      lists.map(async (list) => {
        // One after the other: what goes to one customer goes in its order.
        for (const send of list) {
          if (remaining() < ENOUGH_MS) return;
          if (refusals.has(send.request.log)) continue;
          const refusal = await handOver(send, minute, ports);
          if (refusal) refusals.set(send.request.log, refusal);
          else count++;
        }
      }),
    );
  }
  return { count, isAll: false };
}

async function handOver(send: ScheduledSend, minute: number, ports: Ports): Promise<Refusal | undefined> {
  try {
    await ports.handOver(send.request);
    await ports.schedule.takeOff(send);
    return undefined;
  } catch (cause) {
    const { log: name, account, message } = send.request;
    const reason = cause instanceof Error ? cause.name : typeof cause;
    log("error", "schedule_refused", { log: name, account, message, reason });
    return { minute, cause };
  }
}
