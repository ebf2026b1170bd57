/**
 * publish-event: forwards a log to a stream, in order and at least once. The doorbell only wakes it: what is published
 * is what lies between its own cursor and the end of the log. Each stream has a queue, a function and cursors of its own,
 * so that one that fails holds up no other.
 */
import { type Envelope, toEnvelope } from "../../shared/domain/envelope.ts";
import type { Doorbell } from "../../shared/domain/mailbox.ts";
import { type Cursors, type EventStream, type LogReader, type Next, WorldFault } from "../../shared/ports.ts";

export interface Ports {
  table: LogReader & Cursors;
  stream: EventStream;
  /** Whose cursors it moves. */
  consumer: string;
  epoch: number;
  /** Ms that are left to this invocation. */
  remaining(): number;
}

/** As many entries as the bus takes in one call. */
const PAGE = 10;
/** Five hundred entries in one go; a longer replay comes back for the rest. */
const MOST_PAGES = 50;
/** Some streams take one event at a time: a page of them has to end before the function does. */
const ENOUGH_MS = 10_000;
const REST_SECONDS = 1;

/**
 * Two workers on one log publish some of it twice.
 * @throws WorldFault when the stream takes nothing: the bell comes again, ever later
 */
export async function publishEvents({ log, sequence }: Doorbell, ports: Ports): Promise<Next> {
  const { table, stream, consumer, epoch, remaining } = ports;
  let from = await table.cursor(consumer, log);
  // A late or repeated bell: others have published what it rang for.
  if (from >= sequence) return { kind: "done" };

  for (let page = 0; page < MOST_PAGES && remaining() > ENOUGH_MS; page++) {
    const entries = await table.entries(log, from, PAGE);
    if (entries.length === 0) return { kind: "done" };
    const envelopes = entries.map((entry) => fitting(toEnvelope(log, epoch, entry), stream));
    const accepted = await stream.publish(envelopes);
    const last = entries[accepted - 1];
    if (!last) throw new WorldFault("the stream took none of the events");
    const isMoved = await table.moveCursor(consumer, log, from, last.sequence);
    if (isMoved && accepted === entries.length && entries.length < PAGE) return { kind: "done" };
    from = isMoved ? last.sequence : await table.cursor(consumer, log);
  }
  return { kind: "retry", afterSeconds: REST_SECONDS };
}

/** What is too large for the stream is named, to be fetched from the API. */
function fitting(envelope: Envelope, stream: EventStream): Envelope {
  if (stream.fits(envelope)) return envelope;
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
