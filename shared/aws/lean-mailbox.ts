/** The mailbox and the bucket as the receiver reaches them: by signed calls, without the SDK. */
import { setTimeout as sleep } from "node:timers/promises";
import type { MailboxItem } from "../domain/mailbox.ts";
import { address, asciiJson, LARGEST_BODY } from "../domain/mailbox-rules.ts";
import type { Clock, Mailbox, Objects } from "../ports.ts";
import { type QueueEntry, sendInGroupOrder } from "./group-order.ts";
import type { LeanClient } from "./lean-client.ts";

const FIRST_WAIT_MS = 50;

/**
 * For five minutes SQS throws away what has the deduplication id of something that it accepted. So within that time
 * nothing is sent twice from here: a webhook too large for one invocation goes on at its repetition where it ended.
 */
const REMEMBERED_MS = 4 * 60_000;
const MOST_REMEMBERED = 10_000;

/** Resolves when every item is durably queued. @throws WorldFault when that cannot be said; what was queued stays so */
export function createLeanMailbox(
  client: LeanClient,
  queueUrl: string,
  objects: Pick<Objects, "put">,
  clock: Clock = Date,
): Mailbox {
  /** When each deduplication id was accepted, the oldest first. */
  const accepted = new Map<string, number>();

  function isAccepted(id: string): boolean {
    return (accepted.get(id) ?? Number.NEGATIVE_INFINITY) > clock.now() - REMEMBERED_MS;
  }

  function remember(id: string, at: number): void {
    accepted.delete(id);
    accepted.set(id, at);
    const [oldest = id] = accepted.keys();
    if (accepted.size > MOST_REMEMBERED) accepted.delete(oldest);
  }

  return {
    async deliver(items) {
      const entries: QueueEntry[] = [];
      for (const item of items) {
        if (!isAccepted(address(item).deduplicationId)) entries.push(await entryOf(item, objects));
      }
      await sendInGroupOrder(entries, {
        async send(batch) {
          const askedAt = clock.now();
          const refused = await sendBatch(client, queueUrl, batch);
          for (const [position, { deduplicationId }] of batch.entries()) {
            if (!refused.has(position)) remember(deduplicationId, askedAt);
          }
          return refused;
        },
        wait: (refusals) => sleep(Math.random() * FIRST_WAIT_MS * 2 ** refusals),
      });
    },
  };
}

async function entryOf(item: MailboxItem, objects: Pick<Objects, "put">): Promise<QueueEntry> {
  const body = asciiJson(item);
  if (body.length <= LARGEST_BODY) return { ...address(item), body };
  const reference = `mailbox/${item.key}-${item.token}`;
  await objects.put(reference, body, "application/json");
  return { ...address(item), body: asciiJson({ reference }) };
}

async function sendBatch(
  client: LeanClient,
  queueUrl: string,
  batch: readonly QueueEntry[],
): Promise<ReadonlySet<number>> {
  const Entries = batch.map(({ group, deduplicationId, body }, position) => ({
    Id: String(position),
    MessageBody: body,
    MessageGroupId: group,
    MessageDeduplicationId: deduplicationId,
  }));
  const answer = await client({
    service: "sqs",
    method: "POST",
    path: "/",
    headers: { "content-type": "application/x-amz-json-1.0", "x-amz-target": "AmazonSQS.SendMessageBatch" },
    body: JSON.stringify({ QueueUrl: queueUrl, Entries }),
  });
  const { Successful = [] } = JSON.parse(answer) as { Successful?: { Id: string }[] };
  const accepted = new Set(Successful.map(({ Id }) => Number(Id)));
  return new Set([...batch.keys()].filter((position) => !accepted.has(position)));
}

export function createLeanObjects(client: LeanClient, bucket: string): Pick<Objects, "put"> {
  return {
    async put(key, body, contentType) {
      const headers = { "content-type": contentType };
      await client({ service: "s3", method: "PUT", path: `/${bucket}/${key}`, headers, body });
    },
  };
}
