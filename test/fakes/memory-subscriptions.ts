/** The ports of subscriptions in memory. One instance plays all of them, as one table does. */
import type {
  Attempt,
  Delivery,
  Health,
  Job,
  KnownSubscription,
  Subscription,
} from "../../shared/domain/subscription.ts";
import type {
  Attempts,
  Deliveries,
  DueDeliveries,
  EndpointHealth,
  Jobs,
  MissedEvents,
  Slots,
  Subscriptions,
} from "../../shared/ports.ts";

export class MemorySubscriptions
  implements Subscriptions, EndpointHealth, Jobs, Deliveries, DueDeliveries, MissedEvents, Slots, Attempts
{
  readonly kept = new Map<string, Subscription>();
  /** Of those that were removed too. */
  readonly #versions = new Map<string, number>();
  readonly healths = new Map<string, Health>();
  readonly jobs = new Map<string, Job>();
  readonly deliveries = new Map<string, Delivery>();
  readonly missing = new Map<string, { log: string; sequence: number }>();
  readonly slots = new Map<string, { holder: string; until: number }>();
  readonly made: (Attempt & { subscription: string })[] = [];
  /** How often all of them were read. */
  reads = 0;

  async subscriptions() {
    this.reads += 1;
    return [...this.kept.keys()].sort().flatMap((id) => this.#known(id) ?? []);
  }
  async subscription(id: string) {
    return this.#known(id);
  }
  async putSubscription(subscription: Subscription) {
    if ((this.#versions.get(subscription.id) ?? 0) !== subscription.version - 1) return false;
    this.#versions.set(subscription.id, subscription.version);
    this.kept.set(subscription.id, structuredClone(subscription));
    return true;
  }
  async deleteSubscription(id: string, version: number) {
    if (this.#versions.get(id) !== version - 1) return false;
    this.#versions.set(id, version);
    return this.kept.delete(id);
  }
  async noteHealth(id: string, health: { [Name in keyof Health]?: number | null }) {
    const next = { ...this.healths.get(id), ...health };
    this.healths.set(id, Object.fromEntries(Object.entries(next).filter(([, value]) => value !== null)));
  }
  async putJob(id: string, job: Job) {
    this.jobs.set(`${id} ${job.kind}`, structuredClone(job));
  }
  async moveJob(id: string, job: Job) {
    const known = this.jobs.get(`${id} ${job.kind}`);
    if (known?.id !== job.id || known.isCancelled) return false;
    await this.putJob(id, job);
    return true;
  }

  async delivery(id: string, log: string) {
    return structuredClone(this.deliveries.get(`${id} ${log}`));
  }
  async putDelivery(id: string, log: string, delivery: Delivery) {
    if ((this.deliveries.get(`${id} ${log}`)?.version ?? 0) !== delivery.version - 1) return false;
    this.deliveries.set(`${id} ${log}`, structuredClone(delivery));
    return true;
  }
  async due(id: string, { until, limit, cursor = "" }: { until: number; limit: number; cursor?: string | undefined }) {
    return [...this.deliveries]
      .flatMap(([key, { dueAt }]) => {
        const [subscription, log = ""] = key.split(" ");
        if (subscription !== id || dueAt === undefined || dueAt > until) return [];
        return [{ log, cursor: `${String(dueAt).padStart(13, "0")}#${log}` }];
      })
      .filter((row) => row.cursor > cursor)
      .sort((a, b) => (a.cursor < b.cursor ? -1 : 1))
      .slice(0, limit);
  }

  async noteMissed(id: string, log: string, sequence: number) {
    this.missing.set(`${id} ${log} ${sequence}`, { log, sequence });
  }
  async takeMissed(id: string, log: string, sequence: number) {
    this.missing.delete(`${id} ${log} ${sequence}`);
  }
  async missed(id: string, { limit, cursor = "" }: { limit: number; cursor?: string | undefined }) {
    const rows = [...this.missing].flatMap(([key, row]) => (key.startsWith(`${id} `) ? [{ ...row, cursor: key }] : []));
    return rows
      .filter((row) => row.cursor > cursor)
      .sort((a, b) => (a.cursor < b.cursor ? -1 : 1))
      .slice(0, limit);
  }

  async takeSlot(id: string, slot: number, holder: string, now: number, until: number) {
    const held = this.slots.get(`${id} ${slot}`);
    if (held && held.until >= now && held.holder !== holder) return false;
    this.slots.set(`${id} ${slot}`, { holder, until });
    return true;
  }
  async freeSlot(id: string, slot: number, holder: string) {
    if (this.slots.get(`${id} ${slot}`)?.holder === holder) this.slots.delete(`${id} ${slot}`);
  }

  async noteAttempt(subscription: string, attempt: Attempt) {
    this.made.push({ ...structuredClone(attempt), subscription });
  }
  async attempts(id: string, { limit, cursor }: { limit: number; cursor?: string }) {
    const newestFirst = this.made.filter(({ subscription }) => subscription === id).toReversed();
    const start = Number(cursor ?? 0);
    const attempts = newestFirst.slice(start, start + limit).map(({ subscription: _, ...attempt }) => attempt);
    return { attempts, ...(newestFirst.length > start + limit && { nextCursor: String(start + limit) }) };
  }

  #known(id: string): KnownSubscription | undefined {
    const subscription = this.kept.get(id);
    const jobs = [...this.jobs].flatMap(([key, job]) => (key.startsWith(`${id} `) ? [job] : []));
    return subscription && structuredClone({ subscription, health: this.healths.get(id) ?? {}, jobs });
  }
}
