/** The local run under load: how soon a webhook is in the log, how many are taken in a second, what each one asks of AWS. */
import { randomUUID } from "node:crypto";
import { setTimeout as sleep } from "node:timers/promises";
import { encodeCorrelation } from "../shared/domain/ids.ts";
import { KNOWN_FOR_MS } from "../shared/domain/subscription.ts";
import { startEndpoint } from "./endpoint.ts";
import { percentile } from "./numbers.ts";
import { messageOf, type Published, type Stack, startStack } from "./stack.ts";
import { type Scenario, type Usage, usageOf } from "./usage.ts";
import { PHONE_NUMBER_ID, receiptWebhook, SHORT_TEXT, textWebhook } from "./webhook-bodies.ts";

export interface Percentiles {
  p50: number;
  p95: number;
}

export interface LocalRunFigures {
  /** At a calm rate; ms from just before the POST. */
  calm: {
    webhooks: number;
    everyMs: number;
    /** Until the answer. */
    answered: Percentiles;
    /** Until the entry was written, by the time that the entry itself carries. */
    recorded: Percentiles;
    /** Until the event, read from the log, was on the bus. */
    published: Percentiles;
  };
  burst: {
    webhooks: number;
    connections: number;
    refused: number;
    acceptedPerSecond: number;
    /** From the first POST until all were on the bus, by count per second. */
    publishedPerSecond: number;
  };
  usages: Usage[];
}

const CUSTOMERS = 20;
const CALM = { webhooks: 60, everyMs: 250 };
const BURST = { webhooks: 450, connections: 32 };

/** @throws Error when a message got lost or a webhook of the calm part was refused */
export async function measureLocalRun(folder: string): Promise<LocalRunFigures> {
  const stack = await startStack(folder);
  try {
    const quiet = await measureUsages(stack);
    const calm = await measureCalm(stack);
    // Workers are started when they are first needed, and more of them where many are needed at the same time.
    await burst(stack, 100);
    const { scenario, ...figures } = await burst(stack, BURST.webhooks);
    // Last: a subscription costs something with every event.
    const delivery = await measureDelivery(stack);
    return { calm, burst: figures, usages: [...quiet, usageOf(scenario), delivery] };
  } finally {
    await stack.stop();
  }
}

const wamid = () => `wamid.HBgL${Buffer.from(randomUUID() + randomUUID()).toString("base64")}`.slice(0, 60);

const isAbout = (id: string) => (published: Published["envelope"]) => messageOf(published).providerMessageId === id;

/** A customer writes, and the message is on the bus before this resolves. */
async function write(stack: Stack, customer: number) {
  const id = wamid();
  const sentAt = { clock: Date.now(), monotonic: performance.now() };
  const status = await stack.webhook(textWebhook(customer, id, SHORT_TEXT, sentAt.clock));
  const answeredAt = performance.now();
  if (status !== 200) throw new Error(`A webhook was answered with ${status}`);
  const { envelope, at } = await stack.published(isAbout(id));
  return {
    answered: answeredAt - sentAt.monotonic,
    recorded: Math.max(0, Date.parse(envelope.data.times.recorded) - sentAt.clock),
    published: at - sentAt.monotonic,
  };
}

async function measureCalm(stack: Stack): Promise<LocalRunFigures["calm"]> {
  const { webhooks, everyMs } = CALM;
  const under: ReturnType<typeof write>[] = [];
  for (let number = 0; number < webhooks; number++) {
    under.push(write(stack, number % CUSTOMERS));
    await sleep(everyMs);
  }
  const times = await Promise.all(under);
  const spread = (pick: (time: (typeof times)[number]) => number) => {
    const values = times.map(pick);
    return { p50: percentile(values, 50), p95: percentile(values, 95) };
  };
  return {
    webhooks,
    everyMs,
    answered: spread(({ answered }) => answered),
    recorded: spread(({ recorded }) => recorded),
    published: spread(({ published }) => published),
  };
}

async function burst(stack: Stack, webhooks: number) {
  await stack.settled();
  const [calls, events] = [stack.calls.length, stack.events.length];
  const payloads = Array.from({ length: webhooks }, (_, number) => {
    const id = wamid();
    return { id, payload: textWebhook(number % CUSTOMERS, id, SHORT_TEXT, Date.now()) };
  });
  const queued = payloads[Symbol.iterator]();
  const accepted: string[] = [];
  const since = performance.now();
  const connection = async () => {
    for (const { id, payload } of queued) if ((await stack.webhook(payload)) === 200) accepted.push(id);
  };
  await Promise.all(Array.from({ length: BURST.connections }, connection));
  const tookMs = performance.now() - since;
  const published = await Promise.all(accepted.map((id) => stack.published(isAbout(id))));
  const lastAt = Math.max(...published.map(({ at }) => at));
  await stack.settled();
  const scenario: Scenario = {
    happening: "inbound text in a burst",
    count: accepted.length,
    calls: stack.calls.slice(calls),
    webhooks,
    apiRequests: 0,
    sends: 0,
    events: stack.events.length - events,
  };
  return {
    webhooks,
    connections: BURST.connections,
    refused: webhooks - accepted.length,
    acceptedPerSecond: (accepted.length * 1000) / tookMs,
    publishedPerSecond: (accepted.length * 1000) / (lastAt - since),
    scenario,
  };
}

