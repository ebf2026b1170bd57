/** What was and is delivered to a subscription: its attempts, an example to try it with, and what is to come again. */
import { ListQuery, NoQuery, Nothing, type Page } from "../../shared/domain/api-shapes.ts";
import { dataSchema, type Envelope, iso, padded } from "../../shared/domain/envelope.ts";
import type { Attempt, Job } from "../../shared/domain/subscription.ts";
import {
  type ApiAttempt,
  type ApiReplay,
  type CancelledReplays,
  ReplayToStart,
  type StartedReplay,
  type TestedSubscription,
} from "../../shared/domain/subscription-shapes.ts";
import { signingKeys } from "../../shared/domain/webhook-secret.ts";
import { locate } from "./conversations.ts";
import { openCursor, sealCursor } from "./cursor.ts";
import { PublicError } from "./problem.ts";
import { readBody, readQuery } from "./request.ts";
import { type Answer, type Call, json, type Ports } from "./route.ts";
import { locateSubscription } from "./subscriptions.ts";

/** So many cancelled replays are remembered. */
const MOST_CANCELLED = 20;

/** Newest first, of thirty days. */
export async function listAttempts({ request, name, ports }: Call): Promise<Answer> {
  const { limit, cursor } = readQuery(request, ListQuery);
  const { subscription } = await locateSubscription(name, ports);
  const { idSecret } = await ports.deployment();
  const list = `attempts:${subscription.id}`;
  const position = cursor === undefined ? {} : { cursor: openCursor(idSecret, list, cursor) };
  const { attempts, nextCursor } = await ports.subscriptions.attempts(subscription.id, { limit, ...position });
  const page: Page<ApiAttempt> = {
    data: attempts.map(view),
    nextCursor: nextCursor === undefined ? null : sealCursor(idSecret, list, nextCursor),
  };
  return json(200, page);
}

/** Sends an example, whether the subscription is enabled or not, and answers what came of it. */
export async function testSubscription({ request, name, ports }: Call): Promise<Answer> {
  readQuery(request, NoQuery);
  if (request.body.byteLength > 0) readBody(request, Nothing);
  const { subscription } = await locateSubscription(name, ports);
  const { idSecret } = await ports.deployment();
  const now = ports.clock.now();
  const example = exampleOf(Buffer.from(ports.random(16)).toString("base64url"), now, ports);
  const { status, error, durationMs } = await ports.post({
    url: subscription.url,
    id: example.id,
    body: JSON.stringify(example),
    keys: signingKeys(idSecret, subscription, now),
    now,
    headers: { "recado-test": "true" },
  });
  const attempt: Attempt = {
    ...{ at: now, event: example.id, type: example.type, log: example.subject, sequence: Number(example.sequence) },
    outcome: error === undefined ? "delivered" : "failed",
    ...(status !== undefined && { status }),
    ...(error !== undefined && { error }),
    ...{ durationMs, reason: "test" },
  };
  await ports.subscriptions.noteAttempt(subscription.id, attempt);
  const answer: TestedSubscription = { attempt: view(attempt) };
  return json(200, answer);
}

/** A message that nobody has sent, in no log. */
function exampleOf(random: string, now: number, { accounts, epoch }: Ports): Envelope {
  const [account = "whatsapp"] = accounts.keys();
  const [time, id] = [iso(now), random.slice(0, 22)];
  return {
    ...{ specversion: "1.0", id: `evt_test_${id}`, source: `/recado/${account}`, type: "message.received" },
    ...{ subject: `conv_${"0".repeat(22)}`, time, datacontenttype: "application/json" },
    dataschema: dataSchema("message.received"),
    ...{ sequence: padded(1), epoch },
    data: {
      conversation: `conv_${"0".repeat(22)}`,
      contact: `con_${"0".repeat(22)}`,
      channel: "whatsapp",
      account,
      times: { received: time, recorded: time },
      test: true,
      message: {
        ...{ id: `msg_${id}`, direction: "inbound", author: { type: "contact", name: "Recado" } },
        content: { type: "text", text: "This is a test: it reached you, and its signature is a real one." },
        ...{ sentAt: time, receivedAt: time },
      },
    },
  };
}

/** 202: under way. What comes again has the id that it had, and the header `recado-replay`. */
export async function startReplay({ request, name, ports }: Call): Promise<Answer> {
  readQuery(request, NoQuery);
  const wanted = readBody(request, ReplayToStart);
  const { subscription, jobs } = await locateSubscription(name, ports);
  if (subscription.disabled)
    throw new PublicError("subscription_disabled", "Enable the subscription first: nothing is delivered to it now.");
  const id = `rpl_${Buffer.from(ports.random(12)).toString("base64url")}`;
  const { conversation } = wanted;
  if (conversation !== undefined) await ringFor({ ...wanted, id, conversation }, subscription.id, ports);
  else await begin(jobOf(id, wanted, ports.clock.now()), { id: subscription.id, jobs }, ports);
  const answer: StartedReplay = { replay: { id } };
  return json(202, answer);
}

