/**
 * Takes a message to many. What is to be done lies in the bucket before it is queued, and once it is queued it is done:
 * send-batch keeps the batch itself where this call could not any more. With an Idempotency-Key the batch has its id before all
 * that, so that a repetition goes on with the same batch, and repeats what may have been done already without effect.
 */
import { SendQuery } from "../../shared/domain/api-shapes.ts";
import { type Batch, type BatchOrder, batchFile } from "../../shared/domain/batch.ts";
import { BatchToSend } from "../../shared/domain/batch-shapes.ts";
import { newBatchId } from "../../shared/domain/ids.ts";
import { onceOf } from "./accept.ts";
import { checkRecipients, checkTime } from "./batch-checks.ts";
import { shownBatch } from "./batch-pages.ts";
import { planOf } from "./batch-plan.ts";
import { PublicError } from "./problem.ts";
import { readBody, readQuery } from "./request.ts";
import { type Answer, type Call, type Caller, json, type Ports } from "./route.ts";
import { withStoredFiles } from "./stored-files.ts";

export async function createBatch(call: Call): Promise<Answer> {
  const { request, caller, ports } = call;
  const isDryRun = readQuery(request, SendQuery).dryRun === "true";
  const asked = readBody(request, BatchToSend);
  const once = onceOf(call, ["batches", asked], isDryRun);

  const earlier = once && (await ports.table.answered(once.name));
  if (earlier) return start(same(earlier, once.bodyHash), { asked, caller }, ports);

  checkRecipients(asked, ports);
  const sendAt = checkTime(asked.message, ports);
  const createdAt = ports.clock.now();
  const batch: Batch = {
    id: newBatchId(createdAt, ports.random(10)),
    key: caller.id,
    total: asked.recipients.length,
    createdAt,
    ...(sendAt !== undefined && { sendAt }),
    ...{ position: 0, accepted: 0, refused: 0 },
  };
  if (isDryRun) return json(200, await planOf(await orderOf(batch, { asked, caller }, ports), ports));
  if (once) {
    const first = await ports.table.answerOnce(once.name, { bodyHash: once.bodyHash, answer: JSON.stringify(batch) });
    if (first !== "new") return start(same(first, once.bodyHash), { asked, caller }, ports);
  }
  return start(batch, { asked, caller }, ports);
}

interface Given {
  asked: BatchToSend;
  caller: Caller;
}

/** Where it is kept it was queued before, and what is to be done may be done already and gone. */
async function start(batch: Batch, given: Given, ports: Ports): Promise<Answer> {
  const { batches, objects, batchQueue } = ports;
  if (!(await batches.batch(batch.id))) {
    const order = await orderOf(batch, given, ports);
    await objects.put(batchFile(batch.id, "order"), JSON.stringify(order), "application/json");
    await batchQueue.queueBatch(batch.id);
    await batches.beginBatch(batch);
  }
  return json(202, shownBatch(batch));
}

async function orderOf(batch: Batch, { asked, caller }: Given, ports: Ports): Promise<BatchOrder> {
  const { message, recipients } = asked;
  const [content, template] = await Promise.all([
    message.content && withStoredFiles(message.content, ports, "message.content"),
    message.template && withStoredFiles(message.template, ports, "message.template"),
  ]);
  return {
    batch,
    ...(caller.accounts && { accounts: caller.accounts }),
    message: { ...message, ...(content && { content }), ...(template?.type === "template" && { template }) },
    recipients,
  };
}

function same(earlier: { bodyHash: string; answer: string }, bodyHash: string): Batch {
  if (earlier.bodyHash === bodyHash) return JSON.parse(earlier.answer) as Batch;
  const detail = "This Idempotency-Key came with another batch before. Use a new key for each batch.";
  throw new PublicError("idempotency_key_reused", detail, { field: "Idempotency-Key" });
}
