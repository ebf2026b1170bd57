import { setTimeout as sleep } from "node:timers/promises";
import { SendMessageBatchCommand, SQSClient } from "@aws-sdk/client-sqs";
import { address, asciiJson, LARGEST_BODY, type MailboxItem } from "../domain/mailbox.ts";
import type { Mailbox, Objects } from "../ports.ts";
import { worldly } from "./faults.ts";
import { type QueueEntry, sendInGroupOrder } from "./group-order.ts";
import { PATIENCE } from "./patience.ts";

const FIRST_WAIT_MS = 50;

/** The mailbox queue, for the functions that carry the SDK. */
export class SqsMailbox implements Mailbox {
  readonly #client: SQSClient;
  readonly #queueUrl: string;
  readonly #objects: Objects;

  constructor({
    queueUrl,
    objects,
    client = new SQSClient(PATIENCE),
  }: {
    queueUrl: string;
    objects: Objects;
    client?: SQSClient;
  }) {
    this.#queueUrl = queueUrl;
    this.#objects = objects;
    this.#client = client;
  }

  async deliver(items: readonly MailboxItem[]): Promise<void> {
    await sendInGroupOrder(await Promise.all(items.map((item) => this.#entry(item))), {
      send: (batch) => this.#send(batch),
      wait: (refusals) => sleep(Math.random() * FIRST_WAIT_MS * 2 ** refusals),
    });
  }

  async #entry(item: MailboxItem): Promise<QueueEntry> {
    const body = asciiJson(item);
    if (body.length <= LARGEST_BODY) return { ...address(item), body };
    const reference = `mailbox/${item.key}-${item.token}`;
    await this.#objects.put(reference, body, "application/json");
    return { ...address(item), body: asciiJson({ reference }) };
  }

  async #send(batch: readonly QueueEntry[]): Promise<ReadonlySet<number>> {
    const Entries = batch.map(({ group, deduplicationId, body }, position) => ({
      Id: String(position),
      MessageBody: body,
      MessageGroupId: group,
      MessageDeduplicationId: deduplicationId,
    }));
    const command = new SendMessageBatchCommand({ QueueUrl: this.#queueUrl, Entries });
    const { Failed = [] } = await worldly(() => this.#client.send(command));
    return new Set(Failed.map(({ Id }) => Number(Id)));
  }
}
