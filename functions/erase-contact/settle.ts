/**
 * Ends what is under way to the customer: nobody takes up a message any more that was not begun, and what was begun is
 * waited for, as are files on their way from the provider.
 */

import type { Failure } from "../../shared/domain/event.ts";
import { newToken } from "../../shared/domain/ids.ts";
import type { MailboxItem } from "../../shared/domain/mailbox.ts";
import { sendReport } from "../../shared/domain/send-report.ts";
import type { Claim } from "../../shared/ports.ts";
import type { Ports, TakeStep } from "./ports.ts";
import { survey, type Unsettled } from "./survey.ts";

const AGAIN_SECONDS = 5;
/** A sender has a minute for one request; whoever holds a claim for longer is not there any more. */
const SENDING_MS = 2 * 60_000;
/** Mostly a file takes seconds. One that takes longer is looked for again at the end. */
const FETCHING_MS = 60_000;

const ERASED: Failure = {
  class: "cancelled",
  code: "erased",
  reason: "The customer was erased before the message went out, and it was not sent.",
};

export const settle: TakeStep = async (erasure, _, ports) => {
  const { unsettled, filesUnderWay } = await survey(erasure.contact, ports);
  const { items, isSending } = await cancelAll(unsettled, ports);
  if (items.length > 0) await ports.mailbox.deliver(items);
  const isFetching = filesUnderWay.length > 0 && ports.clock.now() < erasure.requestedAt + FETCHING_MS;
  if (isSending || isFetching) return { erasure, afterSeconds: AGAIN_SECONDS };
  return { erasure: { ...erasure, step: "announce", lateFiles: filesUnderWay.map(({ id }) => id) } };
};

/** @returns what the logs are to be told, and whether a sender still has one in hand */
export async function cancelAll(
  unsettled: readonly Unsettled[],
  ports: Ports,
): Promise<{ items: MailboxItem[]; isSending: boolean }> {
  const ends = await Promise.all(unsettled.map((one) => cancel(one, ports)));
  return { items: ends.filter((end) => typeof end === "object"), isSending: ends.includes("sending") };
}

/** Takes the claim, so that no sender can; what follows from it is told by whoever comes back after a crash, too. */
async function cancel(
  { until, ...subject }: Unsettled,
  { table, clock, random, idSecret }: Ports,
): Promise<MailboxItem | "sending" | "told"> {
  const now = clock.now();
  const taken = await table.cancelClaim(subject.message, subject.part, { at: now, until, failure: ERASED });
  if (taken === "cancelled" || isOurs(taken)) {
    const token = newToken(random);
    return sendReport(subject, { type: "message.failed", failure: ERASED }, { idSecret, now, token });
  }
  return taken.state === "claimed" && now < taken.at + SENDING_MS ? "sending" : "told";
}

function isOurs(claim: Claim): boolean {
  return claim.state === "done" && (claim.failure as Failure | undefined)?.code === ERASED.code;
}
