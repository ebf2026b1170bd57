/** Stops messages of a batch that wait for their time: each as if somebody had cancelled it alone. */
import type { Addressing } from "../../shared/channels/connector.ts";
import type { Batch } from "../../shared/domain/batch.ts";
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

/**
 * Of the next `count` recipients; one that is on its way already goes on.
 * @returns whether none is left
 */
export async function stopStep(batch: Batch, count: number, ports: StopPorts): Promise<boolean> {
  const { batches, addressing, expiresAfterSeconds } = ports;
  const { id, sendAt = 0, stopped = 0, position } = batch;
  const results = await batches.batchResults(id, stopped, Math.min(count, position - stopped));
  const until = sendAt + expiresAfterSeconds * 1000;
  await Promise.all(
    [...results.values()].map(async (result) => {
      const channel = "message" in result && addressing.get(result.account)?.channel;
      if (!channel) return;
      const { message, conversation: log, account } = result;
      await cancelSending({ log, account, channel, message, until }, ports);
    }),
  );
  await batches.stopBatch(id, stopped, stopped + count);
  return stopped + count >= position;
}
