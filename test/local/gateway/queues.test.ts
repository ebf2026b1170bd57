import {
  ChangeMessageVisibilityBatchCommand,
  ChangeMessageVisibilityCommand,
  DeleteMessageCommand,
  GetQueueAttributesCommand,
  GetQueueUrlCommand,
  ListQueuesCommand,
  type Message,
  ReceiveMessageCommand,
  SendMessageCommand,
  SetQueueAttributesCommand,
} from "@aws-sdk/client-sqs";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { arn, startWorld, type World } from "./world.ts";

let world: World;
beforeAll(async () => {
  world = await startWorld();
});
afterAll(() => world.close());

const fifo = { FifoQueue: "true", VisibilityTimeout: "30" };

async function send(QueueUrl: string, MessageBody: string, MessageGroupId?: string) {
  const grouped = MessageGroupId && {
    MessageGroupId,
    MessageDeduplicationId: `${MessageGroupId}-${MessageBody.length}-${MessageBody.slice(0, 20)}`,
  };
  return world.admin.sqs.send(new SendMessageCommand({ QueueUrl, MessageBody, ...grouped }));
}

async function receive(QueueUrl: string, more: object = {}): Promise<Message[]> {
  const command = new ReceiveMessageCommand({
    QueueUrl,
    MaxNumberOfMessages: 10,
    MessageSystemAttributeNames: ["All"],
    ...more,
  });
  return (await world.admin.sqs.send(command)).Messages ?? [];
}

const bodies = (messages: Message[]) => messages.map(({ Body }) => Body);

describe("queue URLs", () => {
  it("lead back to the gateway, and names and ARNs are those of the stack's account", async () => {
    const url = await world.createQueue("addressed.fifo", fifo);
    expect(url).toBe(`${world.gateway.url}/123456789012/addressed.fifo`);
    const found = await world.admin.sqs.send(new GetQueueUrlCommand({ QueueName: "addressed.fifo" }));
    expect(found.QueueUrl).toBe(url);
    const { QueueUrls } = await world.admin.sqs.send(new ListQueuesCommand({ QueueNamePrefix: "addressed" }));
    expect(QueueUrls).toEqual([url]);
    const asked = new GetQueueAttributesCommand({ QueueUrl: url, AttributeNames: ["QueueArn"] });
    expect((await world.admin.sqs.send(asked)).Attributes?.QueueArn).toBe(arn("sqs", "addressed.fifo"));
  });

  it("stay the same when the queue is made again, and high throughput can be set again", async () => {
    const attributes = { ...fifo, DeduplicationScope: "messageGroup", FifoThroughputLimit: "perMessageGroupId" };
    const url = await world.createQueue("again.fifo", attributes);
    expect(await world.createQueue("again.fifo", attributes)).toBe(url);
    const { FifoQueue, ...Attributes } = attributes;
    await world.admin.sqs.send(new SetQueueAttributesCommand({ QueueUrl: url, Attributes }));
  });
});

