/**
 * Failover: a part that the provider of one account certainly did not take, for a reason of its own, goes to the next
 * account that the owner named. Never after an uncertain send. Nothing is lost or sent twice if a worker ends in
 * between: both accounts may then have the message, and the claim lets one of them send it.
 */
import type { Content } from "../../shared/domain/content.ts";
import type { Failure } from "../../shared/domain/event.ts";
import { fitToChannel } from "../../shared/domain/fit.ts";
import type { SendRequest } from "../../shared/domain/mailbox.ts";
import type { SendOutcome } from "../../shared/domain/outcome.ts";
import { outcomeIn } from "../../shared/domain/send-report.ts";
import { log } from "../../shared/log.ts";
import type { Next } from "../../shared/ports.ts";
import { DONE, type Ports, type Sending } from "./ports.ts";

/** What is wrong with the account or its provider; all other failures are of the message or of its customer. */
const OF_THE_PROVIDER: ReadonlySet<Failure["class"]> = new Set(["auth", "account", "rate", "transient"]);

/** Whether another provider may take what this one certainly did not. */
export function isOfTheProvider(outcome: SendOutcome): boolean {
  switch (outcome.kind) {
    case "unavailable":
      return true;
    case "throttled":
      return outcome.scope === "account";
    case "rejected":
      return OF_THE_PROVIDER.has(outcome.failure.class);
    default:
      return false;
  }
}

/**
 * The request for whoever's turn it is, once this one's is over; undefined when all have refused for good. After the
 * last it is the first's turn again.
 * @param failure why this account will not take the message later either
 */
function nextTurn(
  request: SendRequest,
  others: readonly string[],
  failure: Failure | undefined,
): SendRequest | undefined {
  // Where it goes now it stands among the conversation's other messages.
  const { via, tried: before = [], round = 0, aside: _, ...first } = request;
  const tried = [...before, { account: via ?? request.account, ...(failure && { failure }) }];
  const next = others.find((name) => !tried.some(({ account }) => account === name));
  if (next !== undefined) return { ...first, via: next, tried, ...(round > 0 && { round }) };
  return tried.every((one) => one.failure) ? undefined : { ...first, round: round + 1 };
}

/**
 * The request by which the message goes to the next account; undefined when it stays with this one. All parts go the
 * same way: what has begun to go out by one account goes on there.
 */
export function turnAfter(
  part: number,
  { request, behind }: Pick<Sending, "request" | "behind">,
  { standIns }: Pick<Ports, "standIns">,
  failure?: Failure,
): SendRequest | undefined {
  const others = standIns(request.account);
  const isBegun = part > 0 || outcomeIn(behind, { message: request.message, part }) !== undefined;
  return others.length === 0 || isBegun ? undefined : nextTurn(request, others, failure);
}

/** To whoever's turn it is; this account is done with it. */
export async function passOn(next: SendRequest, { request }: Pick<Sending, "request">, ports: Ports): Promise<Next> {
  const { log: name, message, account, via: from = account } = request;
  log("warn", "send_passed_on", { log: name, message, from, to: next.via ?? account });
  await ports.passOn(next);
  return DONE;
}

/** Whether a connector that the message was not planned for takes every part as it was cut. */
export function takesAsTheyAre(contents: readonly Content[], { capabilities }: Pick<Ports, "capabilities">): boolean {
  return contents.every((content) => {
    const fitted = fitToChannel(content, capabilities.carries);
    return fitted.kind === "fits" && fitted.parts.length === 1 && fitted.changes.length === 0;
  });
}
