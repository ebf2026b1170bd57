/**
 * Plays the mailbox queue in front of record-event: takes what waits group by group, brings back what failed, lets
 * several workers run at once, until nothing waits.
 */

import { type Ports, recordEvent } from "../../functions/record-event/record-event.ts";
import { address, type MailboxItem } from "../../shared/domain/mailbox.ts";
import { WorldFault } from "../../shared/ports.ts";
import { Crash, type MemoryMailbox } from "./world.ts";

const MOST_ROUNDS = 10_000;

/** Small, seeded and good enough for choosing. */
export function seeded(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return state / 2 ** 32;
  };
}

/**
 * @param ports the ports of one invocation; called anew for each, so that every invocation may have faults of its own
 * @param workers how many run at once: the first takes the oldest item, the others that same item again or the next
 *   ones, of whatever group, as it happens when a visibility runs out while a slow worker is still at it
 */
export async function pump(
  mailbox: MemoryMailbox,
  ports: () => Ports,
  { workers = 1 }: { workers?: number } = {},
): Promise<void> {
  for (let round = 0; mailbox.waiting.length > 0; round++) {
    if (round > MOST_ROUNDS) throw new Error("The mailbox does not run empty");
    const taken = Array.from(
      { length: workers },
      (_, worker) => mailbox.waiting[(worker * round) % mailbox.waiting.length] as MailboxItem,
    );
    const results = await Promise.all(taken.map(async (item) => ({ item, isDone: await attempt(item, ports()) })));
    for (const item of new Set(taken)) {
      const isDone = results.some((result) => result.item === item && result.isDone);
      if (isDone) mailbox.waiting.splice(mailbox.waiting.indexOf(item), 1);
      else rotate(mailbox, item);
    }
  }
}

async function attempt(item: MailboxItem, ports: Ports): Promise<boolean> {
  try {
    const { kind } = await recordEvent(structuredClone(item), ports);
    return kind !== "early";
  } catch (cause) {
    if (cause instanceof WorldFault || cause instanceof Crash) return false;
    throw cause;
  }
}

/** What failed waits with the rest of its group, while other groups go on. */
function rotate(mailbox: MemoryMailbox, item: MailboxItem): void {
  const { group } = address(item);
  const same = mailbox.waiting.filter((other) => address(other).group === group);
  const others = mailbox.waiting.filter((other) => address(other).group !== group);
  mailbox.waiting.splice(0, mailbox.waiting.length, ...others, ...same);
}
