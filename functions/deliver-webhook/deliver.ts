/**
 * One subscription and one log: what it has not had goes out, entry by entry. Nothing waits in the queue for longer than
 * half a minute; what is due later stands in the table, where tend-webhooks finds it when its time has come.
 */
import type { Entry } from "../../shared/domain/conversation-log.ts";
import { toEnvelope } from "../../shared/domain/envelope.ts";
import { firstSince } from "../../shared/domain/first-since.ts";
import type { DeliveryRequest } from "../../shared/domain/mailbox.ts";
import { afterFailure, type Delivery, type KnownSubscription } from "../../shared/domain/subscription.ts";
import { signingKeys } from "../../shared/domain/webhook-secret.ts";
import { log as logLine } from "../../shared/log.ts";
import type { LogReader, Next, WebhookAnswer } from "../../shared/ports.ts";
import { disable, giveUp, isWholeEndpointFailing } from "./end-of-patience.ts";
import type { Ports } from "./ports.ts";
import { withSlot } from "./slots.ts";
import { past, Upcoming } from "./upcoming.ts";

const DONE: Next = { kind: "done" };
/** Then the rest is left to another invocation: a request takes up to fifteen seconds, and this one ends at sixty. */
const DELIVERING_MS = 35_000;
const REST: Next = { kind: "retry", afterSeconds: 1 };
/** What is due sooner waits as an invisible message. */
const LONGEST_VISIBILITY_MS = 30_000;
/** A failure ends an outage of more than this: then those who wait are tried before their time. */
const OUTAGE_MS = 5 * 60_000;
/** A slow endpoint is treated as one for so long. */
const SLOW_FOR_MS = 5 * 60_000;
/** So long a delivery waits that found all places of a slow endpoint taken. */
const CROWDED_MS = 60_000;

export async function deliver(request: DeliveryRequest, ports: Ports): Promise<Next> {
  const { subscription: id, log } = request;
  const { subscriptions, clock } = ports;
  const until = clock.now() + DELIVERING_MS;
  const isLate = () => clock.now() >= until;
  const upcoming = new Upcoming(log, ports.table);

  let kept: Delivery | undefined;
  for (;;) {
    const known = await ports.known.one(id);
    if (!known || known.subscription.disabled) return DONE;
    const read = kept ?? (await subscriptions.delivery(id, log)) ?? (await begin(known, log, ports));
    const wished = await withReplay(withoutCancelled(renewed(read, known), known), request, { known, ports });
    const { delivery, entry, isMore } = await upcoming.next(wished, known.subscription, isLate);
    const at = { id, log, read, delivery };

    if (!entry) return (await keep(at, delivery, ports)) && !isMore ? DONE : REST;
    const waitsUntil = quietUntil(delivery, known, request);
    if (waitsUntil > clock.now()) return wait(at, waitsUntil, ports);
    if (isLate()) return REST;

    const answer = await withSlot(known, ports, () => attempt(known, log, entry, delivery, ports));
    if (answer === "crowded") return wait(at, clock.now() + CROWDED_MS, ports);
    if (answer.error !== undefined) {
      const next = await fail(at, { known, entry, answer }, ports);
      if (next) return next;
    } else {
      await noteSuccess(known, ports);
    }
    // Where somebody else has written meanwhile, theirs is read again.
    kept = await keep(at, past(delivery, entry.sequence), ports);
  }
}

/** What stands in the table, and what became of it meanwhile. */
interface At {
  id: string;
  log: string;
  read: Delivery;
  delivery: Delivery;
}

/** Writes it where there is something new, and gives what stands there now; undefined: somebody else has written. */
async function keep(
  { id, log, read }: At,
  delivery: Delivery,
  { subscriptions }: Ports,
): Promise<Delivery | undefined> {
  if (told(delivery) === told(read)) return read;
  const next = { ...delivery, version: read.version + 1 };
  return (await subscriptions.putDelivery(id, log, next)) ? next : undefined;
}

