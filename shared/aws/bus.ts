import { EventBridgeClient, PutEventsCommand, type PutEventsRequestEntry } from "@aws-sdk/client-eventbridge";
import type { Envelope } from "../domain/envelope.ts";
import { log } from "../log.ts";
import type { EventStream } from "../ports.ts";
import { worldly } from "./faults.ts";
import { PATIENCE } from "./patience.ts";

/** What one PutEvents request takes: ten events, 256 KB in all. */
const MOST_EVENTS = 10;
const LARGEST_REQUEST_BYTES = 262_144;
/** The bus counts the time of an event as so much, and its other fields by their UTF-8. */
const TIME_BYTES = 14;

/**
 * An EventBridge bus. `detail` is the envelope, `detail-type` the event's type. Within one request it may take a later
 * event and refuse an earlier, which then comes behind it; the bus promises no order anyway, so consumers go by
 * `sequence`.
 */
export class EventBridgeBus implements EventStream {
  readonly #client: EventBridgeClient;
  readonly #busName: string;

  constructor({ busName, client = new EventBridgeClient(PATIENCE) }: { busName: string; client?: EventBridgeClient }) {
    this.#busName = busName;
    this.#client = client;
  }

  fits(envelope: Envelope): boolean {
    return entryBytes(this.#entry(envelope)) <= LARGEST_REQUEST_BYTES;
  }

  /** One request with as many of the first as it takes. */
  async publish(envelopes: readonly Envelope[]): Promise<number> {
    const Entries = fillRequest(envelopes.map((envelope) => this.#entry(envelope)));
    if (Entries.length === 0) return 0;
    const { Entries: results = [] } = await worldly(() => this.#client.send(new PutEventsCommand({ Entries })));
    const refused = results.findIndex(({ ErrorCode }) => ErrorCode !== undefined);
    if (refused === -1) return Entries.length;
    log("warn", "bus_refused", { reason: results[refused]?.ErrorCode, event: envelopes[refused]?.id });
    return refused;
  }

  #entry(envelope: Envelope): PutEventsRequestEntry {
    return {
      EventBusName: this.#busName,
      Source: "recado",
      DetailType: envelope.type,
      Detail: JSON.stringify(envelope),
      Time: new Date(envelope.time),
    };
  }
}

function entryBytes({ Source, DetailType, Detail }: PutEventsRequestEntry): number {
  return TIME_BYTES + Buffer.byteLength(`${Source}${DetailType}${Detail}`);
}

/** The first always goes: one event alone is its publisher's to keep small enough. */
function fillRequest(entries: readonly PutEventsRequestEntry[]): PutEventsRequestEntry[] {
  let bytes = 0;
  const end = entries.findIndex((entry, index) => {
    bytes += entryBytes(entry);
    return index > 0 && (index === MOST_EVENTS || bytes > LARGEST_REQUEST_BYTES);
  });
  return entries.slice(0, end === -1 ? entries.length : end);
}
