/** Batches as callers see them: how far each has come, and what became of each of its recipients. */
import { ListQuery, NoQuery, type Page } from "../../shared/domain/api-shapes.ts";
import { type Batch, type BatchResult, batchStatus, mayWait } from "../../shared/domain/batch.ts";
import type { ApiBatch, ApiBatchRecipient, ShownBatch } from "../../shared/domain/batch-shapes.ts";
import { iso } from "../../shared/domain/envelope.ts";
import { findQueued } from "../../shared/sending/find-queued.ts";
import { openCursor, sealCursor } from "./cursor.ts";
import { readMessages } from "./message-page.ts";
import { shown } from "./messages.ts";
import { PublicError } from "./problem.ts";
import { readQuery } from "./request.ts";
import { type Answer, type Call, json, type Ports } from "./route.ts";

const LIST = "batches";

export async function listBatches({ request, ports }: Call): Promise<Answer> {
  const { limit, cursor } = readQuery(request, ListQuery);
  const { idSecret } = await ports.deployment();
  const position = cursor === undefined ? {} : { cursor: openCursor(idSecret, LIST, cursor) };
  const { batches, nextCursor } = await ports.batches.batches({ limit, ...position });
  const page: Page<ApiBatch> = {
    data: batches.map(view),
    nextCursor: nextCursor === undefined ? null : sealCursor(idSecret, LIST, nextCursor),
  };
  return json(200, page);
}

export async function showBatch({ request, name, ports }: Call): Promise<Answer> {
  readQuery(request, NoQuery);
  return json(200, shownBatch(await locateBatch(name, ports)));
}

/** By their places in the batch, those whose turn is still to come too. */
export async function listBatchRecipients({ request, name, ports }: Call): Promise<Answer> {
  const { limit, cursor } = readQuery(request, ListQuery);
  const { idSecret } = await ports.deployment();
  const list = `recipients:${name}`;
  const from = cursor === undefined ? 0 : Number(openCursor(idSecret, list, cursor));
  const batch = await locateBatch(name, ports);
  const results = await ports.batches.batchResults(batch.id, from, limit);
  const count = Math.min(limit, batch.total - from);
  const rows = Array.from({ length: count }, (_, at) => recipient(from + at, results.get(from + at), batch, ports));
  const next = from + count;
  const page: Page<ApiBatchRecipient> = {
    data: await Promise.all(rows),
    nextCursor: next < batch.total ? sealCursor(idSecret, list, String(next)) : null,
  };
  return json(200, page);
}

/** Stops what was not put on its way, and of a batch for later what has not gone out. */
export async function cancelBatch({ request, name, ports }: Call): Promise<Answer> {
  readQuery(request, NoQuery);
  const { batches, batchQueue, clock } = ports;
  const batch = await locateBatch(name, ports);
  const now = clock.now();
  if (batchStatus(batch) === "done" && !mayWait(batch, now))
    throw new PublicError("not_cancellable", "All messages of this batch are on their way already.");
  await batches.cancelBatch(batch.id, now);
  // Its turn in the queue may be hours away, or over.
  await batchQueue.queueStop(batch.id);
  return json(200, shownBatch(await locateBatch(name, ports)));
}

export function shownBatch(batch: Batch): ShownBatch {
  return { batch: view(batch) };
}

/** @throws PublicError `not_found` */
async function locateBatch(id: string, { batches }: Ports): Promise<Batch> {
  const batch = /^bat_[0-9a-z]{26}$/.test(id) ? await batches.batch(id) : undefined;
  if (batch) return batch;
  throw new PublicError("not_found", "There is no batch with this id, or it is older than 90 days.");
}

function view(batch: Batch): ApiBatch {
  const { id, total, accepted, refused, createdAt, sendAt, cancelledAt } = batch;
  return {
    id,
    status: batchStatus(batch),
    ...{ total, accepted, refused, waiting: total - accepted - refused },
    createdAt: iso(createdAt),
    ...(sendAt !== undefined && { sendAt: iso(sendAt) }),
    ...(cancelledAt !== undefined && { cancelledAt: iso(cancelledAt) }),
  };
}

async function recipient(
  index: number,
  result: BatchResult | undefined,
  batch: Batch,
  ports: Ports,
): Promise<ApiBatchRecipient> {
  if (!result) return { index, status: batchStatus(batch) === "cancelled" ? "cancelled" : "waiting" };
  if ("code" in result) return { index, status: "refused", refusal: result };
  return { index, status: "accepted", message: await messageNow(result, ports) };
}

type MessageNow = NonNullable<ApiBatchRecipient["message"]>;

async function messageNow(place: Extract<BatchResult, { message: string }>, ports: Ports): Promise<MessageNow> {
  const { message: id, conversation } = place;
  const { idSecret } = await ports.deployment();
  const queued = await findQueued(id, place, { table: ports.table, idSecret });
  if (!queued) return { id, conversation, status: "queued" };
  const source = { log: ports.table, idSecret, ...queued };
  const { messages } = await readMessages(source, { after: queued.entry.sequence - 1, limit: 1 });
  const message = messages.find((one) => one.id === id);
  // One that was erased has no status any more.
  if (!message) return { id, conversation: queued.conversation };
  const { status, statusAt, failure } = shown(message);
  return {
    ...{ id, conversation: queued.conversation },
    ...(status && { status }),
    ...(statusAt && { statusAt }),
    ...(failure && { failure }),
  };
}
