/**
 * An event source mapping of SQS: receives with the function's own credentials, invokes, and deletes what is done.
 * What failed stays with its visibility timeout. Groups of a FIFO queue stay in order because the queue hands out
 * nothing of a group that is in flight.
 */
import { setTimeout as sleep } from "node:timers/promises";
import {
  DeleteMessageBatchCommand,
  GetQueueAttributesCommand,
  type Message,
  ReceiveMessageCommand,
  type SQSClient,
} from "@aws-sdk/client-sqs";
import { HANGS_AFTER_MS, type LambdaFunction } from "../lambda/lambda-function.ts";
import type { EventSourceMapping } from "../template/stack.ts";
import { doneWith, sqsEvent } from "./sqs-event.ts";

export interface QueuePollerOptions {
  mapping: EventSourceMapping;
  queueUrl: string;
  region: string;
  /** With the function's credentials. */
  sqs: SQSClient;
  function: LambdaFunction;
  log: (line: string) => void;
}

export interface QueuePoller {
  /** Receives nothing more, and waits until what was received is dealt with. */
  stop(): Promise<void>;
}

const LONGEST_WAIT_SECONDS = 20;
/** After an error of SQS, so that a missing permission does not fill the log. */
const PAUSE_AFTER_ERROR_MS = 1_000;

/**
 * @throws Error as AWS refuses to make the mapping: when the function's role may not look at the queue, or the queue
 * shows a message again while the function may still be working on it
 */
export async function startQueuePoller(options: QueuePollerOptions): Promise<QueuePoller> {
  await checkVisibilityTimeout(options);
  const stopping = new AbortController();
  const polling = poll(options, stopping.signal);
  return {
    async stop() {
      stopping.abort();
      await polling;
    },
  };
}

async function checkVisibilityTimeout({ mapping, queueUrl, sqs, function: fn }: QueuePollerOptions): Promise<void> {
  const wanted = new GetQueueAttributesCommand({ QueueUrl: queueUrl, AttributeNames: ["VisibilityTimeout"] });
  const { Attributes } = await sqs.send(wanted);
  const visibilitySeconds = Number(Attributes?.VisibilityTimeout);
  const { timeoutSeconds } = fn.definition;
  if (visibilitySeconds >= timeoutSeconds) return;
  throw new Error(
    `The event source ${mapping.name} cannot be made: the queue's visibility timeout, ${visibilitySeconds} seconds, is less than the function's timeout, ${timeoutSeconds} seconds`,
  );
}

/** One receiver and several batches at work: while as many run as may, nothing is received. Those that hang hold up none. */
async function poll(options: QueuePollerOptions, signal: AbortSignal): Promise<void> {
  const { mapping, function: fn, log } = options;
  const { busy: mostBusy, all } = fn.concurrency;
  const most = Math.min(all, mapping.maximumConcurrency ?? all);
  const atWork = new Set<Promise<void>>();
  const busy = new Set<Promise<void>>();
  while (!signal.aborted) {
    if (atWork.size >= most || busy.size >= mostBusy) {
      await Promise.race(atWork.size >= most ? atWork : busy);
      continue;
    }
    try {
      const batch = await receiveBatch(options, signal);
      if (batch.length === 0) continue;
      const work = deliver(batch, options).finally(() => atWork.delete(work));
      atWork.add(work);
      const begun = doneOrHanging(work).finally(() => busy.delete(begun));
      busy.add(begun);
    } catch (error) {
      if (signal.aborted) break;
      log(JSON.stringify({ level: "warn", code: "poll_failed", source: mapping.name, error: String(error) }));
      await sleep(PAUSE_AFTER_ERROR_MS, undefined, { signal }).catch(() => {});
    }
  }
  await Promise.all(atWork);
}

async function doneOrHanging(work: Promise<void>): Promise<void> {
  const done = new AbortController();
  const hangs = sleep(HANGS_AFTER_MS, undefined, { signal: done.signal }).catch(() => {});
  await Promise.race([work, hangs]);
  done.abort();
}

/** Up to the batch size; with a batching window, what comes within it after the first. */
async function receiveBatch(options: QueuePollerOptions, signal: AbortSignal): Promise<Message[]> {
  const { batchSize, batchingWindowSeconds } = options.mapping;
  const batch = await receive(options, batchSize, LONGEST_WAIT_SECONDS, signal);
  const closesAt = Date.now() + batchingWindowSeconds * 1000;
  while (batch.length > 0 && batch.length < batchSize && Date.now() < closesAt) {
    batch.push(...(await receive(options, batchSize - batch.length, 1, signal)));
  }
  return batch;
}

async function receive(
  { queueUrl, sqs }: QueuePollerOptions,
  most: number,
  waitSeconds: number,
  signal: AbortSignal,
): Promise<Message[]> {
  const command = new ReceiveMessageCommand({
    QueueUrl: queueUrl,
    MaxNumberOfMessages: most,
    WaitTimeSeconds: waitSeconds,
    MessageSystemAttributeNames: ["All"],
    MessageAttributeNames: ["All"],
  });
  const { Messages = [] } = await sqs.send(command, { abortSignal: signal });
  return Messages;
}

async function deliver(batch: readonly Message[], options: QueuePollerOptions): Promise<void> {
  const { mapping, queueUrl, region, sqs, function: fn, log } = options;
  const result = await fn.invoke(sqsEvent(batch, mapping.queueArn, region));
  if (!result.ok)
    log(JSON.stringify({ level: "warn", code: "batch_failed", source: mapping.name, error: result.error.errorType }));
  const done = doneWith(batch, result, mapping.reportsBatchItemFailures);
  if (done.length === 0) return;
  const Entries = done.map(({ ReceiptHandle }, index) => ({ Id: String(index), ReceiptHandle }));
  try {
    await sqs.send(new DeleteMessageBatchCommand({ QueueUrl: queueUrl, Entries }));
  } catch (error) {
    log(JSON.stringify({ level: "warn", code: "delete_failed", source: mapping.name, error: String(error) }));
  }
}
