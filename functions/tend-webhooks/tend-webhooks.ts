/**
 * tend-webhooks: every minute it rings for what waited in the table and is due now, and takes the walks a few steps on
 * that replays, a subscription switched on again and an endpoint that is back are made of. It posts nothing itself.
 */
import { activityTime, readActivity } from "../../shared/domain/activity.ts";
import { accountLog, type DeliveryRequest } from "../../shared/domain/mailbox.ts";
import type { Health, Job, JobStep, KnownSubscription } from "../../shared/domain/subscription.ts";
import type {
  ActivityIndex,
  Clock,
  DeliveryBells,
  DueDeliveries,
  Jobs,
  MissedEvents,
  Subscriptions,
} from "../../shared/ports.ts";

export interface Ports {
  table: ActivityIndex;
  subscriptions: Subscriptions & Jobs & DueDeliveries & MissedEvents;
  bells: DeliveryBells;
  /** Names of all accounts. */
  accounts: readonly string[];
  clock: Clock;
  /** Ms that are left. */
  remaining(): number;
}

/** How many were rung for. */
export interface Report {
  due: number;
  walked: number;
}

/** For one subscription in one minute: what waited for one endpoint comes back neither all at once nor at others' cost. */
const MOST_RINGS = 500;
/** When it fails or is slow. */
const FEWER_RINGS = 60;
const PAGE = 100;
/** The index of activity may lag by ten minutes. */
const LAG_MS = 11 * 60_000;
const SPARE_MS = 20_000;

export async function tendWebhooks(ports: Ports): Promise<Report> {
  const report = { due: 0, walked: 0 };
  for (const known of await ports.subscriptions.subscriptions()) {
    if (known.subscription.disabled) continue;
    const now = ports.clock.now();
    let rings = isWell(known.health, now) ? MOST_RINGS : FEWER_RINGS;
    const due = await ringForDue(known, rings, ports);
    report.due += due;
    rings -= due;
    for (const job of known.jobs.filter(({ steps, notBefore }) => steps.length > 0 && notBefore <= now)) {
      const walked = await walk(known, job, rings, ports);
      report.walked += walked;
      rings -= walked;
    }
  }
  return report;
}

function isWell({ failingSince, slowUntil = 0 }: Health, now: number): boolean {
  return failingSince === undefined && slowUntil <= now;
}

async function ringForDue({ subscription: { id } }: KnownSubscription, most: number, ports: Ports): Promise<number> {
  const { subscriptions, bells, clock } = ports;
  const due = await subscriptions.due(id, { until: clock.now(), limit: most });
  await Promise.all(
    due.map(({ log, cursor }) => bells.ringDelivery({ subscription: id, log }, `${id}.${cursor.replace("#", ".")}`)),
  );
  return due.length;
}

/** As far as `most` rings go, and on from there the next time. @returns how many */
async function walk(known: KnownSubscription, started: Job, most: number, ports: Ports): Promise<number> {
  const { subscription } = known;
  let job = started;
  let walked = 0;
  while (job.steps.length > 0 && walked < most && ports.remaining() > SPARE_MS) {
    const [step = "waiting", ...others] = job.steps;
    const { requests, cursor, settle } = await STEPS[step](job, subscription.id, Math.min(PAGE, most - walked), ports);
    await Promise.all(
      requests.map(({ request, id }) => ports.bells.ringDelivery(request, `${job.id}.${id ?? request.log}`)),
    );
    await settle?.();
    walked += requests.length;
    job = moved(job, { cursor, others, reached: requests.length, now: ports.clock.now() });
    if (!(await ports.subscriptions.moveJob(subscription.id, job))) break;
  }
  return walked;
}

function moved(
  { cursor: _, ...job }: Job,
  { cursor, others, reached, now }: { cursor?: string | undefined; others: JobStep[]; reached: number; now: number },
): Job {
  const counted = { ...job, reached: (job.reached ?? 0) + reached };
  if (cursor !== undefined) return { ...counted, cursor };
  return { ...counted, steps: others, ...(others.length === 0 && { endedAt: now }) };
}

interface Step {
  requests: { request: DeliveryRequest; id?: string }[];
  /** Where it goes on; undefined when it is through. */
  cursor?: string | undefined;
  /** When they were rung for. */
  settle?: () => Promise<void>;
}

const STEPS: Readonly<Record<JobStep, (job: Job, id: string, limit: number, ports: Ports) => Promise<Step>>> = {
  async waiting({ cursor, startedAt }, subscription, limit, { subscriptions }) {
    const rows = await subscriptions.due(subscription, { until: FOR_EVER, limit, cursor });
    const requests = rows.map(({ log }) => ({ request: { subscription, log, early: startedAt } }));
    return { requests, cursor: rows.length < limit ? undefined : rows.at(-1)?.cursor };
  },

  async failed({ id, cursor }, subscription, limit, { subscriptions }) {
    const rows = await subscriptions.missed(subscription, { limit, cursor });
    const requests = rows.map(({ log, sequence }) => {
      const replay = { id: `${id}.${sequence}`, from: sequence, to: sequence };
      return { request: { subscription, log, replay }, id: `${log}.${sequence}` };
    });
    return {
      requests,
      cursor: rows.length < limit ? undefined : rows.at(-1)?.cursor,
      async settle() {
        for (const { log, sequence } of rows) await subscriptions.takeMissed(subscription, log, sequence);
      },
    };
  },

  active: (job, ...rest) => overLogs(job, job.since ?? 0, ...rest),
  // A move is a delete and an insert: what moved meanwhile may have been at neither place when the walk came by.
  again: (job, ...rest) => overLogs(job, job.startedAt, ...rest),

  async accounts(job, subscription, _, { accounts }) {
    return { requests: accounts.map((name) => ({ request: requestFor(job, subscription, accountLog(name)) })) };
  },
};

/** Later than any time that there is. */
const FOR_EVER = 9_999_999_999_999;

/** The oldest activity first: what becomes active meanwhile moves ahead of the walk. */
async function overLogs(job: Job, since: number, subscription: string, limit: number, ports: Ports): Promise<Step> {
  const { table } = ports;
  const beginning = activityTime(Math.max(since - LAG_MS, 0));
  let [shard, after] = job.cursor === undefined ? [0, beginning] : readPlace(job.cursor);
  const requests: Step["requests"] = [];
  while (shard < table.activityShards && requests.length < limit) {
    const { keys, upTo } = await table.activity(shard, { after, limit: limit - requests.length });
    requests.push(...keys.map((key) => ({ request: requestFor(job, subscription, readActivity(key).log) })));
    [shard, after] = upTo === undefined ? [shard + 1, beginning] : [shard, upTo];
  }
  return { requests, cursor: shard < table.activityShards ? `${shard} ${after}` : undefined };
}

function readPlace(cursor: string): [shard: number, after: string] {
  const [shard, after = ""] = cursor.split(" ");
  return [Number(shard), after];
}

function requestFor({ kind, id, since, until }: Job, subscription: string, log: string): DeliveryRequest {
  if (kind !== "span") return { subscription, log };
  return {
    subscription,
    log,
    replay: { id, ...(since !== undefined && { since }), ...(until !== undefined && { until }) },
  };
}
