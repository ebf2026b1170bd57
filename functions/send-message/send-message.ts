/**
 * send-message: brings one queued message to the provider, at most once per part. The claim is taken before the request
 * goes out and says afterwards what came of it; a claim that says nothing is uncertain and is never sent under again.
 * Every step may be repeated, by a redelivery or by a second worker.
 */
import type { Account, Capabilities, ProviderRequest, Sender } from "../../shared/channels/connector.ts";
import type { Content } from "../../shared/domain/content.ts";
import type { Entry } from "../../shared/domain/conversation-log.ts";
import { eventData, Failure, type Message } from "../../shared/domain/event.ts";
import { encodeCorrelation, eventKey, type IdSecret } from "../../shared/domain/ids.ts";
import { accountLog, type SendRequest } from "../../shared/domain/mailbox.ts";
import type { SendOutcome } from "../../shared/domain/outcome.ts";
import { type Plan, plan } from "../../shared/domain/plan.ts";
import {
  entriesBehind,
  outcomeIn,
  type SendSubject,
  type SendVerdict,
  sendReport,
} from "../../shared/domain/send-report.ts";
import { log } from "../../shared/log.ts";
import {
  type Claim,
  type Claims,
  type Clock,
  type Head,
  type Http,
  type LogReader,
  type Mailbox,
  type Next,
  type Pauses,
  type ProviderMessages,
  type Random,
  type Settlements,
  WorldFault,
} from "../../shared/ports.ts";

/** An account as this deployment knows it. `isNews`: the first time since the cold start that its secrets were missed. */
export type AccountState =
  | { kind: "ready"; account: Account }
  | { kind: "no_secrets"; isNews: boolean }
  | { kind: "not_configured" };

export interface Ports {
  table: LogReader & Claims & Pauses & ProviderMessages;
  mailbox: Mailbox;
  settlements: Settlements;
  sender: Sender;
  capabilities: Capabilities;
  account(name: string): Promise<AccountState>;
  http: Http;
  clock: Clock;
  random: Random;
  idSecret: IdSecret;
  /** Where the provider posts receipts. */
  callbackUrl: string;
  /** How long later messages of a conversation wait behind an uncertain one. */
  holdSeconds: number;
}

/** One message on its way: what the log and this delivery say about it. */
interface Sending {
  request: SendRequest;
  entry: Entry;
  message: Message;
  /** What the log says is to go out; nothing where it is the message's content as it is. */
  parts: readonly Content[] | undefined;
  expiresAt: number;
  /** The entries behind the queued one. */
  behind: readonly Entry[];
  /** When this invocation began: a claim from before it is nobody's any more. */
  began: number;
  /** How often the queue has handed the message out; decides nothing but how long to wait. */
  received: number;
}

/** What a part comes to: the message's next part may go, or the message as a whole is to wait or is over. */
type Step = { kind: "next_part" } | Next;

type Done = Extract<Claim, { state: "done" }>;

