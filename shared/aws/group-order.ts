/** Sends entries to a FIFO queue so that none overtakes an earlier one of its group, whatever the queue refuses. */
import { WorldFault } from "../ports.ts";

export interface QueueEntry {
  group: string;
  deduplicationId: string;
  /** ASCII: a character is a byte. */
  body: string;
}

export interface FifoQueue {
  /** One request to the queue. Gives the positions that it refused. */
  send(batch: readonly QueueEntry[]): Promise<ReadonlySet<number>>;
  /** Waits before an entry goes out again that was refused so many times. */
  wait(refusals: number): Promise<void>;
}

/** SQS takes ten messages and 256 KiB in one request. */
const MOST_PER_BATCH = 10;
const LARGEST_BATCH = 262_144;
const MOST_AT_ONCE = 4;
const MOST_REFUSALS = 4;

interface Lane {
  entries: readonly QueueEntry[];
  next: number;
  refusals: number;
}

/**
 * At any time one entry of a group is under way, as a queue may take the third of a batch and refuse the second;
 * different groups share batches, and a few batches go out side by side. Resolves when all were accepted.
 * @throws WorldFault when an entry was refused again and again; later ones of its group were not sent then
 */
export async function sendInGroupOrder(entries: readonly QueueEntry[], queue: FifoQueue): Promise<void> {
  const groups = Map.groupBy(entries, ({ group }) => group);
  const ready = [...groups.values()].map((members): Lane => ({ entries: members, next: 0, refusals: 0 }));
  let isGivenUp = false;

  async function work(): Promise<void> {
    for (let batch = takeBatch(ready); batch.length > 0 && !isGivenUp; batch = takeBatch(ready)) {
      const refused = await queue.send(batch.map(({ entry }) => entry));
      for (const [position, { lane }] of batch.entries()) {
        if (!refused.has(position)) lane.next++;
        lane.refusals = refused.has(position) ? lane.refusals + 1 : 0;
      }
      const refusals = Math.max(...batch.map(({ lane }) => lane.refusals));
      if (refusals === MOST_REFUSALS) throw new WorldFault("the queue refused an entry again and again");
      if (refusals > 0) await queue.wait(refusals);
      ready.push(...batch.map(({ lane }) => lane).filter((lane) => lane.next < lane.entries.length));
    }
  }

  const workers = Array.from({ length: MOST_AT_ONCE }, async () => {
    try {
      await work();
    } catch (cause) {
      isGivenUp = true;
      throw cause;
    }
  });
  // Nothing may still be under way when the caller hears of a failure.
  const failed = (await Promise.allSettled(workers)).find((outcome) => outcome.status === "rejected");
  if (failed) throw failed.reason;
}

/** The next entries of up to ten lanes, taken out of `ready` until their batch is over. */
function takeBatch(ready: Lane[]): { lane: Lane; entry: QueueEntry }[] {
  const batch: { lane: Lane; entry: QueueEntry }[] = [];
  let bytes = 0;
  while (batch.length < MOST_PER_BATCH) {
    const lane = ready[0];
    const entry = lane?.entries[lane.next];
    if (!lane || !entry || (batch.length > 0 && bytes + entry.body.length > LARGEST_BATCH)) break;
    ready.shift();
    batch.push({ lane, entry });
    bytes += entry.body.length;
  }
  return batch;
}
