/**
 * How what has not gone out is cancelled. The claim under which it would be sent is taken for good: of a sender that is
 * at work and somebody who cancels, one gets it, and the other is told so. What is told to the log follows from the
 * claim, and whoever comes by it, a sender or the same canceller once more, tells the same.
 */

import type { Channel, Failure } from "../domain/event.ts";
import type { IdSecret } from "../domain/ids.ts";
import { newToken } from "../domain/ids.ts";
import { sendReport } from "../domain/send-report.ts";
import type { Cancellations, Claim, Clock, Mailbox, Random } from "../ports.ts";

export const CANCELLED: Failure = {
  class: "cancelled",
  code: "cancelled",
  reason: "The message was cancelled before it went out, and was not sent.",
};

/** `until`: ms since 1970, somebody might try to send it as late as this. */
interface Sending {
  log: string;
  account: string;
  channel: Channel;
  message: string;
  until: number;
}

interface Ports {
  table: Cancellations;
  mailbox: Mailbox;
  clock: Clock;
  random: Random;
  idSecret: IdSecret;
}

/** @returns false when it is on its way already */
export async function cancelSending({ until, ...sending }: Sending, ports: Ports): Promise<boolean> {
  const { table, mailbox, clock, random, idSecret } = ports;
  const at = clock.now();
  const taken = await table.cancelClaim(sending.message, 0, { at, until, failure: CANCELLED });
  if (taken !== "cancelled" && !isCancellation(taken)) return false;
  const token = newToken(random);
  const verdict = { type: "message.failed", failure: CANCELLED } as const;
  await mailbox.deliver([sendReport({ ...sending, part: 0 }, verdict, { idSecret, now: at, token })]);
  return true;
}

export function isCancelled(failure: Failure | undefined): boolean {
  return failure?.class === CANCELLED.class;
}

/** By somebody who was here before, and may have been cut off behind it. */
export function isCancellation(claim: Claim): boolean {
  return claim.state === "done" && isCancelled(claim.failure as Failure | undefined);
}
