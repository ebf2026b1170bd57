import { setTimeout as sleep } from "node:timers/promises";
import type { Faults } from "./faults.ts";

/** One step of a message's way to the customer. */
export interface ReceiptStep {
  /** The step happens now. */
  reach: () => void;
  /** Tells the business; resolves when it was told. */
  tell: () => Promise<void>;
}

/**
 * Takes the steps at `afterMs` (one time per step, in ms from now), bent by what was ordered for this send. To be
 * awaited before the send is answered: resolves at once, but for `receipts_first`.
 */
export async function sendReceipts(
  steps: readonly ReceiptStep[],
  {
    customer,
    afterMs,
    faults,
    closing,
  }: { customer: string; afterMs: readonly number[]; faults: Faults; closing: AbortSignal },
): Promise<void> {
  const told = faults.take("receipts_backwards", { customer }) ? steps.toReversed() : steps;
  const isTwice = faults.take("receipts_twice", { customer }) !== undefined;
  const take = async (index: number) => {
    steps[index]?.reach();
    await told[index]?.tell();
    if (isTwice) await told[index]?.tell();
  };
  if (faults.take("receipts_first", { customer })) {
    for (let index = 0; index < steps.length; index++) await take(index);
    return;
  }
  steps.forEach((_, index) => {
    void sleep(afterMs[index] ?? afterMs.at(-1) ?? 0, undefined, { signal: closing }).then(
      () => take(index),
      () => {},
    );
  });
}
