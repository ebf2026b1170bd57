/**
 * Subscriptions over time: the logs, the queue of deliver-webhook with its groups and waits, the schedule that rings
 * every minute, and endpoints that answer as a test says. Time is played, so that three days pass in a moment.
 */
import { createHash } from "node:crypto";
import { deliverWebhook } from "../../functions/deliver-webhook/deliver-webhook.ts";
import { KnownSubscriptions } from "../../functions/deliver-webhook/known-subscriptions.ts";
import type { Ports } from "../../functions/deliver-webhook/ports.ts";
import { tendWebhooks } from "../../functions/tend-webhooks/tend-webhooks.ts";
import { advance, type Entry } from "../../shared/domain/conversation-log.ts";
import type { Envelope } from "../../shared/domain/envelope.ts";
import type { EventType } from "../../shared/domain/event.ts";
import { DeliveryRequest } from "../../shared/domain/mailbox.ts";
import type { Filter, Subscription } from "../../shared/domain/subscription.ts";
import { type WebhookAnswer, WorldFault } from "../../shared/ports.ts";
import { Faults } from "./faults.ts";
import { MemorySubscriptions } from "./memory-subscriptions.ts";
import { MemoryTable } from "./memory-table.ts";
import { MemoryMailbox, PlayedClock } from "./world.ts";

export const MINUTE = 60_000;
export const HOUR = 60 * MINUTE;
export const START = 1_795_000_000_000;
export const ID_SECRET = "secret";

interface Message {
  body: object;
  group: string;
  visibleAt: number;
  received: number;
}

interface Arrived {
  at: number;
  subscription: string;
  event: Envelope;
  headers: Readonly<Record<string, string>>;
  keys: readonly string[];
}

export type Endpoint = (arrived: Arrived, count: number) => Partial<WebhookAnswer> | undefined;

