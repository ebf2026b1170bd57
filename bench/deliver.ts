/**
 * How many events one core delivers in a second: the code of `functions/deliver-webhook`, from the doorbell to the
 * endpoint's answer, over real connections to a server on this machine; the table and the queue are in memory. Beside it
 * what no sender of webhooks can do without: the same bodies, signed and posted.
 */
import { randomBytes } from "node:crypto";
import { Agent, request } from "node:http";
import { deliverWebhook } from "../functions/deliver-webhook/deliver-webhook.ts";
import { KnownSubscriptions } from "../functions/deliver-webhook/known-subscriptions.ts";
import type { Ports } from "../functions/deliver-webhook/ports.ts";
import { advance } from "../shared/domain/conversation-log.ts";
import { toEnvelope } from "../shared/domain/envelope.ts";
import type { DeliveryRequest } from "../shared/domain/mailbox.ts";
import { webhookSecret } from "../shared/domain/webhook-secret.ts";
import { createPostWebhook } from "../shared/http/post-webhook.ts";
import { signatureHeaders } from "../shared/http/standard-webhooks.ts";
import { MemorySubscriptions } from "../test/fakes/memory-subscriptions.ts";
import { MemoryTable } from "../test/fakes/memory-table.ts";
import { MemoryMailbox } from "../test/fakes/world.ts";
import { type Endpoint, startEndpoint } from "./endpoint.ts";
import { median } from "./numbers.ts";
import { SHORT_TEXT } from "./webhook-bodies.ts";

export interface DeliverFigures {
  /** Of one round, each in a conversation of its own: the dearest case. */
  events: number;
  atOnce: number;
  /** Of the body that is posted. */
  bytes: number;
  /** Events per second of processor time, the endpoint's own included; median of the rounds. */
  oursPerSecond: number;
  barePerSecond: number;
  /** `oursPerSecond` / `barePerSecond`, median of the rounds. */
  ratio: number;
}

const EVENTS = 500;
const AT_ONCE = 16;
const ROUNDS = 7;
const ID_SECRET = "bench";
const SUBSCRIPTION = "sub_bench";
const SALT = "AAAA";

/** @throws Error when an event got lost or came twice: then the figures would mean nothing */
export async function measureDeliver(): Promise<DeliverFigures> {
  const endpoint = await startEndpoint();
  const rounds: { ours: number; bare: number }[] = [];
  try {
    // The first rounds are for the compiler.
    for (let round = -3; round < ROUNDS; round++) {
      const world = startWorld(endpoint.url);
      const ours = await perSecond(endpoint, world.logs, world.deliver);
      const bare = await perSecond(endpoint, world.bodies, (body, number) => post(endpoint.url, body, number));
      if (round >= 0) rounds.push({ ours, bare });
    }
    const [body = ""] = startWorld(endpoint.url).bodies;
    return {
      events: EVENTS,
      atOnce: AT_ONCE,
      bytes: Buffer.byteLength(body),
      oursPerSecond: median(rounds.map(({ ours }) => ours)),
      barePerSecond: median(rounds.map(({ bare }) => bare)),
      ratio: median(rounds.map(({ ours, bare }) => ours / bare)),
    };
  } finally {
    endpoint.close();
  }
}

async function perSecond(
  endpoint: Endpoint,
  items: readonly string[],
  act: (item: string, number: number) => Promise<void>,
): Promise<number> {
  const arrivedBefore = endpoint.arrived();
  const before = process.cpuUsage();
  const queued = items.entries();
  const oneByOne = async () => {
    for (const [number, item] of queued) await act(item, number);
  };
  await Promise.all(Array.from({ length: AT_ONCE }, oneByOne));
  const { user, system } = process.cpuUsage(before);
  const arrived = endpoint.arrived() - arrivedBefore;
  if (arrived !== items.length) throw new Error(`${arrived} events arrived of ${items.length}`);
  return items.length / ((user + system) / 1e6);
}

/** One subscription, and conversations in which a customer has just written. */
function startWorld(url: string) {
  const table = new MemoryTable();
  const subscriptions = new MemorySubscriptions();
  const clock = { now: Date.now };
  const now = clock.now();
  const rung = new Map<string, DeliveryRequest>();
  subscriptions.putSubscription({
    id: SUBSCRIPTION,
    version: 1,
    url,
    filters: [{ from: now - 1, filter: {} }],
    secrets: [{ salt: SALT, createdAt: now }],
    createdAt: now,
    enabledAt: now,
  });
  const ports: Ports = {
    table,
    subscriptions,
    known: new KnownSubscriptions({ table: subscriptions, clock }),
    bells: {
      async ringDelivery(delivery) {
        rung.set(delivery.log, delivery);
      },
    },
    mailbox: new MemoryMailbox(),
    post: createPostWebhook({ reachesThisMachine: true }),
    clock,
    random: randomBytes,
    idSecret: async () => ID_SECRET,
    epoch: 1,
  };
  const logs = Array.from({ length: EVENTS }, (_, number) => `conv_${String(number).padStart(22, "0")}`);
  const bodies = logs.map((log) => {
    const entry = received(log, now);
    table.logs.set(log, [entry]);
    return JSON.stringify(toEnvelope(log, 1, entry));
  });
  return {
    logs,
    bodies,
    /** Both invocations: that of the doorbell, and that of the delivery which it asks for. */
    async deliver(log: string): Promise<void> {
      await deliverWebhook({ log, sequence: 1 }, ports);
      const next = await deliverWebhook(rung.get(log), ports);
      if (next.kind !== "done") throw new Error(`A delivery ended as ${next.kind}`);
    },
  };
}

function received(log: string, now: number) {
  const message = {
    id: `msg_${log}`,
    direction: "inbound",
    author: { type: "contact" },
    content: { type: "text", text: SHORT_TEXT },
    providerMessageId: `wamid.${log}`,
  };
  const about = { type: "message.received" as const, account: "whatsapp", channel: "whatsapp" as const };
  const whose = { address: "BR.4410000000000000", contact: `con_${log}` };
  return advance(undefined, {
    ...{ key: `key_${log}`, token: "token", ...about, ...whose },
    at: { provider: now, received: now, recorded: now },
    data: { message },
  });
}

/** Connections are not kept on either side: ours are not, so that an address is judged for each. */
const agent = new Agent({ keepAlive: false });

function post(url: string, body: string, number: number): Promise<void> {
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  const id = `evt_${number}`;
  const signed = signatureHeaders({ id, now: Date.now(), body }, [webhookSecret(ID_SECRET, SUBSCRIPTION, SALT)]);
  const headers = { "content-type": "application/json", "content-length": Buffer.byteLength(body), ...signed };
  const outgoing = request(url, { method: "POST", headers, agent }, (answer) => {
    answer.on("end", resolve);
    answer.resume();
  });
  outgoing.on("error", reject);
  outgoing.end(body);
  return promise;
}
