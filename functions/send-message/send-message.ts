/**
 * send-message: brings one queued message to the provider, at most once per part. The claim is taken before the request
 * goes out and says afterwards what came of it; a claim that says nothing is uncertain and is never sent under again.
 * Every step may be repeated, by a redelivery or by a second worker.
 */
import type { Account, ProviderRequest } from "../../shared/channels/connector.ts";
import type { Content } from "../../shared/domain/content.ts";
import type { Entry } from "../../shared/domain/conversation-log.ts";
import { eventData, type Failure } from "../../shared/domain/event.ts";
import { encodeCorrelation } from "../../shared/domain/ids.ts";
import type { SendRequest } from "../../shared/domain/mailbox.ts";
import type { SendOutcome } from "../../shared/domain/outcome.ts";
import { type Plan, plan } from "../../shared/domain/plan.ts";
import { carrierIn, entriesBehind, outcomeIn, type SendSubject } from "../../shared/domain/send-report.ts";
import { log } from "../../shared/log.ts";
import { type Next, WorldFault } from "../../shared/ports.ts";
import { customerNow } from "./customer-now.ts";
import { passOn, takesAsTheyAre, turnAfter } from "./failover.ts";
import { EXPIRED, INTERNAL, NOT_TAKEN, notConfigured, refusal } from "./failures.ts";
import { follow, held } from "./follow.ts";
import { DONE, NEXT_PART, type Ports, type Sending, type Step } from "./ports.ts";
import { alertOfSecrets, tell } from "./tell.ts";
import { backOffSeconds, OTHER_WORKER_SECONDS, wait } from "./waits.ts";
import { withAddresses } from "./with-addresses.ts";

const TRIES = 3;
/** After this an invocation begins no further part; one part may take twenty seconds and some calls to AWS. */
const LONGEST_RUN_MS = 25_000;

/**
 * @param received how often the queue has handed the request out
 * @throws WorldFault: the same request again later. A fault of our own never blocks the conversation: after three tries
 *   the message is failed where nothing of it was claimed, else left to settle-send.
 */
export async function sendMessage(request: SendRequest, received: number, ports: Ports): Promise<Next> {
  for (let tried = 1; ; tried++) {
    try {
      return await attempt(request, received, ports);
    } catch (cause) {
      if (cause instanceof WorldFault) throw cause;
      const reason = cause instanceof Error ? cause.name : typeof cause;
      log("error", "send_fault", { reason, log: request.log, message: request.message, tried });
      if (tried === TRIES) return giveUp(request, ports);
    }
  }
}

async function attempt(request: SendRequest, received: number, ports: Ports): Promise<Next> {
  const began = ports.clock.now();
  const entry = await ports.table.entry(request.log, request.sequence);
  if (entry?.type !== "message.queued") return unknownMessage(request);
  // There is nobody any more whom it could be sent to, and nothing that it says.
  if (entry.erased) return DONE;
  const queued = eventData["message.queued"].parse(entry.data);
  const { message, parts, expiresAt, fallback, confirmsOptOut, unsendable } = queued;
  if (message.id !== request.message) return unknownMessage(request);
  const behind = await entriesBehind(ports.table, request.log, request.sequence);
  const account = request.via ?? request.account;
  // Who stands in for another account takes its parts, as they were cut for that one.
  const ownParts = request.via === undefined ? parts : (parts ?? [message.content]);
  const said = { entry, message, parts: ownParts, expiresAt, unsendable, behind };
  const sending: Sending = { request, account, ...said, began, received };
  const carrier = carrierIn(behind, message.id);
  // Another account has it: its own request sends the parts that are left.
  if (carrier !== undefined && carrier !== account) return DONE;
  // All accounts were asked in vain, and it is the first one's turn again.
  const { round = 0, via } = request;
  if (round > 0 && via === undefined && received === 1) return wait(backOffSeconds(round), sending, ports);
  const customer = await customerNow(behind.at(-1) ?? entry, ports.table);

  for (let part = 0; ; part++) {
    const planned = plan({
      content: (via !== undefined && ownParts?.[part]) || templateIn(parts) || message.content,
      author: message.author,
      capabilities: ports.capabilities,
      ...customer,
      now: ports.clock.now(),
      address: entry.address,
      topic: message.topic,
      ...(confirmsOptOut && { confirmsOptOut }),
      // What was begun is not held back, and nothing stands in for the rest of it.
      ...(part === 0 && { quietHours: ports.quietHours }),
      ...(part === 0 && (parts?.length ?? 1) === 1 && { fallback: fallback ?? ports.fallbackTemplate(account) }),
    });
    // A plan that allows nothing still has the parts looked at: they may have gone out when it was allowed, and the
    // first that has not ends the message.
    if (part >= (ownParts ?? planned.parts).length && part > 0) return DONE;
    // A part that is cut off by the function's own end is uncertain for no reason: the rest goes in the next one.
    if (part > 0 && ports.clock.now() - began > LONGEST_RUN_MS) return wait(1, sending, ports);
    const step = await sendPart(part, planned, sending, ports);
    if (step.kind !== "next_part") return step;
  }
}

/** The log is the truth: what it does not hold, nobody wants sent. */
function unknownMessage({ log: name, message, sequence }: SendRequest): Next {
  log("error", "send_without_entry", { log: name, message, sequence });
  return DONE;
}

/** The one that stood in when the message was taken; the plan of now is asked about that. */
function templateIn(parts: readonly Content[] | undefined): Content | undefined {
  return parts?.length === 1 && parts[0]?.type === "template" ? parts[0] : undefined;
}

/** When the quiet hours end, where nothing else speaks against the message and they end in time. */
function laterThan({ reasons, notBefore }: Plan, expiresAt: number): number | undefined {
  return notBefore !== undefined && reasons.length === 1 && notBefore < expiresAt ? notBefore : undefined;
}

