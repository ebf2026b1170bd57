/** What would become of a batch, as far as its first recipients tell; nothing is written. */
import type { BatchOrder } from "../../shared/domain/batch.ts";
import type { BatchPlanAnswer } from "../../shared/domain/batch-shapes.ts";
import type { Prepared } from "../../shared/sending/prepare.ts";
import { prepareOneOfMany, refusalOf } from "../../shared/sending/to-many.ts";
import type { Ports } from "./route.ts";
import { sendingPorts, shownPlan } from "./send.ts";

/** Whoever waits for the answer does not wait for more. */
const MOST_JUDGED = 100;
const MOST_SHOWN = 20;

export async function planOf(order: BatchOrder, ports: Ports): Promise<BatchPlanAnswer> {
  const sending = await sendingPorts(ports);
  const judged = Math.min(order.batch.total, MOST_JUDGED);
  const prepared = await Promise.all(
    Array.from({ length: judged }, (_, index) => prepareOneOfMany(order, index, sending)),
  );
  const ready = prepared.filter((one) => one.kind === "ready");
  const refusals = prepared.filter((one) => one.kind === "refused");
  return {
    plan: {
      total: order.batch.total,
      judged,
      ...{ accepted: ready.length, refused: refusals.length },
      channels: counted(ready.map(({ place }) => place.channel)),
      priceClasses: counted(ready.flatMap(({ plan }) => plan.priceClass ?? [])),
      segments: ready.reduce((sum, { plan }) => sum + (plan.segments ?? 0), 0),
      refusals: counted(refusals.map(({ code }) => code)),
      recipients: prepared.slice(0, MOST_SHOWN).map(shown),
    },
  };
}

function shown(prepared: Prepared, index: number): BatchPlanAnswer["plan"]["recipients"][number] {
  const { kind, place, plan } = prepared;
  return {
    index,
    ...(place && { account: place.account, channel: place.channel }),
    ...(plan && { plan: shownPlan(plan) }),
    ...(kind === "refused" && { refusal: refusalOf(prepared) }),
  };
}

function counted<Word extends string>(words: readonly Word[]): Partial<Record<Word, number>> {
  const groups = Map.groupBy(words, (word) => word);
  return Object.fromEntries([...groups].map(([word, those]) => [word, those.length])) as Partial<Record<Word, number>>;
}