describe("messages", () => {
  it("of a group come one at a time and in order, other groups beside them", async () => {
    const url = await world.createQueue("ordered.fifo", fifo);
    for (const [group, body] of [
      ["a", "a1"],
      ["a", "a2"],
      ["b", "b1"],
    ])
      await send(url, body ?? "", group);
    const first = await receive(url);
    expect(bodies(first)).toEqual(["a1", "b1"]);
    expect(await receive(url)).toEqual([]);
    await world.admin.sqs.send(new DeleteMessageCommand({ QueueUrl: url, ReceiptHandle: first[0]?.ReceiptHandle }));
    expect(bodies(await receive(url))).toEqual(["a2"]);
  });

  it("carry every character as ASCII JSON; as they are, emoji are refused, though AWS takes them", async () => {
    const url = await world.createQueue("characters");
    const ascii = JSON.stringify({ text: "Olá 😀" }).replace(
      /[^\x20-\x7e]/g,
      (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, "0")}`,
    );
    await send(url, ascii);
    expect(JSON.parse((await receive(url))[0]?.Body ?? "")).toEqual({ text: "Olá 😀" });
    await expect(send(url, "😀")).rejects.toThrow("Invalid characters found");
  });

  it("are back at once, and in order, when their visibility is set to 0", async () => {
    const url = await world.createQueue("visible.fifo", fifo);
    await send(url, "1", "g");
    await send(url, "2", "g");
    const setVisible = async (VisibilityTimeout: number) => {
      const [message] = await receive(url);
      await world.admin.sqs.send(
        new ChangeMessageVisibilityCommand({ QueueUrl: url, ReceiptHandle: message?.ReceiptHandle, VisibilityTimeout }),
      );
      return message;
    };
    expect((await setVisible(0))?.Body).toBe("1");
    const again = await setVisible(0);
    expect(again).toMatchObject({ Body: "1", Attributes: { ApproximateReceiveCount: "2" } });
    const [third] = await receive(url);
    const Entries = [{ Id: "a", ReceiptHandle: third?.ReceiptHandle, VisibilityTimeout: 0 }];
    const batch = await world.admin.sqs.send(new ChangeMessageVisibilityBatchCommand({ QueueUrl: url, Entries }));
    expect(batch.Successful).toHaveLength(1);
    expect(bodies(await receive(url))).toEqual(["1"]);
  });

  it("go to the dead-letter queue after maxReceiveCount, and the group goes on", async () => {
    const dead = await world.createQueue("dead.fifo", fifo);
    const RedrivePolicy = JSON.stringify({ deadLetterTargetArn: arn("sqs", "dead.fifo"), maxReceiveCount: 2 });
    const url = await world.createQueue("failing.fifo", { ...fifo, RedrivePolicy });
    const asked = new GetQueueAttributesCommand({ QueueUrl: url, AttributeNames: ["RedrivePolicy"] });
    expect((await world.admin.sqs.send(asked)).Attributes).toEqual({ RedrivePolicy });
    await send(url, "poison", "g");
    await send(url, "next", "g");
    const received: (string | undefined)[] = [];
    for (let time = 1; time <= 3; time += 1) received.push(...bodies(await receive(url, { VisibilityTimeout: 0 })));
    expect(received).toEqual(["poison", "poison", "next"]);
    expect(bodies(await receive(dead))).toEqual(["poison"]);
  });

  it("sent twice within five minutes come once", async () => {
    const url = await world.createQueue("once.fifo", fifo);
    const first = await send(url, "x", "g");
    expect(await send(url, "x", "g")).toMatchObject({ MessageId: first.MessageId });
    expect(await receive(url)).toHaveLength(1);
  });

  it.each([
    ["queue", 1],
    ["messageGroup", 2],
  ])("are told apart by id within the %s, whose id the receiver sees", async (DeduplicationScope, count) => {
    const url = await world.createQueue(`by-${DeduplicationScope}.fifo`, { ...fifo, DeduplicationScope });
    for (const MessageGroupId of ["a", "b"]) {
      const ids = { MessageGroupId, MessageDeduplicationId: "same" };
      await world.admin.sqs.send(new SendMessageCommand({ QueueUrl: url, MessageBody: "x", ...ids }));
    }
    const received = await receive(url);
    expect(received.map(({ Attributes }) => Attributes?.MessageDeduplicationId)).toEqual(Array(count).fill("same"));
  });

  it("handed to a caller that hung up are given to the next one", async () => {
    const url = await world.createQueue("abandoned");
    const hungUp = new AbortController();
    const waiting = world.admin.sqs.send(new ReceiveMessageCommand({ QueueUrl: url, WaitTimeSeconds: 20 }), {
      abortSignal: hungUp.signal,
    });
    const gone = expect(waiting).rejects.toMatchObject({ name: "AbortError" });
    // The poll must have reached the queue before its caller hangs up.
    await receive(url);
    hungUp.abort();
    await gone;
    await send(url, "for anybody");
    expect(bodies(await receive(url, { WaitTimeSeconds: 20 }))).toEqual(["for anybody"]);
  });

  it("that a caller waits for do not hold up the end", async () => {
    const ending = await startWorld();
    const QueueUrl = await ending.createQueue("waited-for");
    const command = new ReceiveMessageCommand({ QueueUrl, WaitTimeSeconds: 20 });
    const waiting = ending.admin.sqs.send(command).catch(() => undefined);
    await ending.admin.sqs.send(new ReceiveMessageCommand({ QueueUrl }));
    await ending.close();
    await waiting;
  }, 10_000);
});