/** @throws PublicError `not_found`, `invalid_body` where there is nothing to come again */
async function ringFor(
  { id, conversation: log, from = 1, to }: { id: string; conversation: string } & Pick<ReplayToStart, "from" | "to">,
  subscription: string,
  ports: Ports,
): Promise<void> {
  const { newest } = await locate(log, ports);
  if (from > newest.sequence) {
    const detail = `The conversation has no event of this number: its newest is ${newest.sequence}.`;
    throw new PublicError("invalid_body", detail, { field: "from" });
  }
  const replay = { id, from, ...(to !== undefined && { to }) };
  await ports.deliveryBells.ringDelivery({ subscription, log, replay }, id);
}

/** @throws PublicError `invalid_body` for a span to come, `replay_under_way` */
async function begin(
  job: Job,
  { id, jobs }: { id: string; jobs: readonly Job[] },
  { subscriptions }: Ports,
): Promise<void> {
  if (job.since !== undefined && job.since > job.startedAt)
    throw new PublicError("invalid_body", "The field must not lie in the future.", { field: "since" });
  const before = jobs.find(({ kind }) => kind === job.kind);
  if (before && before.steps.length > 0) {
    const detail = "A replay like this one is under way: it goes on every minute until it is through.";
    throw new PublicError("replay_under_way", detail);
  }
  const cancelled = cancelledUpTo(before);
  await subscriptions.putJob(id, { ...job, ...(cancelled.length > 0 && { cancelled }) });
}

/** The next one takes the place of the one before, and is all that still knows what was cancelled. */
function cancelledUpTo(before: Job | undefined): string[] {
  if (!before) return [];
  const { id, isCancelled, cancelled = [] } = before;
  return [...cancelled, ...(isCancelled ? [id] : [])].slice(-MOST_CANCELLED);
}

/** Newest first: at most one of each kind, as the next takes its place. */
export async function listReplays({ request, name, ports }: Call): Promise<Answer> {
  const { limit, cursor } = readQuery(request, ListQuery);
  const { subscription, jobs } = await locateSubscription(name, ports);
  const { idSecret } = await ports.deployment();
  const list = `replays:${subscription.id}`;
  const from = cursor === undefined ? 0 : Number(openCursor(idSecret, list, cursor));
  const newestFirst = jobs.toSorted((one, other) => other.startedAt - one.startedAt);
  const next = from + limit;
  const page: Page<ApiReplay> = {
    data: newestFirst.slice(from, next).map(replayView),
    nextCursor: next < newestFirst.length ? sealCursor(idSecret, list, String(next)) : null,
  };
  return json(200, page);
}

/** What nobody asked for goes on: without it events would be missed. */
export async function cancelReplays({ request, name, ports }: Call): Promise<Answer> {
  readQuery(request, NoQuery);
  const { subscription, jobs } = await locateSubscription(name, ports);
  const asked = jobs.filter(({ kind, steps }) => (kind === "span" || kind === "failed") && steps.length > 0);
  const cancelled: ApiReplay[] = [];
  for (const job of asked) {
    const end: Job = { ...job, steps: [], endedAt: ports.clock.now(), isCancelled: true };
    if (await ports.subscriptions.moveJob(subscription.id, end)) cancelled.push(replayView(end));
  }
  const answer: CancelledReplays = { cancelled };
  return json(200, answer);
}

function replayView({ id, kind, startedAt, endedAt, since, until, steps, reached = 0, isCancelled }: Job): ApiReplay {
  return {
    ...{ id, kind, startedAt: iso(startedAt), reached },
    state: isCancelled ? "cancelled" : steps.length > 0 ? "under_way" : "done",
    ...(endedAt !== undefined && { endedAt: iso(endedAt) }),
    ...(since !== undefined && { since: iso(since) }),
    ...(until !== undefined && { until: iso(until) }),
  };
}

function jobOf(
  id: string,
  { since, until }: { since?: string | undefined; until?: string | undefined },
  now: number,
): Job {
  const begun = { id, startedAt: now, notBefore: now };
  if (since === undefined) return { ...begun, kind: "failed", steps: ["failed", "waiting"] };
  return {
    ...begun,
    kind: "span",
    since: Date.parse(since),
    // What is recorded from now on comes anyway.
    until: Math.min(until === undefined ? now : Date.parse(until), now),
    steps: ["active", "again", "accounts"],
  };
}

function view({ at, event, type, log, sequence, outcome, status, error, durationMs, reason }: Attempt): ApiAttempt {
  return {
    ...{ at: iso(at), event, type, subject: log, sequence, outcome, durationMs },
    ...(status !== undefined && { status }),
    ...(error !== undefined && { error }),
    ...(reason !== undefined && { reason }),
  };
}
