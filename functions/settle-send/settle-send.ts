/**
 * settle-send: some time after an uncertain send, says how it ends where nobody has confirmed it meanwhile. A receipt
 * decides, and always beats our own verdict, also afterwards; else what the claim knows; else the owner's policy.
 */

import type { Entry } from "../../shared/domain/conversation-log.ts";
import { Failure } from "../../shared/domain/event.ts";
import type { IdSecret } from "../../shared/domain/ids.ts";
import { newToken } from "../../shared/domain/ids.ts";
import type { SendRequest, SettleRequest } from "../../shared/domain/mailbox.ts";
import { entriesBehind, outcomeIn, type SendVerdict, sendReport } from "../../shared/domain/send-report.ts";
import { log } from "../../shared/log.ts";
import type { Claims, Clock, LogReader, Mailbox, Next, ProviderMessages, Random } from "../../shared/ports.ts";

export interface Ports {
  table: LogReader & Claims & ProviderMessages;
  mailbox: Mailbox;
  /** Puts a send onto its connector's queue once more; false when no connector serves the account any more. */
  sendAgain(request: SendRequest, part: number): Promise<boolean>;
  clock: Clock;
  random: Random;
  idSecret: IdSecret;
  /** `fail`: told to the agent as failed. `resend`: sent once more, at the risk of a second copy. */
  policy: "fail" | "resend";
}

const DONE: Next = { kind: "done" };

/** Every step may be repeated. */
export async function settleSend(request: SettleRequest, ports: Ports): Promise<Next> {
  const { table, clock } = ports;
  const { log: name, sequence, message, part } = request;
  const entry = await table.entry(name, sequence);
  if (!entry) {
    log("error", "settle_without_entry", { log: name, sequence, message });
    return DONE;
  }
  if (entry.erased) return DONE;
  const outcome = outcomeIn(await entriesBehind(table, name, sequence), request);
  if (outcome === "sent" || outcome === "failed") return DONE;

  const claim = await table.claim(message, part);
  switch (claim?.state) {
    case "done": {
      // Whoever finished it ended before it could tell.
      const { providerMessageId, via } = claim;
      if (providerMessageId === undefined) {
        return tell({ type: "message.failed", failure: Failure.parse(claim.failure) }, request, entry, ports);
      }
      await table.remember(via ?? request.account, providerMessageId, { conversation: name, message, part });
      const sent: SendVerdict = { type: "message.sent", providerMessageId, requestedAt: claim.at };
      return tell(sent, { ...request, via }, entry, ports);
    }
    case "released":
      // Certainly not sent after all, or released by us a moment ago: it may still go, whatever the policy.
      return again(request, entry, ports);
    default:
      if (ports.policy === "fail" || !(await isFirstResend(request, ports))) return fail(request, entry, ports);
      await table.releaseClaim(message, part, clock.now());
      return again(request, entry, ports);
  }
}

/**
 * A claim of its own, taken for good before the other is released: so a message is sent again once, whatever crashes
 * between and however often this is asked.
 */
async function isFirstResend({ message, part }: SettleRequest, { table, clock }: Ports): Promise<boolean> {
  return (await table.takeClaim(`${message}#resend`, part, clock.now())) === "taken";
}

async function again(request: SettleRequest, entry: Entry, ports: Ports): Promise<Next> {
  // Where it goes now it stands among the conversation's other messages.
  const { part, aside: _, ...send } = request;
  return (await ports.sendAgain(send, part)) ? DONE : fail(request, entry, ports);
}

function fail(request: SettleRequest, entry: Entry, ports: Ports): Promise<Next> {
  return tell({ type: "message.failed", failure: UNCONFIRMED }, request, entry, ports);
}

async function tell(verdict: SendVerdict, request: SettleRequest, { channel }: Entry, ports: Ports): Promise<Next> {
  const { mailbox, idSecret, clock, random } = ports;
  const token = newToken(random);
  await mailbox.deliver([sendReport({ ...request, channel }, verdict, { idSecret, now: clock.now(), token })]);
  return DONE;
}

const UNCONFIRMED: Failure = {
  class: "unconfirmed",
  code: "unconfirmed",
  reason:
    "Nobody has confirmed that this message was sent. The customer may have received it: look into the conversation before you send it again.",
  assumed: true,
};
