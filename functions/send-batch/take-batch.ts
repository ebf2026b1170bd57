/**
 * What happens to one body off the queue of batches. The world's faults pass through: the queue brings the body again.
 * Anything else is a fault of ours that no repetition cures: after three tries the body is parked beside the error, and
 * the batches behind it go on.
 */
import * as z from "zod";
import { parkedAgainId } from "../../shared/domain/ids.ts";
import { jsonIn } from "../../shared/domain/json.ts";
import { BatchRequest } from "../../shared/domain/mailbox.ts";
import { log } from "../../shared/log.ts";
import { type DeadLetters, type Next, WorldFault } from "../../shared/ports.ts";
import { type Ports as SendPorts, sendBatch } from "./send-batch.ts";

export interface Ports extends SendPorts {
  deadLetters: DeadLetters;
}

/** A parked body; when it is redriven it comes back in this form. */
const Parked = z.object({ parked: z.string(), error: z.string() });

const TRIES = 3;

/** @param place queue group and deduplication id of the body, kept when it is parked */
export async function takeBatch(
  body: string,
  place: { group: string; deduplicationId: string },
  ports: Ports,
): Promise<Next> {
  let request: BatchRequest | undefined;
  let error: unknown;
  for (let tried = 0; tried < TRIES; tried++) {
    try {
      request = read(body);
      return await sendBatch(request, ports);
    } catch (cause) {
      if (cause instanceof WorldFault) throw cause;
      error = cause;
    }
  }
  const reason = error instanceof Error ? error.name : "unknown";
  log("error", "batch_parked", { reason, batch: request?.batch });
  const again = Parked.safeParse(jsonIn(body)).success && { deduplicationId: parkedAgainId(body) };
  await ports.deadLetters.park({ body: { parked: body, error: String(error) }, ...place, ...again });
  return { kind: "done" };
}

function read(body: string): BatchRequest {
  const written: unknown = JSON.parse(body);
  const parked = Parked.safeParse(written).data;
  return parked ? read(parked.parked) : BatchRequest.parse(written);
}
