import { DeduplicationScope, FifoThroughputLimit, Queue, QueueEncryption, type QueueProps } from "aws-cdk-lib/aws-sqs";
import { Duration } from "aws-cdk-lib/core";
import { Construct } from "constructs";
import { physicalName } from "./names.ts";

/** The longest that SQS keeps a message: nothing may be lost to a weekend. */
const RETENTION = Duration.days(14);

/**
 * As many as SQS allows. Poison is told by our own code after three tries; receives only mean that AWS, or a provider,
 * was broken for long. Every one of them waits up to a minute, a send up to a quarter of an hour, so that a day of it
 * fills no dead-letter queue.
 */
const RECEIVES_BEFORE_DEAD = 1_000;

export interface WorkQueueProps {
  stage: string;
  /** Without `.fifo`. */
  name: string;
  /** In order within a message group, groups side by side. */
  isOrdered: boolean;
  /** How long one invocation of the worker may take; visibility is six times that, as Lambda asks of its queues. */
  workerTimeoutSeconds: number;
  /** How long a message stays unseen at first. */
  delaySeconds?: number;
}

/** A queue of work and the queue of what could not be worked. Both refuse plain HTTP and are encrypted by SQS. */
export class WorkQueue extends Construct {
  readonly queue: Queue;
  readonly deadLetters: Queue;
  readonly workerTimeout: Duration;

  constructor(scope: Construct, id: string, props: WorkQueueProps) {
    super(scope, id);
    const { stage, name, isOrdered, workerTimeoutSeconds, delaySeconds } = props;
    const suffix = isOrdered ? ".fifo" : "";
    const houseDefaults: QueueProps = {
      encryption: QueueEncryption.SQS_MANAGED,
      enforceSSL: true,
      retentionPeriod: RETENTION,
      ...(isOrdered && {
        fifo: true,
        deduplicationScope: DeduplicationScope.MESSAGE_GROUP,
        fifoThroughputLimit: FifoThroughputLimit.PER_MESSAGE_GROUP_ID,
      }),
    };
    this.workerTimeout = Duration.seconds(workerTimeoutSeconds);
    this.deadLetters = new Queue(this, "DeadLetters", {
      ...houseDefaults,
      queueName: `${physicalName(stage, `${name}-dead-letters`)}${suffix}`,
    });
    this.queue = new Queue(this, "Queue", {
      ...houseDefaults,
      queueName: `${physicalName(stage, name)}${suffix}`,
      visibilityTimeout: Duration.seconds(6 * workerTimeoutSeconds),
      deadLetterQueue: { queue: this.deadLetters, maxReceiveCount: RECEIVES_BEFORE_DEAD },
      ...(delaySeconds !== undefined && { deliveryDelay: Duration.seconds(delaySeconds) }),
    });
  }
}
