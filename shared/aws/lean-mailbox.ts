/** The mailbox and the bucket as the receiver reaches them: by signed calls, without the SDK. */
import { setTimeout as sleep } from "node:timers/promises";
import type { MailboxItem } from "../domain/mailbox.ts";
import { address, asciiJson, LARGEST_BODY } from "../domain/mailbox-rules.ts";
import type { Mailbox, Objects } from "../ports.ts";
import { type QueueEntry, sendInGroupOrder } from "./group-order.ts";
import type { LeanClient } from "./lean-client.ts";

const FIRST_WAIT_MS = 50;

/** Resolves when every item is durably queued. @throws WorldFault when that cannot be said; what was queued stays so */
export function createLeanMailbox(client: LeanClient, queueUrl: string, objects: Pick<Objects, "put">): Mailbox {
  return {
    async deliver(items) {
      const entries: QueueEntry[] = [];
      for (const item of items) entries.push(await entryOf(item, objects));
      await sendInGroupOrder(entries, {
        send: (batch) => sendBatch(client, queueUrl, batch),
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
