/**
 * deliver-webhook: follows every log for every subscription and posts what it wants, in order and at least once. A
 * doorbell of record-event is passed on to each subscription that wants the entry; from there on every subscription and
 * log has a queue group, a cursor and a schedule of its own, so that one that waits holds up no other.
 */
import { DeliveryRequest, Doorbell } from "../../shared/domain/mailbox.ts";
import { isWanted } from "../../shared/domain/subscription.ts";
import type { Next } from "../../shared/ports.ts";
import { deliver } from "./deliver.ts";
import { LogAccount } from "./log-account.ts";
import type { Ports } from "./ports.ts";

/**
 * @param body a doorbell, or a request that this function made of one
 * @throws WorldFault: the same again later
 */
export async function deliverWebhook(body: unknown, ports: Ports): Promise<Next> {
  const request = DeliveryRequest.safeParse(body);
  if (request.success) return deliver(request.data, ports);
  await fanOut(Doorbell.parse(body), ports);
  return { kind: "done" };
}

/** Only the entry decides, and it is read only where somebody may want it. */
async function fanOut({ log, sequence }: Doorbell, { known, table, bells }: Ports): Promise<void> {
  const enabled = (await known.all()).filter(({ subscription }) => !subscription.disabled);
  if (enabled.length === 0) return;
  const entry = await table.entry(log, sequence);
  if (!entry) return;
  const subscriptions = enabled.map(({ subscription }) => subscription);
  const candidate = await new LogAccount(log, table).with(entry, subscriptions);
  const wanting = subscriptions.filter((subscription) => isWanted(subscription, candidate));
  await Promise.all(wanting.map(({ id }) => bells.ringDelivery({ subscription: id, log }, `${id}.${log}.${sequence}`)));
}
