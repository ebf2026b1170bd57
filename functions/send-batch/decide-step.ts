/** What the next recipients of a batch get, or why they get nothing. */
import type { BatchOrder, BatchResult, BatchStep } from "../../shared/domain/batch.ts";
import type { MailboxItem } from "../../shared/domain/mailbox.ts";
import { log } from "../../shared/log.ts";
import { WorldFault } from "../../shared/ports.ts";
import { onAccounts } from "../../shared/sending/on-accounts.ts";
import type { Ports } from "../../shared/sending/prepare.ts";
import { prepareOneOfMany, refusalOf } from "../../shared/sending/to-many.ts";

interface Pace {
  /** So many messages a second. */
  perSecond: number;
}

/** @param span indexes of the first recipient and of the one behind the last */
export async function decideStep(
  order: BatchOrder,
  { from, to }: { from: number; to: number },
  ports: Ports & Pace,
): Promise<BatchStep> {
  // The call has judged by them when it goes out; what falls into them after all waits at its sender, and is not refused.
  const anytime = { ...ports, quietHours: undefined };
  const own = order.accounts ? onAccounts(anytime, order.accounts) : anytime;
  const decisions = await Promise.all(
    Array.from({ length: to - from }, (_, position) => {
      const index = from + position;
      return decide(atPace(order, index, ports), index, own);
    }),
  );
  return {
    from,
    results: decisions.map(({ result }) => result),
    items: decisions.flatMap(({ item }) => (item ? [item] : [])),
  };
}

/** What is for later goes out from its time on, as it would have gone out now. */
function atPace(order: BatchOrder, index: number, { perSecond }: Pace): BatchOrder {
  const { sendAt, ...batch } = order.batch;
  if (sendAt === undefined) return order;
  return { ...order, batch: { ...batch, sendAt: sendAt + Math.floor(index / perSecond) * 1000 } };
}

async function decide(
  order: BatchOrder,
  index: number,
  ports: Ports,
): Promise<{ result: BatchResult; item?: MailboxItem }> {
  try {
    const prepared = await prepareOneOfMany(order, index, ports);
    if (prepared.kind === "refused") return { result: refusalOf(prepared) };
    const { message, place, item } = prepared;
    return { result: { message: message.id, conversation: place.conversation, account: place.account }, item };
  } catch (cause) {
    if (cause instanceof WorldFault) throw cause;
    // A fault of ours about one of them is not to hold up all the others, and the batches behind this one.
    const reason = cause instanceof Error ? cause.name : typeof cause;
    log("error", "batch_recipient_fault", { batch: order.batch.id, index, reason });
    return { result: { code: "internal_error", text: "Something went wrong on our side." } };
  }
}
