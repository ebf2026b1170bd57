import { DeleteMessageCommand, ReceiveMessageCommand, SQSClient } from "@aws-sdk/client-sqs";
import { type DeadLetterBox, HIDDEN_LETTERS_MS } from "../ports.ts";
import { worldly } from "./faults.ts";
import { PATIENCE } from "./patience.ts";

/** A dead-letter queue, for whoever looks through it without redriving it. */
export class SqsDeadLetterBox implements DeadLetterBox {
  readonly #client: SQSClient;
  readonly #queueUrl: string;

  constructor({ queueUrl, client = new SQSClient(PATIENCE) }: { queueUrl: string; client?: SQSClient }) {
    this.#client = client;
    this.#queueUrl = queueUrl;
  }

  async look(): Promise<{ body: string; receipt: string }[]> {
    const command = new ReceiveMessageCommand({
      QueueUrl: this.#queueUrl,
      MaxNumberOfMessages: 10,
      VisibilityTimeout: HIDDEN_LETTERS_MS / 1000,
      // Asks all servers of the queue, where a short look may miss some.
      WaitTimeSeconds: 1,
    });
    const { Messages = [] } = await worldly(() => this.#client.send(command));
    return Messages.map(({ Body = "", ReceiptHandle = "" }) => ({ body: Body, receipt: ReceiptHandle }));
  }

  async remove(receipt: string): Promise<void> {
    const command = new DeleteMessageCommand({ QueueUrl: this.#queueUrl, ReceiptHandle: receipt });
    await worldly(() => this.#client.send(command));
  }
}