async function sendPart(part: number, planned: Plan, sending: Sending, ports: Ports): Promise<Step> {
  const { request, account, entry, message, parts, expiresAt, behind, unsendable } = sending;
  const { table, clock } = ports;
  const subject: SendSubject = { ...request, channel: entry.channel, part };

  const known = outcomeIn(behind, subject);
  if (known === "sent") return NEXT_PART;
  if (known === "failed") return DONE;

  // Before anything that could end the message otherwise: what was begun is told as it is.
  const claim = await table.claim(message.id, part);
  if (claim && claim.state !== "released") return held(claim, subject, sending, ports);

  const fail = (failure: Failure) => tell(subject, { type: "message.failed", failure }, ports).then(() => DONE);
  if (unsendable) return fail(unsendable);
  if (clock.now() >= expiresAt) return fail(EXPIRED);
  if (request.via !== undefined && part === 0 && !takesAsTheyAre(parts ?? [], ports))
    return elsewhereOr(NOT_TAKEN, sending, ports);
  // A later release may cut differently: what was begun goes on in the parts of its log.
  const isStoodIn = planned.changes.some(({ code }) => code === "template_fallback");
  const content = parts && !isStoodIn ? parts[part] : planned.parts[part]?.content;
  const notBefore = laterThan(planned, expiresAt);
  if (notBefore !== undefined) return waitAside(notBefore, sending, ports);
  if (!planned.allowed || !content) return fail(refusal(planned));
  const state = await ports.account(account);
  if (state.kind === "not_configured") return elsewhereOr(notConfigured(account), sending, ports, part);
  if (state.kind === "no_secrets") {
    if (state.isNews) await alertOfSecrets(account, subject, ports);
    return elsewhereOr(backOffSeconds(sending.received), sending, ports, part);
  }
  const pausedUntil = (await table.pausedUntil(account)) ?? 0;
  if (pausedUntil > clock.now()) return elsewhereOr((pausedUntil - clock.now()) / 1000, sending, ports, part);

  const rendered = ports.sender.render({
    to: addressOf(entry),
    content: await withAddresses(content, message.content, ports),
    author: message.author,
    settings: state.account.settings,
    correlation: encodeCorrelation({ conversation: request.log, message: message.id, part }),
    callbackUrl: ports.callbackUrl,
    ...(planned.tag && { tag: planned.tag }),
    ...(part === 0 &&
      message.replyTo?.providerMessageId !== undefined && {
        replyToProviderMessageId: message.replyTo.providerMessageId,
      }),
  });
  const claimedAt = clock.now();
  const taken = await table.takeClaim(message.id, part, claimedAt, request.via);
  if (taken === "taken") {
    const outcome = await sendOnce(rendered, state.account, ports);
    return follow(outcome, claimedAt, subject, sending, ports);
  }
  // Another worker was quicker and is still at it, or has just given up.
  if (taken.state !== "done") return wait(OTHER_WORKER_SECONDS, sending, ports);
  return held(taken, subject, sending, ports);
}

/** Until the quiet hours are over; who answers the customer meanwhile does not wait for it. */
async function waitAside(notBefore: number, sending: Sending, ports: Ports): Promise<Next> {
  if (sending.request.aside) return wait((notBefore - ports.clock.now()) / 1000, sending, ports);
  await ports.setAside({ ...sending.request, aside: true });
  return DONE;
}

/**
 * To the next account that may send in place of this one; where there is none, the failure is told, or the message waits
 * so many seconds.
 */
async function elsewhereOr(otherwise: Failure | number, sending: Sending, ports: Ports, part = 0): Promise<Next> {
  const isFailure = typeof otherwise !== "number";
  const next = turnAfter(part, sending, ports, isFailure ? otherwise : undefined);
  if (next) return passOn(next, sending, ports);
  if (!isFailure) return wait(otherwise, sending, ports);
  const { request, entry } = sending;
  // What the first one's provider said tells more than why nobody stood in.
  const failure = request.tried?.find((one) => one.failure)?.failure ?? otherwise;
  await tell({ ...request, channel: entry.channel, part }, { type: "message.failed", failure }, ports);
  return DONE;
}

/** A connector that throws has perhaps sent: nothing certain can be said. */
async function sendOnce(request: ProviderRequest, account: Account, { sender, http }: Ports): Promise<SendOutcome> {
  try {
    return await sender.send(request, account, http);
  } catch (cause) {
    const reason = cause instanceof Error ? cause.name : typeof cause;
    log("error", "connector_fault", { account: account.name, reason });
    return { kind: "uncertain", detail: "The connector failed while it sent." };
  }
}

/**
 * The first part that nobody claimed was certainly not sent, and the agent is told so. What the claims of those before
 * it say, settle-send tells.
 */
async function giveUp(request: SendRequest, ports: Ports): Promise<Next> {
  const entry = await ports.table.entry(request.log, request.sequence);
  if (!entry) return unknownMessage(request);
  // As it is written: the fault may be that it cannot be read.
  const { parts } = entry.data as { parts?: unknown };
  const count = Array.isArray(parts) ? parts.length : 1;
  for (let part = 0; part < count; part++) {
    const claim = await ports.table.claim(request.message, part);
    if (!claim || claim.state === "released") {
      await tell({ ...request, channel: entry.channel, part }, { type: "message.failed", failure: INTERNAL }, ports);
      return DONE;
    }
    await ports.settlements.settleLater({ ...request, part });
    if (claim.state !== "done" || claim.outcome === "rejected") return DONE;
  }
  return DONE;
}

function addressOf({ address, sequence }: Entry): string {
  if (address === undefined) throw new Error(`entry ${sequence} is a message to nobody`);
  return address;
}