function told({ position, replays, lastReplay, failing, dueAt }: Delivery): string {
  return JSON.stringify([position, replays, lastReplay, failing && Object.entries(failing).sort(), dueAt]);
}

/** Where a subscription begins in a log: with the first entry that was recorded since it exists. */
async function begin({ subscription }: KnownSubscription, log: string, { table }: Ports): Promise<Delivery> {
  const head = await table.newest(log);
  const [first] = subscription.filters;
  const since = first ? await firstSince(first.from, head?.sequence ?? 0, timesOf(log, table)) : 1;
  return { version: 0, position: since - 1, replays: [] };
}

function timesOf(log: string, table: LogReader): (sequence: number) => Promise<number | undefined> {
  return async (sequence) => (await table.entry(log, sequence))?.at.recorded;
}

/** Whoever switches a subscription on again begins its schedule anew. */
function renewed(delivery: Delivery, { subscription }: KnownSubscription): Delivery {
  if (!delivery.failing || delivery.failing.last >= subscription.enabledAt) return delivery;
  const { failing: _failing, dueAt: _dueAt, ...rest } = delivery;
  return rest;
}

/** What was to come again until somebody cancelled it. Single events that failed are not forgotten: they come still. */
function withoutCancelled(delivery: Delivery, known: KnownSubscription): Delivery {
  const replays = delivery.replays.filter(({ id }) => !isCancelled(id, known));
  if (replays[0] === delivery.replays[0]) return { ...delivery, replays };
  // Another entry is next now.
  const { failing: _failing, dueAt: _dueAt, ...rest } = delivery;
  return { ...rest, replays };
}

function isCancelled(replay: string, { jobs }: KnownSubscription): boolean {
  return jobs.some(
    ({ id, isCancelled, cancelled = [] }) => (isCancelled && id === replay) || cancelled.includes(replay),
  );
}

/** With what is to be delivered again in front. A request for it that comes twice counts once. */
async function withReplay(
  delivery: Delivery,
  { log, replay }: DeliveryRequest,
  { known, ports: { table } }: { known: KnownSubscription; ports: Ports },
): Promise<Delivery> {
  if (!replay || delivery.lastReplay === replay.id || isCancelled(replay.id, known)) return delivery;
  const { id, from, to = delivery.position, since, until } = replay;
  // What lies behind the position comes anyway.
  const next = since === undefined ? (from ?? 1) : await firstSince(since, delivery.position, timesOf(log, table));
  const last = until === undefined ? to : (await firstSince(until + 1, delivery.position, timesOf(log, table))) - 1;
  const range = { id, next, until: Math.min(last, delivery.position) };
  const replays = range.next <= range.until ? [...delivery.replays, range] : delivery.replays;
  if (delivery.replays.length > 0 || replays.length === 0) return { ...delivery, replays, lastReplay: id };
  // Another entry is next now, whose schedule has not begun; the one that waited is tried again when it is its turn.
  const { failing: _failing, dueAt: _dueAt, ...rest } = delivery;
  return { ...rest, replays, lastReplay: id };
}

/** Until when nothing may go out. */
function quietUntil(
  { dueAt = 0, failing }: Delivery,
  { health }: KnownSubscription,
  { early }: DeliveryRequest,
): number {
  const isEarly = early !== undefined && (failing?.last ?? 0) < early;
  return Math.max(isEarly ? 0 : dueAt, health.pausedUntil ?? 0);
}

/** A moment as an invisible message, longer in the table. */
async function wait(at: At, until: number, ports: Ports): Promise<Next> {
  const ms = until - ports.clock.now();
  if (!(await keep(at, { ...at.delivery, dueAt: until }, ports))) return REST;
  return ms > LONGEST_VISIBILITY_MS ? DONE : { kind: "retry", afterSeconds: ms / 1000 };
}

