/** Stops messages of a batch that wait for their time: each as if somebody had cancelled it alone. */
import type { Addressing } from "../../shared/channels/connector.ts";
import { type Batch, isToStop } from "../../shared/domain/batch.ts";
import type { IdSecret } from "../../shared/domain/ids.ts";
import type { Batches, Cancellations, Clock, Mailbox, Random } from "../../shared/ports.ts";
import { cancelSending } from "../../shared/sending/cancel.ts";

export interface StopPorts {
  table: Cancellations;
  batches: Batches;
  mailbox: Mailbox;
  addressing: ReadonlyMap<string, Addressing>;
  clock: Clock;
  random: Random;
  idSecret: IdSecret;
  /** How long a message may wait to be sent, from the time that it is to go out. */
  expiresAfterSeconds: number;
}

/** So many are looked at side by side. */
const STEP = 50;

/**
 * Whatever of it has come into the mailbox by now; one that is on its way already goes on. Knows no pace, as what is not
 * stopped in time goes out. Several may do so at once.
 */
export async function stopBatch(id: string, ports: StopPorts): Promise<void> {
  let batch = await ports.batches.batch(id);
  while (batch && isToStop(batch)) {
    await stopStep(batch, ports);
    batch = await ports.batches.batch(id);
  }
}

async function stopStep(batch: Batch, ports: StopPorts): Promise<void> {
  const { batches, addressing, expiresAfterSeconds } = ports;
  const { id, sendAt = 0, stopped = 0, position } = batch;
  const to = Math.min(stopped + STEP, position);
  const results = await batches.batchResults(id, stopped, to - stopped);
  const until = sendAt + expiresAfterSeconds * 1000;
  await Promise.all(
    [...results.values()].map(async (result) => {
      const channel = "message" in result && addressing.get(result.account)?.channel;
      if (!channel) return;
      const { message, conversation: log, account } = result;
      await cancelSending({ log, account, channel, message, until }, ports);
    }),
  );
  await batches.stopBatch(id, stopped, to);
}
