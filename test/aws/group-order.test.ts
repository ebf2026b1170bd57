import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { type QueueEntry, sendInGroupOrder } from "../../shared/aws/group-order.ts";
import { WorldFault } from "../../shared/ports.ts";

function entries(count: number, group: (index: number) => string, body = "{}"): QueueEntry[] {
  return Array.from({ length: count }, (_, index) => ({ group: group(index), deduplicationId: String(index), body }));
}

/** A queue that refuses what it is told to, and remembers what it took, in order. */
class FickleQueue {
  readonly taken: QueueEntry[] = [];
  readonly batches: number[] = [];
  largestBatch = 0;
  readonly send = async (batch: readonly QueueEntry[]): Promise<ReadonlySet<number>> => {
    this.batches.push(batch.length);
    this.largestBatch = Math.max(
      this.largestBatch,
      batch.reduce((sum, { body }) => sum + body.length, 0),
    );
    await Promise.resolve();
    const refused = new Set(
      [...batch.keys()].filter((position) => this.refuses(batch[position]?.deduplicationId ?? "")),
    );
    this.taken.push(...batch.filter((_, position) => !refused.has(position)));
    return refused;
  };
  readonly refuses: (deduplicationId: string) => boolean;
  constructor(refuses: (deduplicationId: string) => boolean = () => false) {
    this.refuses = refuses;
  }
  async wait() {}
  idsOf(group: string): string[] {
    return this.taken.filter((entry) => entry.group === group).map(({ deduplicationId }) => deduplicationId);
  }
}

describe("sending in the order of groups", () => {
  it("fills batches of ten with different groups", async () => {
    const queue = new FickleQueue();
    await sendInGroupOrder(
      entries(100, (index) => String(index)),
      queue,
    );
    expect(queue.taken).toHaveLength(100);
    expect(queue.batches).toEqual(Array.from({ length: 10 }, () => 10));
  });

  it("keeps below what one request may hold", async () => {
    const queue = new FickleQueue();
    await sendInGroupOrder(
      entries(20, (index) => String(index), "x".repeat(100_000)),
      queue,
    );
    expect(queue.taken).toHaveLength(20);
    expect(queue.largestBatch).toBeLessThanOrEqual(262_144);
  });

  it("lets nothing overtake an earlier one of its group, whatever is refused", async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(fc.nat(5), { maxLength: 60 }), fc.array(fc.nat(60)), async (groups, refusedOnce) => {
        const pending = new Set(refusedOnce.map(String));
        const queue = new FickleQueue((id) => pending.delete(id));
        const all = entries(groups.length, (index) => String(groups[index]));
        await sendInGroupOrder(all, queue);
        for (const group of new Set(groups.map(String))) {
          expect(queue.idsOf(group)).toEqual(
            all.filter((entry) => entry.group === group).map((entry) => entry.deduplicationId),
          );
        }
      }),
    );
  });

  it("gives up on an entry that is always refused, without sending what is behind it", async () => {
    const queue = new FickleQueue((id) => id === "1");
    const all = [
      ...entries(3, () => "a"),
      ...entries(2, () => "b").map((entry) => ({ ...entry, deduplicationId: "b" })),
    ];
    await expect(sendInGroupOrder(all, queue)).rejects.toThrow(WorldFault);
    expect(queue.idsOf("a")).toEqual(["0"]);
  });

  it("is over when it fails: nothing goes out behind the caller's back", async () => {
    let calls = 0;
    const send = async () => {
      calls++;
      if (calls === 2) throw new WorldFault("down");
      await Promise.resolve();
      return new Set<number>();
    };
    await expect(
      sendInGroupOrder(
        entries(400, (index) => String(index)),
        { send, wait: async () => {} },
      ),
    ).rejects.toThrow("down");
    const callsThen = calls;
    await new Promise((resolve) => setImmediate(resolve));
    expect(calls).toBe(callsThen);
    expect(calls).toBeLessThan(40);
  });
});
