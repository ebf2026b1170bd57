import { PublishCommand, type PublishCommandInput, SNSClient } from "@aws-sdk/client-sns";
import type { Envelope } from "../domain/envelope.ts";
import { asciiJson } from "../domain/mailbox-rules.ts";
import { log } from "../log.ts";
import { type EventStream, WorldFault } from "../ports.ts";
import { worldly } from "./faults.ts";
import { PATIENCE } from "./patience.ts";

/** What SNS takes of a message, its attributes counted in. */
const LARGEST_MESSAGE_BYTES = 262_144;

/**
 * An SNS FIFO topic. The message is the envelope; a log is a message group, and `type`, `channel` and `account` are
 * attributes, for filter policies.
 */
export class SnsTopic implements EventStream {
  readonly #client: SNSClient;
  readonly #topicArn: string;

  constructor({ topicArn, client = new SNSClient(PATIENCE) }: { topicArn: string; client?: SNSClient }) {
    this.#topicArn = topicArn;
    this.#client = client;
  }

  fits(envelope: Envelope): boolean {
    const { Message = "", MessageAttributes = {} } = this.#message(envelope);
    const attributes = Object.entries(MessageAttributes).map(
      ([name, { DataType, StringValue }]) => `${name}${DataType}${StringValue}`,
    );
    return Buffer.byteLength(Message + attributes.join("")) <= LARGEST_MESSAGE_BYTES;
  }

  /**
   * One after another, up to the first that is refused: of a batch SNS may refuse an earlier message and take a later
   * one, and what is behind on a FIFO topic can never be put in front again.
   */
  async publish(envelopes: readonly Envelope[]): Promise<number> {
    for (const [accepted, envelope] of envelopes.entries()) {
      try {
        await worldly(() => this.#client.send(new PublishCommand(this.#message(envelope))));
      } catch (cause) {
        if (!(cause instanceof WorldFault) || accepted === 0) throw cause;
        log("warn", "topic_refused", { reason: cause.message, event: envelope.id });
        return accepted;
      }
    }
    return envelopes.length;
  }

  #message(envelope: Envelope): PublishCommandInput {
    const { id, epoch, sequence, subject, type, data } = envelope;
    return {
      TopicArn: this.#topicArn,
      Message: asciiJson(envelope),
      MessageGroupId: subject,
      // The topic and the queues behind it drop what comes again within five minutes.
      MessageDeduplicationId: `${epoch}.${sequence}.${id}`,
      MessageAttributes: {
        type: { DataType: "String", StringValue: type },
        channel: { DataType: "String", StringValue: data.channel },
        account: { DataType: "String", StringValue: data.account },
      },
    };
  }
}
