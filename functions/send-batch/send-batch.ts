/**
 * send-batch: takes the batch at the head of its queue one step further, and hands it back until it is worked through.
 * What is to be done in a step is decided once and written down before anything of it is done: after a crash the very
 * same items go into the mailbox again, and nobody is asked a second time by which of several ways they are reached.
 */
import {
  type Batch,
  type BatchOrder,
  type BatchResult,
  type BatchStep,
  batchFile,
  batchStatus,
} from "../../shared/domain/batch.ts";
import type { BatchRequest } from "../../shared/domain/mailbox.ts";
import { quietUntil } from "../../shared/domain/quiet-hours.ts";
import { log } from "../../shared/log.ts";
import type { Batches, Mailbox, MessagePlaces, Next, PassingObjects } from "../../shared/ports.ts";
import type { Ports as SendingPorts } from "../../shared/sending/prepare.ts";
import { decideStep } from "./decide-step.ts";
import { type StopPorts, stopBatch } from "./stop-batch.ts";

export interface Ports extends SendingPorts {
  table: SendingPorts["table"] & MessagePlaces & StopPorts["table"];
  batches: Batches;
  objects: PassingObjects;
  mailbox: Mailbox;
  /** So many messages a second go into the mailbox, over all batches. */
  perSecond: number;
}

/** So many recipients are one step at most, and so many seconds of the pace. */
const LARGEST_STEP = 50;
const LONGEST_STEP_SECONDS = 5;
const DONE: Next = { kind: "done" };

/** Every call may be repeated. */
export async function sendBatch({ batch: id, stop }: BatchRequest, ports: Ports): Promise<Next> {
  if (!stop) return goOn(id, ports);
  await stopBatch(id, ports);
  return DONE;
}

/** One step, or the end. The next batch's turn comes only when the last step has taken its time, too. */
async function goOn(id: string, ports: Ports): Promise<Next> {
  const { clock, perSecond } = ports;
  const began = clock.now();
  const order = await read<BatchOrder>(batchFile(id, "order"), ports);
  const batch = await begun(id, order, ports);
  const quiet = batch && quietFor(batch, ports);
  if (quiet !== undefined) return { kind: "retry", afterSeconds: (quiet - began) / 1000 };
  if (!order && (!batch || batchStatus(batch) === "running")) log("error", "batch_without_order", { batch: id });
  const step = batch && order && (await nextStep(order, batch, ports));
  if (!step) return finish(id, ports);
  await carryOut(step, batch, ports);
  const count = step.results.length;
  log("info", "batch_step", { batch: id, position: step.from + count });
  return { kind: "retry", afterSeconds: count / perSecond - (clock.now() - began) / 1000 };
}

/** The batch as it is kept; whoever queued it may have ended before it was. */
async function begun(id: string, order: BatchOrder | undefined, { batches }: Ports): Promise<Batch | undefined> {
  const known = await batches.batch(id);
  if (known || !order) return known;
  await batches.beginBatch(order.batch);
  return order.batch;
}

/** Until when nobody new is written to; a batch that is for later was judged by its own time. */
function quietFor(batch: Batch, { quietHours, clock }: Ports): number | undefined {
  const isNow = batch.sendAt === undefined && batchStatus(batch) === "running";
  return quietHours && isNow ? quietUntil(quietHours, clock.now()) : undefined;
}

/** The one that was begun, also of a batch that was cancelled since; else the next of one that is running. */
async function nextStep(order: BatchOrder, batch: Batch, ports: Ports): Promise<BatchStep | undefined> {
  const { id, position, total } = batch;
  const file = batchFile(id, "step");
  const known = await read<BatchStep>(file, ports);
  if (known?.from === position) return known;
  if (batchStatus(batch) !== "running") return undefined;
  const size = Math.min(LARGEST_STEP, LONGEST_STEP_SECONDS * ports.perSecond, total - position);
  const step = await decideStep(order, { from: position, to: position + size }, ports);
  await ports.objects.put(file, JSON.stringify(step), "application/json");
  return step;
}

async function carryOut({ from, results, items }: BatchStep, batch: Batch, ports: Ports): Promise<void> {
  const { batches, table, mailbox, clock, expiresAfterSeconds } = ports;
  const until = (batch.sendAt ?? clock.now()) + expiresAfterSeconds * 1000;
  // Whoever knows the id of a message finds it.
  await Promise.all(
    results.filter(isAccepted).map(({ message, ...place }) => table.noteMessage(message, place, until)),
  );
  await mailbox.deliver(items);
  await batches.putBatchResults(batch, from, results);
  const accepted = results.filter(isAccepted).length;
  await batches.moveBatch(batch.id, from, { accepted, refused: results.length - accepted });
}

/** Nothing of a batch is left but what became of it. A step that was begun before a stop came is stopped here. */
async function finish(id: string, ports: Ports): Promise<Next> {
  const { objects } = ports;
  await stopBatch(id, ports);
  await objects.remove(batchFile(id, "step"));
  await objects.remove(batchFile(id, "order"));
  return DONE;
}

function isAccepted(result: BatchResult): result is Extract<BatchResult, { message: string }> {
  return "message" in result;
}

/** As we wrote it ourselves. */
async function read<Kept>(file: string, { objects }: Ports): Promise<Kept | undefined> {
  const text = await objects.get(file);
  return text === undefined ? undefined : (JSON.parse(text) as Kept);
}
