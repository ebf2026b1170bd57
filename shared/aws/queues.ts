import { randomUUID } from "node:crypto";
import { ChangeMessageVisibilityCommand, SendMessageCommand, SQSClient } from "@aws-sdk/client-sqs";
import * as z from "zod";
import { asciiJson, type BatchRequest, type Doorbell, type SendRequest } from "../domain/mailbox.ts";
import type { BatchQueue, DeliveryBells, Doorbells, ErasureBells, SendQueues } from "../ports.ts";
import { worldly } from "./faults.ts";
import { PATIENCE } from "./patience.ts";

/** `[[url, [name, …]], …]`, as variables carry it, → name → URL. */
export const QueueTable = z
  .array(z.tuple([z.string(), z.array(z.string())]))
  .transform(
    (queues): Record<string, string> =>
      Object.fromEntries(queues.flatMap(([url, names]) => names.map((name) => [name, url]))),
  );

/** The table in a variable. @throws ZodError or SyntaxError when it is none: the deployment is broken */
export function queuesIn(variable: string): Record<string, string> {
  return QueueTable.parse(JSON.parse(variable));
}

/** The queues behind the log: doorbells of consumers, and what is to be sent. */
export class SqsQueues implements Doorbells, SendQueues {
  readonly #client: SQSClient;
  readonly #consumers: Readonly<Record<string, string>>;
  readonly #senders: Readonly<Record<string, string>>;

  /** @param consumers consumer → URL of its queue @param senders account → URL of its connector's queue */
  constructor({
    consumers = {},
    senders = {},
    client = new SQSClient(PATIENCE),
  }: { consumers?: Record<string, string>; senders?: Record<string, string>; client?: SQSClient }) {
    this.#consumers = consumers;
    this.#senders = senders;
    this.#client = client;
  }

  async ring(bell: Doorbell): Promise<void> {
    const queues = Object.values(this.#consumers);
    await Promise.all(
      queues.map((url) =>
        this.sendInGroup(url, { group: bell.log, deduplicationId: `${bell.log}.${bell.sequence}`, body: bell }),
      ),
    );
  }

  async queue(request: SendRequest): Promise<boolean> {
    const url = this.#senders[request.account];
    if (url === undefined) return false;
    await this.sendInGroup(url, { group: request.log, deduplicationId: request.message, body: request });
    return true;
  }

  /** For whoever works this queue off and says itself when a message is seen again. */
  visibility(queueUrl: string): { changeVisibility(receiptHandle: string, seconds: number): Promise<void> } {
    return {
      changeVisibility: async (ReceiptHandle, VisibilityTimeout) => {
        const command = new ChangeMessageVisibilityCommand({ QueueUrl: queueUrl, ReceiptHandle, VisibilityTimeout });
        await worldly(() => this.#client.send(command));
      },
    };
  }

  /** Rings the queue of deliver-webhook: what one subscription gets of one log is one group. */
  deliveries(queueUrl: string): DeliveryBells {
    return {
      ringDelivery: (request, deduplicationId) =>
        this.sendInGroup(queueUrl, { group: `${request.subscription}.${request.log}`, deduplicationId, body: request }),
    };
  }

  /**
   * The queue of send-batch. One group, so that the pace of one batch is the pace of all; a stop waits for none of them.
   * Each request is looked at.
   */
  batches(queueUrl: string): BatchQueue {
    const queue = (group: string, body: BatchRequest) =>
      this.sendInGroup(queueUrl, { group, deduplicationId: randomUUID(), body });
    return {
      queueBatch: (batch) => queue("batches", { batch }),
      queueStop: (batch) => queue(`stop.${batch}`, { batch, stop: true }),
    };
  }

  /** Rings the queue of erase-contact: one erasure of a contact at a time. */
  erasures(queueUrl: string): ErasureBells {
    return {
      ringErasure: ({ id, contact }) =>
        this.sendInGroup(queueUrl, { group: contact, deduplicationId: id, body: { erasure: id } }),
    };
  }

  /** Onto a standard queue. */
  async send(queueUrl: string, body: unknown, { delaySeconds }: { delaySeconds?: number } = {}): Promise<void> {
    const command = new SendMessageCommand({
      QueueUrl: queueUrl,
      MessageBody: asciiJson(body),
      ...(delaySeconds !== undefined && { DelaySeconds: delaySeconds }),
    });
    await worldly(() => this.#client.send(command));
  }

  /** Onto a FIFO queue. */
  async sendInGroup(
    queueUrl: string,
    { group, deduplicationId, body }: { group: string; deduplicationId: string; body: unknown },
  ): Promise<void> {
    const command = new SendMessageCommand({
      QueueUrl: queueUrl,
      MessageBody: asciiJson(body),
      MessageGroupId: group,
      MessageDeduplicationId: deduplicationId,
    });
    await worldly(() => this.#client.send(command));
  }
}
