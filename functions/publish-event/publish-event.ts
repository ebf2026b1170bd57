/**
 * publish-event: forwards a log to the event bus, in order and at least once. The doorbell only wakes it: what is
 * published is what lies between its own cursor and the end of the log.
 */
import { type Envelope, toEnvelope } from "../../shared/domain/envelope.ts";
import type { Doorbell } from "../../shared/domain/mailbox.ts";
import { type Bus, type Cursors, type LogReader, type Next, WorldFault } from "../../shared/ports.ts";

export interface Ports {
  table: LogReader & Cursors;
  bus: Bus;
  epoch: number;
}

const CONSUMER = "publish-event";

/** As many entries as the bus takes in one call. */
const PAGE = 10;
/** Two thousand entries in one go; a longer replay comes back for the rest. */
const MOST_PAGES = 200;
const REST_SECONDS = 1;

/** The bus takes 256 KB per event, its own few fields counted in. */
const LARGEST_ENVELOPE_BYTES = 255_000;

/**
 * Two workers on one log publish some of it twice. Calls follow the log's order; within one, the bus may take a later
 * event and refuse an earlier, which then comes behind it: a consumer orders by `sequence`.
 * @throws WorldFault when the bus takes nothing: the bell comes again, ever later
 */
export async function publishEvents({ log, sequence }: Doorbell, { table, bus, epoch }: Ports): Promise<Next> {
  let from = await table.cursor(CONSUMER, log);
  // A late or repeated bell: others have published what it rang for.
  if (from >= sequence) return { kind: "done" };

  for (let page = 0; page < MOST_PAGES; page++) {
    const entries = await table.entries(log, from, PAGE);
    if (entries.length === 0) return { kind: "done" };
    const envelopes = entries.map((entry) => fitting(toEnvelope(log, epoch, entry)));
    const accepted = await bus.publish(envelopes);
    const last = entries[accepted - 1];
    if (!last) throw new WorldFault("the bus took none of the events");
    const isMoved = await table.moveCursor(CONSUMER, log, from, last.sequence);
    if (isMoved && accepted === entries.length && entries.length < PAGE) return { kind: "done" };
    from = isMoved ? last.sequence : await table.cursor(CONSUMER, log);
  }
  return { kind: "retry", afterSeconds: REST_SECONDS };
}

/** What is too large for the bus is named, to be fetched from the API. */
function fitting(envelope: Envelope): Envelope {
  if (Buffer.byteLength(JSON.stringify(envelope)) <= LARGEST_ENVELOPE_BYTES) return envelope;
  const { conversation, contact, channel, account, times, message } = envelope.data;
  const id = (message as { id?: string } | undefined)?.id;
  return {
    ...envelope,
    data: {
      ...(conversation !== undefined && { conversation }),
      ...(contact !== undefined && { contact }),
      channel,
      account,
      times,
      ...(id !== undefined && { message: { id } }),
      truncated: true,
    },
  };
}
