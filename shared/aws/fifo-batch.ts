/**
 * How a batch off a queue is worked through: the one place where what a worker says becomes what SQS does.
 */

import type { SQSBatchItemFailure, SQSBatchResponse, SQSRecord } from "aws-lambda";
import { doublingSeconds } from "../domain/back-off.ts";
import { log } from "../log.ts";
import { type Next, WorldFault } from "../ports.ts";

/** SQS keeps a message invisible for at most twelve hours from its receipt; a margin for the invocation itself. */
const LONGEST_SECONDS = 12 * 3600 - 120;
/** After a fault, which somebody else mends. */
const LONGEST_FAULT_WAIT_SECONDS = 60;

/**
 * Runs `work` on every record: groups side by side, the records of one group in order (a standard queue has no groups;
 * there every record is its own). After the first record of a group that is to be seen again, the later ones of that
 * group are handed back unworked and become visible together with it; other groups go on.
 * @param work says what is to become of the record. A `WorldFault` that it throws brings the record back after 5–60 s;
 *   so does any other exception, which is logged as an error, and whose end is the queue's own dead-letter queue.
 * @param queue without it, what is handed back becomes visible when the queue's own time is over
 */
export async function runBatch(
  records: SQSRecord[],
  work: (body: string, record: SQSRecord) => Promise<Next>,
  queue?: { changeVisibility(receiptHandle: string, seconds: number): Promise<void> },
): Promise<SQSBatchResponse> {
  const groups = Map.groupBy(records, ({ attributes, messageId }) => attributes.MessageGroupId ?? messageId);
  const failures = await Promise.all([...groups.values()].map((group) => runGroup(group, work, queue)));
  return { batchItemFailures: failures.flat() };
}

async function runGroup(
  group: readonly SQSRecord[],
  work: (body: string, record: SQSRecord) => Promise<Next>,
  queue: Parameters<typeof runBatch>[2],
): Promise<SQSBatchItemFailure[]> {
  for (const [index, record] of group.entries()) {
    const next = await attempt(record, work);
    if (next.kind === "done") continue;
    const handedBack = group.slice(index);
    const seconds = Math.min(Math.max(Math.ceil(next.afterSeconds), 1), LONGEST_SECONDS);
    // In order, so that the first is visible no later than the ones behind it.
    for (const { receiptHandle } of queue ? handedBack : []) await hide(receiptHandle, seconds, queue);
    return handedBack.map(({ messageId }) => ({ itemIdentifier: messageId }));
  }
  return [];
}

async function attempt(record: SQSRecord, work: (body: string, record: SQSRecord) => Promise<Next>): Promise<Next> {
  try {
    return await work(record.body, record);
  } catch (cause) {
    const received = Number(record.attributes.ApproximateReceiveCount);
    if (cause instanceof WorldFault) log("warn", "world_fault", { reason: cause.message, received });
    else log("error", "work_failed", { ...where(cause), received });
    return { kind: "retry", afterSeconds: doublingSeconds(received, LONGEST_FAULT_WAIT_SECONDS) };
  }
}

/** The record comes back in any case, at the queue's own time if not at ours. */
async function hide(receiptHandle: string, seconds: number, queue: Parameters<typeof runBatch>[2]): Promise<void> {
  try {
    await queue?.changeVisibility(receiptHandle, seconds);
  } catch (cause) {
    log("warn", "visibility_unchanged", { ...where(cause) });
  }
}

/** Names the fault by its kind and place: its message may quote what it stumbled over. */
function where(cause: unknown): { reason: string; at?: string } {
  if (!(cause instanceof Error)) return { reason: typeof cause };
  const [, at] = /^ +at (.+)$/m.exec(cause.stack ?? "") ?? [];
  return { reason: cause.name, ...(at !== undefined && { at }) };
}
