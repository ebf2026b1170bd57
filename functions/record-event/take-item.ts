/**
 * What happens to one body off the mailbox queue. The world's faults pass through: the queue brings the body again.
 * Anything else is poison, a fault of ours that no repetition cures: after three tries the body is parked beside the
 * error, the account is alerted, and the conversation goes on without it.
 */
import * as z from "zod";
import { parkedAgainId } from "../../shared/domain/ids.ts";
import { jsonIn } from "../../shared/domain/json.ts";
import { accountLog, MailboxItem, MailboxItems, MailboxReference } from "../../shared/domain/mailbox.ts";
import { log } from "../../shared/log.ts";
import { type DeadLetters, type Objects, WorldFault } from "../../shared/ports.ts";
import { type Recorded, type Ports as RecordPorts, recordEvent } from "./record-event.ts";

export interface Ports extends RecordPorts {
  objects: Objects;
  deadLetters: DeadLetters;
}

/** A parked body; when it is redriven it comes back in this form. */
const Parked = z.object({ parked: z.string(), error: z.string() });

const TRIES = 3;

export type Taken = Recorded | { kind: "parked" };

/** Queue group and deduplication id of a body. */
interface Place {
  group: string;
  deduplicationId: string;
}

/**
 * Takes the item of the body, or its several items in order. When one of those has to come back, so do the ones behind
 * it; the ones before it are recognized then.
 * @param place kept when the body is parked
 */
export async function takeItem(body: string, place: Place, ports: Ports): Promise<Taken> {
  let taken: Taken | undefined;
  for (const [index, item] of severalIn(body).entries()) {
    const ownPlace = { ...place, deduplicationId: `${place.deduplicationId}.${index}` };
    taken = await takeOne(JSON.stringify(item), ownPlace, ports);
    if (taken.kind === "early") return taken;
  }
  return taken ?? (await takeOne(body, place, ports));
}

function severalIn(body: string): readonly unknown[] {
  try {
    return MailboxItems.safeParse(JSON.parse(body)).data?.items ?? [];
  } catch {
    return [];
  }
}

async function takeOne(body: string, place: Place, ports: Ports): Promise<Taken> {
  let item: MailboxItem | undefined;
  let error: unknown;
  for (let tried = 0; tried < TRIES; tried++) {
    try {
      item = await read(body, ports.objects);
      return await recordEvent(item, ports);
    } catch (cause) {
      if (cause instanceof WorldFault) throw cause;
      error = cause;
    }
  }
  const reason = error instanceof Error ? error.name : "unknown";
  log("error", "mailbox_item_parked", { reason, key: item?.key, log: item?.log });
  const again = Parked.safeParse(jsonIn(body)).success && { deduplicationId: parkedAgainId(body) };
  await ports.deadLetters.park({ body: { parked: body, error: String(error) }, ...place, ...again });
  if (item) await ports.mailbox.deliver([alert(item, reason, ports)]);
  return { kind: "parked" };
}

async function read(body: string, objects: Objects): Promise<MailboxItem> {
  const written: unknown = JSON.parse(body);
  const parked = Parked.safeParse(written);
  if (parked.success) return { ...(await read(parked.data.parked, objects)), late: true };
  const reference = MailboxReference.safeParse(written);
  if (!reference.success) return MailboxItem.parse(written);
  const stored = await objects.get(reference.data.reference);
  if (stored === undefined) throw new Error(`The mailbox body ${reference.data.reference} is not in the bucket`);
  return MailboxItem.parse(JSON.parse(stored));
}

function alert({ account, channel, key, token }: MailboxItem, reason: string, { clock }: Ports): MailboxItem {
  return {
    log: accountLog(account),
    key: `${key}.parked`,
    token,
    type: "account.alert",
    account,
    channel,
    at: { received: clock.now() },
    data: {
      code: "event_parked",
      reason: `An event could not be recorded (${reason}) and waits in the dead-letter queue.`,
    },
  };
}