/** Each kind of happening by itself, one after another, so that every queue hands out batches of one. */
async function measureUsages(stack: Stack): Promise<Usage[]> {
  const customers = Array.from({ length: CUSTOMERS }, (_, number) => number);
  async function each(
    happening: string,
    outside: Partial<Pick<Scenario, "webhooks" | "apiRequests" | "sends">>,
    act: (customer: number) => Promise<unknown>,
  ): Promise<Usage> {
    await stack.settled();
    const [calls, events] = [stack.calls.length, stack.events.length];
    for (const customer of customers) await act(customer);
    await stack.settled();
    const per = { webhooks: 0, apiRequests: 0, sends: 0, ...outside };
    return usageOf({
      happening,
      count: CUSTOMERS,
      calls: stack.calls.slice(calls),
      webhooks: per.webhooks * CUSTOMERS,
      apiRequests: per.apiRequests * CUSTOMERS,
      sends: per.sends * CUSTOMERS,
      events: stack.events.length - events,
    });
  }

  const first = await each("first message of a conversation", { webhooks: 1 }, (customer) => write(stack, customer));
  const inbound = await each("inbound text of 100 characters", { webhooks: 1 }, (customer) => write(stack, customer));
  const conversations = await openWindows(stack, customers);
  const replies: Reply[] = [];
  const reply = await each("reply, until it is sent", { apiRequests: 1, sends: 1 }, async (customer) => {
    replies.push(await answer(stack, conversations[customer] ?? ""));
  });
  const receipts = [];
  for (const status of ["delivered", "read"] as const) {
    receipts.push(
      await each(`receipt: ${status}`, { webhooks: 1 }, async (customer) => {
        await receipt(stack, customer, { reply: replies[customer], status });
        await stack.published(
          (event) => event.type === `message.${status}` && messageOf(event).id === replies[customer]?.message,
        );
      }),
    );
  }
  const known = await each("receipt that is known (sent)", { webhooks: 1 }, (customer) =>
    receipt(stack, customer, { reply: replies[customer], status: "sent" }),
  );
  return [first, inbound, reply, ...receipts, known];
}

/** What deliver-webhook alone asks for, until an event is at one endpoint and nothing more is to come. */
async function measureDelivery(stack: Stack): Promise<Usage> {
  const endpoint = await startEndpoint();
  try {
    await stack.post("/v1/subscriptions", { url: endpoint.url, filter: { types: ["message.received"] } });
    // By then every process has heard of it.
    await sleep(2 * KNOWN_FOR_MS);
    const oneFromEach = async () => {
      await stack.settled();
      const before = { calls: stack.calls.length, arrived: endpoint.arrived() };
      for (let customer = 0; customer < CUSTOMERS; customer++) {
        await write(stack, customer);
        await stack.settled();
      }
      return { calls: stack.calls.slice(before.calls), count: endpoint.arrived() - before.arrived };
    };
    // With the first event of a conversation a subscription looks for its place there.
    await oneFromEach();
    const { calls, count } = await oneFromEach();
    if (count !== CUSTOMERS) throw new Error(`${count} events were delivered of ${CUSTOMERS}`);
    return usageOf({
      happening: "event delivered to a webhook, by itself",
      count,
      calls: calls.filter(({ principal }) => principal === "recado-local-deliver-webhook"),
      webhooks: 0,
      apiRequests: 0,
      sends: count,
      events: 0,
    });
  } finally {
    endpoint.close();
  }
}

interface Reply {
  conversation: string;
  message: string;
  providerMessageId: string;
}

/**
 * Customers write through the simulated WhatsApp, which lets nobody answer who was not written to; and it is told to
 * keep its receipts to itself, because they are posted and counted one by one.
 * @returns a conversation per customer
 */
async function openWindows(stack: Stack, customers: readonly number[]): Promise<string[]> {
  const simulator = "/_simulators/graph/_simulator";
  await stack.post(`${simulator}/faults`, { kind: "drop_webhook", about: "receipt", times: 3 * customers.length });
  const conversations: string[] = [];
  for (const customer of customers) {
    const id = wamid();
    const element = { id, type: "text", text: { body: SHORT_TEXT } };
    await stack.post(`${simulator}/messages`, {
      phoneNumberId: PHONE_NUMBER_ID,
      from: `+3519100000${10 + customer}`,
      element,
    });
    const { envelope } = await stack.published(isAbout(id));
    conversations.push(envelope.subject);
  }
  return conversations;
}

async function answer(stack: Stack, conversation: string): Promise<Reply> {
  await stack.post(`/v1/conversations/${conversation}/messages`, { content: { type: "text", text: SHORT_TEXT } });
  const { envelope } = await stack.published(
    (event) => event.type === "message.sent" && event.subject === conversation,
  );
  const { id, providerMessageId } = messageOf(envelope);
  if (!id || !providerMessageId) throw new Error("A message was sent without ids");
  return { conversation, message: id, providerMessageId };
}

async function receipt(
  stack: Stack,
  customer: number,
  { reply, status }: { reply: Reply | undefined; status: "sent" | "delivered" | "read" },
): Promise<void> {
  if (!reply) throw new Error(`Customer ${customer} got no reply`);
  const { conversation, message, providerMessageId } = reply;
  const correlation = encodeCorrelation({ conversation, message, part: 0 });
  const taken = await stack.webhook(
    receiptWebhook(customer, { id: providerMessageId, status, correlation }, Date.now()),
  );
  if (taken !== 200) throw new Error(`A receipt was answered with ${taken}`);
}