/** @param faults of each invocation in turn; none where it gives none */
export function webhookWorld({ faults: faultsOf = () => new Faults() }: { faults?: () => Faults } = {}) {
  const table = new MemoryTable();
  const subscriptions = new MemorySubscriptions();
  const mailbox = new MemoryMailbox();
  const clock = new PlayedClock(START);
  const queue: Message[] = [];
  const seen = new Set<string>();
  const arrived: Arrived[] = [];
  const endpoints = new Map<string, Endpoint>();
  let drawn = 0;
  let nextTending = START + MINUTE;

  const bells = {
    async ringDelivery(request: DeliveryRequest, deduplicationId: string) {
      const group = `${request.subscription}.${request.log}`;
      const known = `${group} ${deduplicationId} ${Math.floor(clock.time / (5 * MINUTE))}`;
      if (seen.has(known)) return;
      seen.add(known);
      queue.push({ body: DeliveryRequest.parse(request), group, visibleAt: clock.time, received: 0 });
    },
  };
  const random = (bytes: number) => createHash("sha256").update(String(drawn++)).digest().subarray(0, bytes);
  const post: Ports["post"] = async ({ url, body, keys, headers = {} }) => {
    const subscription = [...subscriptions.kept.values()].find((one) => one.url === url)?.id ?? "";
    const one = { at: clock.time, subscription, event: JSON.parse(body), headers, keys };
    arrived.push(one);
    const count = arrived.filter((other) => other.subscription === subscription).length;
    const answer = endpoints.get(subscription)?.(one, count) ?? { status: 204 };
    return { durationMs: 5, ...answer };
  };
  const known = () => new KnownSubscriptions({ table: subscriptions, clock });
  // One process for all, as on a warm function; a crash begins a new one.
  let process = known();

  function portsOf(faults: Faults): Ports {
    return {
      table: faults.on(table),
      subscriptions: faults.on(subscriptions),
      known: process,
      bells: faults.on(bells),
      mailbox: faults.on(mailbox),
      post: faults.call(post),
      clock,
      random,
      idSecret: async () => ID_SECRET,
      epoch: 1,
    };
  }

  async function invoke(message: Message): Promise<void> {
    const faults = faultsOf();
    message.received += 1;
    const back = (ms: number) => {
      for (const other of queue) {
        // The rest of a group waits with its first.
        if (other === message || (other.group === message.group && other.visibleAt < clock.time + ms))
          other.visibleAt = Math.max(other.visibleAt, clock.time + ms);
      }
    };
    try {
      const next = await faults.invocation(() => deliverWebhook(structuredClone(message.body), portsOf(faults)));
      if (next === "crashed") {
        process = known();
        return back(6 * MINUTE);
      }
      if (next.kind === "done") queue.splice(queue.indexOf(message), 1);
      else back(Math.ceil(next.afterSeconds) * 1000);
    } catch (cause) {
      if (!(cause instanceof WorldFault) && !(cause instanceof TypeError && cause.message === "planned")) throw cause;
      back(5_000);
    }
  }

  /** The first of each group that is visible now. */
  function visible(): Message[] {
    const groups = Map.groupBy(queue, ({ group }) => group);
    return [...groups.values()].flatMap(([first]) => (first && first.visibleAt <= clock.time ? [first] : []));
  }

  /** Plays until nothing is under way any more and `ms` are over. */
  async function pass(ms: number): Promise<void> {
    const end = clock.time + ms;
    for (let turns = 0; turns < 1_000_000; turns++) {
      const [next] = visible();
      if (next) {
        await invoke(next);
        continue;
      }
      const soonest = Math.min(nextTending, ...queue.map(({ visibleAt }) => Math.max(visibleAt, clock.time + 1)));
      if (soonest > end) {
        clock.time = end;
        return;
      }
      clock.time = soonest;
      if (soonest === nextTending) {
        nextTending += MINUTE;
        const jobs = { table, subscriptions, bells, accounts: ["whatsapp"], clock, remaining: () => 60_000 };
        await tendWebhooks(jobs);
      }
    }
    throw new Error("The queue does not run empty");
  }

  let written = 0;
  function write(log: string, text: string, more: { type?: EventType; account?: string; ring?: boolean } = {}): Entry {
    const { type = "message.received", account = "whatsapp", ring = true } = more;
    const entries = table.logs.get(log) ?? [];
    const key = `key${++written}`;
    const message = {
      id: `msg_${written}`,
      direction: "inbound",
      author: { type: "contact" },
      content: { type: "text", text },
    };
    const at = { received: clock.time, recorded: clock.time };
    const data = type === "message.received" ? { message } : { message: { id: message.id } };
    const entry = advance(entries.at(-1)?.after, {
      ...{ key, token: "t", type, account, channel: "whatsapp" as const, address: "1", contact: "con_1", at, data },
    });
    table.logs.set(log, [...entries, entry]);
    const about = { account, channel: "whatsapp" as const, address: "1", contact: "con_1", status: "open" as const };
    table.summaries.set(log, { conversation: log, ...about, lastActivityAt: clock.time, sequence: entry.sequence });
    if (ring) queue.push({ body: { log, sequence: entry.sequence }, group: log, visibleAt: clock.time, received: 0 });
    return entry;
  }

  async function subscribe(id: string, filter: Filter = {}, endpoint?: Endpoint): Promise<Subscription> {
    const times = { createdAt: clock.time, enabledAt: clock.time };
    const filters = [{ from: clock.time, filter }];
    const secrets = [{ salt: "AAAA", createdAt: clock.time }];
    const subscription = { id, version: 1, url: `https://${id}.example/`, filters, secrets, ...times };
    await subscriptions.putSubscription(subscription);
    if (endpoint) endpoints.set(id, endpoint);
    return subscription;
  }

  /** As the API does it. */
  async function change(id: string, changes: (before: Subscription) => Partial<Subscription>): Promise<void> {
    const before = subscriptions.kept.get(id);
    if (!before) throw new Error(`There is no ${id}`);
    await subscriptions.putSubscription({ ...before, ...changes(before), version: before.version + 1 });
  }

  return {
    table,
    subscriptions,
    mailbox,
    clock,
    queue,
    arrived,
    endpoints,
    bells,
    pass,
    write,
    subscribe,
    change,
    /** What one subscription has got, by log: first arrivals in their order. */
    got(id: string, log?: string): number[] {
      const own = arrived.filter(({ subscription, event }) => subscription === id && (!log || event.subject === log));
      return own.map(({ event }) => Number(event.sequence));
    },
    attempts: (id: string) => subscriptions.made.filter(({ subscription }) => subscription === id),
  };
}
