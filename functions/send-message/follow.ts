/** What follows from the outcome of a request, or from a claim that was found taken. */
import type { Failure } from "../../shared/domain/event.ts";
import type { SendOutcome } from "../../shared/domain/outcome.ts";
import { outcomeIn, type SendSubject } from "../../shared/domain/send-report.ts";
import { log } from "../../shared/log.ts";
import type { Claim } from "../../shared/ports.ts";
import { isCancellation } from "../../shared/sending/cancel.ts";
import { isOfTheProvider, passOn, turnAfter } from "./failover.ts";
import { DONE, NEXT_PART, type Ports, type Sending, type Step } from "./ports.ts";
import { type Done, tell, tellDone } from "./tell.ts";
import { backOffSeconds, OTHER_WORKER_SECONDS, throttledSeconds, wait } from "./waits.ts";

/** Behind an uncertain send the log is looked at so often, because a receipt may end the wait. */
const LOOK_EVERY_SECONDS = 10;

/** A claim that was taken before: its outcome is told again, or nobody knows it. */
export async function held(
  claim: Exclude<Claim, { state: "released" }>,
  subject: SendSubject,
  sending: Sending,
  ports: Ports,
): Promise<Step> {
  // Of no account: whoever comes by it tells it, for the conversation's.
  if (claim.state === "done" && isCancellation(claim)) return tellDone(claim, { ...subject, via: undefined }, ports);
  if ((claim.via ?? subject.account) !== sending.account) {
    // Another account has it, whose own request ends it. Until that one can no longer come back here, this one waits: the
    // queue might take what is passed on again for a repetition.
    const isTheirs = claim.state === "done" || outcomeIn(sending.behind, subject) === "uncertain";
    return isTheirs ? DONE : wait(OTHER_WORKER_SECONDS, sending, ports);
  }
  if (claim.state === "done") return tellDone(claim, subject, ports);
  if (claim.at >= sending.began) return wait(OTHER_WORKER_SECONDS, sending, ports);
  return uncertain("The send was begun, and what came of it was lost.", claim.at, { subject, sending, ports });
}

/** The one place where an outcome becomes what the claim, the log and the queue are told. */
export async function follow(
  outcome: SendOutcome,
  claimedAt: number,
  subject: SendSubject,
  sending: Sending,
  ports: Ports,
): Promise<Step> {
  const { table, clock } = ports;
  const { message, part, via } = subject;
  const finish = async (claim: Done) => {
    const done = via === undefined ? claim : { ...claim, via };
    try {
      await table.finishClaim(message, part, done);
    } catch (cause) {
      // What is known must not be forgotten because the claim could not be written: the log will tell whoever comes next.
      await tellDone(done, subject, ports);
      throw cause;
    }
    return tellDone(done, subject, ports);
  };
  const next = isOfTheProvider(outcome) ? turnAfter(part, sending, ports, failureOf(outcome)) : undefined;
  switch (outcome.kind) {
    case "sent":
      return finish({ state: "done", at: claimedAt, outcome: "sent", providerMessageId: outcome.providerMessageId });
    case "rejected":
      if (!next) return finish({ state: "done", at: claimedAt, outcome: "rejected", failure: outcome.failure });
      await table.releaseClaim(message, part, clock.now());
      return passOn(next, sending, ports);
    case "throttled":
      await table.releaseClaim(message, part, clock.now());
      if (outcome.scope === "account")
        await table.pause(sending.account, clock.now() + outcome.retryAfterSeconds * 1000);
      if (next) return passOn(next, sending, ports);
      return wait(throttledSeconds(outcome, sending.received), sending, ports);
    case "unavailable":
      await table.releaseClaim(message, part, clock.now());
      if (next) return passOn(next, sending, ports);
      return wait(backOffSeconds(sending.received), sending, ports);
    case "uncertain":
      return uncertain(outcome.detail, claimedAt, { subject, sending, ports });
  }
}

/** What the account will say later, too. */
function failureOf(outcome: SendOutcome): Failure | undefined {
  return outcome.kind === "rejected" ? outcome.failure : undefined;
}

/**
 * Recorded at once and left to settle-send; the conversation's later messages wait while this one stays invisible.
 * Settling is arranged before it is recorded: whoever finds it recorded has nothing left to do but wait.
 */
async function uncertain(
  detail: string,
  claimedAt: number,
  { subject, sending, ports }: { subject: SendSubject; sending: Sending; ports: Ports },
): Promise<Step> {
  // One from before this claim speaks of an earlier try.
  const recent = sending.behind.filter(({ at }) => at.received >= claimedAt);
  if (outcomeIn(recent, subject) !== "uncertain") {
    log("warn", "send_uncertain", { log: subject.log, message: subject.message, part: subject.part });
    await ports.settlements.settleLater({ ...sending.request, part: subject.part });
    await tell(subject, { type: "message.uncertain", detail }, ports);
  }
  const restSeconds = (claimedAt - ports.clock.now()) / 1000 + ports.holdSeconds;
  if (restSeconds <= 0) return NEXT_PART;
  return { kind: "retry", afterSeconds: Math.min(restSeconds, LOOK_EVERY_SECONDS) };
}