const DONE: Next = { kind: "done" };
const NEXT_PART: Step = { kind: "next_part" };
const TRIES = 3;
/** After this an invocation begins no further part; one part may take twenty seconds and some calls to AWS. */
const LONGEST_RUN_MS = 25_000;
/** Behind an uncertain send the log is looked at so often, because a receipt may end the wait. */
const LOOK_EVERY_SECONDS = 10;
/** Another worker is at it: by then it has said what came of it, or has ended without. */
const OTHER_WORKER_SECONDS = 5;
/** A conversation moves once, perhaps twice. */
const MOST_MOVES = 4;

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
  const { message, parts, expiresAt } = eventData["message.queued"].parse(entry.data);
  if (message.id !== request.message) return unknownMessage(request);
  const behind = await entriesBehind(ports.table, request.log, request.sequence);
  const sending: Sending = { request, entry, message, parts, expiresAt, behind, began, received };
  const lastInboundAt = await lastInbound(behind.at(-1) ?? entry, ports.table);

  for (let part = 0; ; part++) {
    const planned = plan({
      content: message.content,
      author: message.author,
      capabilities: ports.capabilities,
      lastInboundAt,
      now: ports.clock.now(),
    });
    // A plan that allows nothing still has the parts looked at: they may have gone out when it was allowed, and the
    // first that has not ends the message.
    if (part >= (parts ?? planned.parts).length && part > 0) return DONE;
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

/** When the customer last wrote; a conversation that moved on knows it where it went. */
async function lastInbound(newest: Head, table: LogReader): Promise<number | undefined> {
  let { after } = newest;
  for (let moves = 0; after.moved !== undefined && moves < MOST_MOVES; moves++) {
    const there = await table.newest(after.moved);
    if (!there) break;
    after = there.after;
  }
  return after.inbound;
}

async function sendPart(part: number, planned: Plan, sending: Sending, ports: Ports): Promise<Step> {
  const { request, entry, message, parts, expiresAt, behind } = sending;
  const { table, clock } = ports;
  const subject: SendSubject = { ...request, channel: entry.channel, part };

  const known = outcomeIn(behind, subject);
  if (known === "sent") return NEXT_PART;
  if (known === "failed") return DONE;

  // Before anything that could end the message otherwise: what was begun is told as it is.
  const claim = await table.claim(message.id, part);
  if (claim && claim.state !== "released") return held(claim, subject, sending, ports);

  const fail = (failure: Failure) => tell(subject, { type: "message.failed", failure }, ports).then(() => DONE);
  if (clock.now() >= expiresAt) return fail(EXPIRED);
  // A later release may cut differently: what was begun goes on in the parts of its log.
  const content = parts ? parts[part] : planned.parts[part]?.content;
  if (!planned.allowed || !content) return fail(refusal(planned));
  const state = await ports.account(request.account);
  if (state.kind === "not_configured") return fail(notConfigured(request.account));
  if (state.kind === "no_secrets") {
    if (state.isNews) await alertOfSecrets(subject, ports);
    return wait(backOffSeconds(sending.received), sending, ports);
  }
  const pausedUntil = (await table.pausedUntil(request.account)) ?? 0;
  if (pausedUntil > clock.now()) return wait((pausedUntil - clock.now()) / 1000, sending, ports);

  const rendered = ports.sender.render({
    to: addressOf(entry),
    content,
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
  const taken = await table.takeClaim(message.id, part, claimedAt);
  if (taken === "taken") {
    const outcome = await sendOnce(rendered, state.account, ports);
    return follow(outcome, claimedAt, subject, sending, ports);
  }
  // Another worker was quicker and is still at it, or has just given up.
  if (taken.state !== "done") return wait(OTHER_WORKER_SECONDS, sending, ports);
  return tellDone(taken, subject, ports);
}

/** A claim that was taken before: its outcome is told again, or nobody knows it. */
async function held(
  claim: Exclude<Claim, { state: "released" }>,
  subject: SendSubject,
  sending: Sending,
  ports: Ports,
): Promise<Step> {
  if (claim.state === "done") return tellDone(claim, subject, ports);
  if (claim.at >= sending.began) return wait(OTHER_WORKER_SECONDS, sending, ports);
  return uncertain("The send was begun, and what came of it was lost.", claim.at, { subject, sending, ports });
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

/** The one place where an outcome becomes what the claim, the log and the queue are told. */
async function follow(
  outcome: SendOutcome,
  claimedAt: number,
  subject: SendSubject,
  sending: Sending,
  ports: Ports,
): Promise<Step> {
  const { table, clock } = ports;
  const { message, part, account } = subject;
  const finish = async (done: Done) => {
    try {
      await table.finishClaim(message, part, done);
    } catch (cause) {
      // What is known must not be forgotten because the claim could not be written: the log will tell whoever comes next.
      await tellDone(done, subject, ports);
      throw cause;
    }
    return tellDone(done, subject, ports);
  };
  switch (outcome.kind) {
    case "sent":
      return finish({ state: "done", at: claimedAt, outcome: "sent", providerMessageId: outcome.providerMessageId });
    case "rejected":
      return finish({ state: "done", at: claimedAt, outcome: "rejected", failure: outcome.failure });
    case "throttled":
      await table.releaseClaim(message, part, clock.now());
      if (outcome.scope === "account") await table.pause(account, clock.now() + outcome.retryAfterSeconds * 1000);
      return wait(throttledSeconds(outcome.retryAfterSeconds, sending.received), sending, ports);
    case "unavailable":
      await table.releaseClaim(message, part, clock.now());
      return wait(backOffSeconds(sending.received), sending, ports);
    case "uncertain":
      return uncertain(outcome.detail, claimedAt, { subject, sending, ports });
  }
}

/** Tells the outcome that a claim keeps. The provider's id is remembered first, so that no receipt has to wait for it. */
async function tellDone(done: Done, subject: SendSubject, ports: Ports): Promise<Step> {
  const { log: conversation, account, message, part } = subject;
  const { providerMessageId } = done;
  if (providerMessageId === undefined) {
    await tell(subject, { type: "message.failed", failure: Failure.parse(done.failure) }, ports);
    return DONE;
  }
  await ports.table.remember(account, providerMessageId, { conversation, message, part });
  await tell(subject, { type: "message.sent", providerMessageId, requestedAt: done.at }, ports);
  return NEXT_PART;
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

/** Never beyond the message's end, so that its end is told in time. */
function wait(seconds: number, { expiresAt }: Sending, { clock }: Ports): Next {
  const leftSeconds = Math.max((expiresAt - clock.now()) / 1000, 1);
  return { kind: "retry", afterSeconds: Math.min(Math.max(seconds, 1), leftSeconds) };
}

/**
 * 5, 10, 20, 40, then 60 seconds for the first quarter of an hour of an outage, then ever longer up to fifteen minutes:
 * a queue hands a message out only so often before it takes it for poison, and an outage must not use that up.
 */
function backOffSeconds(received: number): number {
  if (received <= 20) return Math.min(5 * 2 ** Math.max(received - 1, 0), 60);
  return Math.min(60 * (received - 19), 900);
}

/** What the provider asks for; but who is refused again and again asks less often. */
function throttledSeconds(retryAfterSeconds: number, received: number): number {
  return received <= 5 ? retryAfterSeconds : Math.max(retryAfterSeconds, backOffSeconds(received));
}

async function tell(
  subject: SendSubject,
  verdict: SendVerdict,
  { mailbox, idSecret, clock, random }: Ports,
): Promise<void> {
  await mailbox.deliver([sendReport(subject, verdict, { idSecret, now: clock.now(), token: token(random) })]);
}

async function alertOfSecrets(
  { account, channel, message }: SendSubject,
  { mailbox, idSecret, clock, random }: Ports,
): Promise<void> {
  const reason = `No secrets are stored for the account ${account}; its messages wait until they are.`;
  await mailbox.deliver([
    {
      log: accountLog(account),
      key: eventKey(idSecret, account, `${message}#no_secrets`),
      token: token(random),
      type: "account.alert",
      account,
      channel,
      at: { received: clock.now() },
      data: { code: "no_secrets", reason },
    },
  ]);
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

function token(random: Random): string {
  return Buffer.from(random(12)).toString("base64url");
}

const EXPIRED: Failure = {
  class: "expired",
  code: "expired",
  reason: "The message could not be sent within the time it was given, and was not sent.",
};

const INTERNAL: Failure = {
  class: "unknown",
  code: "internal",
  reason: "The message was not sent because of an error inside Recado.",
};

function notConfigured(account: string): Failure {
  return { class: "account", code: "not_configured", reason: `No account named ${account} is configured any more.` };
}

function refusal({ reasons }: Plan): Failure {
  const [first] = reasons;
  const reason = reasons.map(({ text }) => text).join(" ");
  return { class: first?.code === "window_closed" ? "window" : "payload", ...(first && { code: first.code }), reason };
}
