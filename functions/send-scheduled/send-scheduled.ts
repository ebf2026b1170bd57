/**
 * send-scheduled: every minute it hands to their senders the messages whose time has come, never before. What was handed
 * over is taken off; after an outage it goes on where it stopped. All of it may be done twice: a sender claims each
 * message before it goes out, and asks once more whether it may.
 */

import type { SendRequest } from "../../shared/domain/mailbox.ts";
import { log } from "../../shared/log.ts";
import type { Clock, DueSends } from "../../shared/ports.ts";

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

const MINUTE_MS = 60_000;
/** Clocks differ by less: who noted something down in the minute that is over may have taken it for the one before its end. */
const LOOKED_AT_AGAIN = 1;
/** The first run of a deployment, which may have noted messages down for a while. */
const FIRST_MINUTES = 60;
const ENOUGH_MS = 10_000;

export async function sendScheduled(ports: Ports): Promise<Report> {
  const { schedule, clock } = ports;
  const now = clock.now();
  const current = Math.floor(now / MINUTE_MS);
  let minute = ((await schedule.handedOverUntil()) ?? current - FIRST_MINUTES) + 1;
  let handedOver = 0;
  for (; minute <= current; minute++) {
    const { count, isAll } = await handOverMinute(minute, now, ports);
    handedOver += count;
    if (!isAll) break;
  }
  const minutesLeft = current - minute + 1;
  if (minutesLeft > 0) log("warn", "schedule_behind", { minutesLeft, handedOver });
  await schedule.handedOver(Math.min(minute - 1, current - 1 - LOOKED_AT_AGAIN));
  return { handedOver, minutesLeft };
}

async function handOverMinute(
  minute: number,
  now: number,
  { schedule, handOver, remaining }: Ports,
): Promise<{ count: number; isAll: boolean }> {
  let count = 0;
  while (remaining() > ENOUGH_MS) {
    const lists = await schedule.due(minute, now);
    if (lists.every((list) => list.length === 0)) return { count, isAll: true };
    await Promise.all(
      lists.map(async (list) => {
        // One after the other: what goes to one customer goes in its order.
        for (const send of list) {
          if (remaining() < ENOUGH_MS) return;
          await handOver(send.request);
          await schedule.takeOff(send);
          count++;
        }
      }),
    );
  }
  return { count, isAll: false };
}
