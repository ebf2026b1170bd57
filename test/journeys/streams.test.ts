/** Events for developers inside AWS, and the feed for those who were away: from customers' phones to the end. */
import { SNSClient, SubscribeCommand } from "@aws-sdk/client-sns";
import { CreateQueueCommand, DeleteMessageCommand, ReceiveMessageCommand } from "@aws-sdk/client-sqs";
import { afterAll, describe, expect, it, vi } from "vitest";
import { createRecado } from "../../shared/client/client.ts";
import { advance, type Entry } from "../../shared/domain/conversation-log.ts";
import { Envelope } from "../../shared/domain/envelope.ts";
import { SMS_NUMBER, SOON, startStack } from "./stack.ts";

const stack = await startStack({ streams: { topic: true } });
afterAll(() => stack.stop());
const { gateway, outputs } = stack.local;
const TopicArn = outputs.EventTopicArn ?? "";
const sns = new SNSClient(gateway.clients(stack.administrator));

/** A developer's FIFO queue behind the topic. */
async function subscribed(name: string, attributes: Record<string, string> = {}): Promise<string> {
  const Attributes = { FifoQueue: "true" };
  const { QueueUrl = "" } = await stack.sqs.send(new CreateQueueCommand({ QueueName: `${name}.fifo`, Attributes }));
  const Endpoint = TopicArn.replace(":sns:", ":sqs:").replace(/[^:]+$/, `${name}.fifo`);
  const Condition = { ArnEquals: { "aws:SourceArn": TopicArn } };
  const Principal = { Service: "sns.amazonaws.com" };
  const Statement = [{ Effect: "Allow", Principal, Action: "sqs:SendMessage", Resource: Endpoint, Condition }];
  gateway.setResourcePolicy(Endpoint, { Statement });
  const raw = { RawMessageDelivery: "true", ...attributes };
  await sns.send(new SubscribeCommand({ TopicArn, Protocol: "sqs", Endpoint, Attributes: raw }));
  return QueueUrl;
}

/** Takes what lies in the queue, until there are so many. */
async function received(QueueUrl: string, count: number): Promise<Envelope[]> {
  const events: Envelope[] = [];
  await vi.waitFor(
    async () => {
      const { Messages = [] } = await stack.sqs.send(new ReceiveMessageCommand({ QueueUrl, MaxNumberOfMessages: 10 }));
      for (const { Body = "", ReceiptHandle } of Messages) {
        events.push(Envelope.parse(JSON.parse(Body)));
        await stack.sqs.send(new DeleteMessageCommand({ QueueUrl, ReceiptHandle }));
      }
      expect(events.length).toBeGreaterThanOrEqual(count);
    },
    { ...SOON, interval: 1 },
  );
  return events;
}

const perLog = (events: readonly Envelope[]) => Object.fromEntries(Map.groupBy(events, ({ subject }) => subject));

describe("a FIFO queue behind the topic", () => {
  it("gets every event of every conversation once and in order, and with a filter those that it asked for", async () => {
    const everything = await subscribed("everything");
    const messages = await subscribed("messages", { FilterPolicy: '{"type":["message.received"],"channel":["sms"]}' });
    const others = await subscribed("others", { FilterPolicy: '{"channel":["whatsapp"]}' });
    const customers = ["+15558100001", "+15558100002", "+15558100003"];
    for (const text of ["1", "2 😀", "3", "4"])
      await Promise.all(customers.map((from) => stack.twilio.write({ to: SMS_NUMBER, from, text })));
    const conversations = await Promise.all(customers.map((from) => stack.conversationWith(from)));
    await stack.send(conversations[0] ?? "", "Bom dia");
    await stack.settled();
    const logs = await Promise.all(conversations.map((conversation) => stack.events(conversation)));

    const all = perLog(await received(everything, logs.flat().length));
    expect(all).toEqual(perLog(logs.flat()));
    const written = logs.flat().filter(({ type }) => type === "message.received");
    expect(perLog(await received(messages, written.length))).toEqual(perLog(written));
    const { Messages } = await stack.sqs.send(new ReceiveMessageCommand({ QueueUrl: others }));
    expect(Messages ?? []).toEqual([]);
    // Beside the bus, which has the same.
    const onBus = stack.published.filter(({ subject }) => conversations.includes(subject));
    expect(new Set(onBus.map(({ id }) => id))).toEqual(new Set(logs.flat().map(({ id }) => id)));
  });
});

/** A conversation that began an hour ago, with an event every minute. */
async function began(conversation: string, events: number): Promise<void> {
  const place = { account: "sms", channel: "sms", address: "+15558200001" } as const;
  let newest: Entry | undefined;
  for (let number = 1; number <= events; number++) {
    const recorded = Date.now() - 60 * 60_000 + number * 60_000;
    const message = { id: `msg_${number}`, direction: "inbound", author: { type: "contact" } };
    const arrival = { key: `${conversation}.${number}`, token: "t", type: "message.received" as const, ...place };
    newest = advance(newest?.after, {
      ...arrival,
      ...{ contact: "con_1", at: { received: recorded, recorded } },
      data: { message: { ...message, content: { type: "text", text: String(number) } } },
    });
    await stack.table.put(conversation, newest);
  }
  const lastActivityAt = newest?.after.summarised ?? 0;
  const about = { contact: "con_1", status: "open" as const, lastActivityAt, sequence: events };
  await stack.table.putSummary({ conversation, ...place, ...about });
}

it("the client catches up with what happened while it was away, each event once and in order", async () => {
  const conversations = ["a", "b"].map((letter) => `conv_${letter.repeat(22)}`);
  for (const conversation of conversations) await began(conversation, 15);
  const stop = new AbortController();
  const since = new Date(Date.now() - 50 * 60_000);
  const recado = createRecado({ url: stack.url, key: "local-api-key" });
  const told: Envelope[] = [];
  for await (const event of recado.events({ since, signal: stop.signal })) {
    if (told.push(event) === 10) stop.abort();
  }
  const numbers = (conversation: string) =>
    told.filter(({ subject }) => subject === conversation).map(({ sequence }) => Number(sequence));
  expect(conversations.map(numbers)).toEqual([
    [11, 12, 13, 14, 15],
    [11, 12, 13, 14, 15],
  ]);
});
