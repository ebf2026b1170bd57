import { SendMessageBatchCommand, SQSClient } from "@aws-sdk/client-sqs";
import { address, asciiJson, LARGEST_BODY, type MailboxItem } from "../domain/mailbox.ts";
import { type Mailbox, type Objects, WorldFault } from "../ports.ts";
import { worldly } from "./faults.ts";

/** SQS takes ten messages and 256 KiB in one request. */
const MOST_PER_BATCH = 10;
const LARGEST_BATCH = 262_144;

interface BatchEntry {
  MessageBody: string;
  MessageGroupId: string;
  MessageDeduplicationId: string;
}

/** The mailbox queue. Each round sends the next item of every group, so that no item overtakes one of its group. */
export class SqsMailbox implements Mailbox {
  readonly #client: SQSClient;
  readonly #queueUrl: string;
  readonly #objects: Objects;

  constructor({
    queueUrl,
    objects,
    client = new SQSClient({}),
  }: { queueUrl: string; objects: Objects; client?: SQSClient }) {
    this.#queueUrl = queueUrl;
    this.#objects = objects;
    this.#client = client;
  }

  async deliver(items: readonly MailboxItem[]): Promise<void> {
    const groups = Map.groupBy(items, (item) => item.log);
    for (let round = 0; ; round++) {
      const next = [...groups.values()].flatMap((group) => group[round] ?? []);
      if (next.length === 0) return;
      const entries = await Promise.all(next.map((item) => this.#entry(item)));
      for (const batch of inBatches(entries)) await this.#send(batch);
    }
  }

  async #entry(item: MailboxItem): Promise<BatchEntry> {
    const { group, deduplicationId } = address(item);
    let body = asciiJson(item);
    if (body.length > LARGEST_BODY) {
      const reference = `mailbox/${item.key}-${item.token}`;
      await this.#objects.put(reference, body, "application/json");
      body = asciiJson({ reference });
    }
    return { MessageBody: body, MessageGroupId: group, MessageDeduplicationId: deduplicationId };
  }

  async #send(batch: readonly BatchEntry[]): Promise<void> {
    const Entries = batch.map((entry, index) => ({ Id: String(index), ...entry }));
    const command = new SendMessageBatchCommand({ QueueUrl: this.#queueUrl, Entries });
    const { Failed = [] } = await worldly(() => this.#client.send(command));
    const [refused] = Failed;
    if (refused) throw new WorldFault(`The mailbox refused ${Failed.length} of ${batch.length}: ${refused.Code}`);
  }
}

function inBatches(entries: readonly BatchEntry[]): BatchEntry[][] {
  const batches: BatchEntry[][] = [];
  let bytes = LARGEST_BATCH;
  for (const entry of entries) {
    const last = batches.at(-1);
    bytes += entry.MessageBody.length;
    if (last && last.length < MOST_PER_BATCH && bytes <= LARGEST_BATCH) last.push(entry);
    else {
      batches.push([entry]);
      bytes = entry.MessageBody.length;
    }
  }
  return batches;
}
