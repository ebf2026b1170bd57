/** The mailbox and the bucket as the receiver reaches them: by signed calls, without the SDK. */
import { createHash } from "node:crypto";
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
      for (const pack of packed(items)) entries.push(await entryOf(pack, objects));
      await createLeanQueue(client, queueUrl)(entries);
    },
  };
}

/** Onto a FIFO queue, in order within a group. @throws WorldFault when not all of it is certainly queued */
export function createLeanQueue(
  client: LeanClient,
  queueUrl: string,
): (entries: readonly QueueEntry[]) => Promise<void> {
  return (entries) =>
    sendInGroupOrder(entries, {
      send: (batch) => sendBatch(client, queueUrl, batch),
      wait: (refusals) => sleep(Math.random() * FIRST_WAIT_MS * 2 ** refusals),
    });
}

/** An item as it will be written. */
interface Written {
  item: MailboxItem;
  body: string;
}

/** What is worked through in one go, so that no single body holds up the others of its batch. */
const MOST_PER_BODY = 20;

/**
 * Items of one group share bodies, in order: as the queue takes a body only after the one before it, a thousand updates
 * of one conversation would outlast the function one by one.
 */
function packed(items: readonly MailboxItem[]): Written[][] {
  const packs: Written[][] = [];
  const open = new Map<string, { pack: Written[]; bytes: number }>();
  for (const item of items) {
    const body = asciiJson(item);
    const last = open.get(item.log);
    if (last && last.pack.length < MOST_PER_BODY && last.bytes + body.length < LARGEST_BODY) {
      last.pack.push({ item, body });
      last.bytes += body.length + 1;
    } else {
      const pack = [{ item, body }];
      packs.push(pack);
      open.set(item.log, { pack, bytes: body.length + '{"items":[]}'.length });
    }
  }
  return packs;
}

async function entryOf(pack: readonly Written[], objects: Pick<Objects, "put">): Promise<QueueEntry> {
  const [first, ...others] = pack;
  if (!first) throw new Error("A pack holds at least one item");
  const place = address(first.item);
  if (others.length > 0) {
    // Of all keys: another webhook may bring some of these items together with others.
    const keys = pack.map(({ item }) => address(item).deduplicationId).join();
    const deduplicationId = createHash("sha256").update(keys).digest("base64url");
    return { ...place, deduplicationId, body: `{"items":[${pack.map(({ body }) => body).join()}]}` };
  }
  if (first.body.length <= LARGEST_BODY) return { ...place, body: first.body };
  const reference = `mailbox/${first.item.key}-${first.item.token}`;
  await objects.put(reference, first.body, "application/json");
  return { ...place, body: asciiJson({ reference }) };
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