async function attempt(
  { subscription, health }: KnownSubscription,
  log: string,
  entry: Entry,
  delivery: Delivery,
  ports: Ports,
): Promise<WebhookAnswer> {
  const { subscriptions, clock } = ports;
  const { id, url } = subscription;
  const at = clock.now();
  const envelope = toEnvelope(log, ports.epoch, entry);
  const reason = delivery.replays[0]?.id;
  let noted: Promise<unknown> = Promise.resolve();
  const answer = await ports.post({
    url,
    id: envelope.id,
    body: JSON.stringify(envelope),
    keys: signingKeys(await ports.idSecret(), subscription, at),
    now: at,
    ...(reason !== undefined && { headers: { "recado-replay": reason } }),
    onSlow: () => {
      if ((health.slowUntil ?? 0) - at > SLOW_FOR_MS / 2) return;
      // Others are to know before this one is through; whoever cannot be told will find out for themselves.
      noted = subscriptions.noteHealth(id, { slowUntil: at + SLOW_FOR_MS }).catch(() => {});
    },
  });
  await noted;
  const { status, error, durationMs } = answer;
  await subscriptions.noteAttempt(id, {
    ...{ at, event: envelope.id, type: entry.type, log, sequence: entry.sequence, durationMs },
    outcome: error === undefined ? "delivered" : "failed",
    ...(status !== undefined && { status }),
    ...(error !== undefined && { error }),
    ...(reason !== undefined && { reason }),
  });
  return answer;
}

async function noteSuccess({ subscription, health }: KnownSubscription, ports: Ports): Promise<void> {
  if (health.failingSince === undefined) return;
  const { subscriptions, clock } = ports;
  const now = clock.now();
  // First the walk, then the word that the outage is over: a walk too many does no harm.
  if (now - health.failingSince >= OUTAGE_MS) {
    const id = `rpl_recovered_${health.failingSince}`;
    const times = { startedAt: now, notBefore: now };
    await subscriptions.putJob(subscription.id, { id, kind: "recovered", ...times, steps: ["waiting"] });
  }
  await subscriptions.noteHealth(subscription.id, { failingSince: null });
  ports.known.forget();
}

/** @returns what becomes of the request; undefined: the log goes on without the entry */
async function fail(
  at: At,
  { known, entry, answer }: { known: KnownSubscription; entry: Entry; answer: WebhookAnswer },
  ports: Ports,
): Promise<Next | undefined> {
  const { subscriptions, clock } = ports;
  const { id, log, delivery } = at;
  const now = clock.now();
  const random = (ports.random(1)[0] ?? 0) / 255;
  const { failing, dueAt } = afterFailure(delivery.failing, { now, random, retryAfterMs: answer.retryAfterMs });
  const about = { subscription: id, log, sequence: entry.sequence, error: answer.error, status: answer.status };
  logLine("warn", "webhook_failed", { ...about, tries: failing.tries });

  if (known.health.failingSince === undefined) {
    await subscriptions.noteHealth(id, { failingSince: now });
    ports.known.forget();
  }
  if (answer.retryAfterMs !== undefined && (answer.status === 429 || answer.status === 503) && dueAt !== undefined) {
    await subscriptions.noteHealth(id, { pausedUntil: Math.min(now + answer.retryAfterMs, dueAt) });
    ports.known.forget();
  }
  if (answer.status === 410 || (dueAt === undefined && (await isWholeEndpointFailing(id, failing, ports)))) {
    // It waits where those who wait are found when the subscription is switched on again.
    if (!(await keep(at, { ...delivery, failing, dueAt: now }, ports))) return REST;
    await disable(id, answer.status === 410 ? "gone" : "failing", entry, ports);
    return DONE;
  }
  if (dueAt === undefined) {
    await giveUp(id, log, entry, ports);
    return undefined;
  }
  return wait({ ...at, delivery: { ...delivery, failing } }, dueAt, ports);
}
