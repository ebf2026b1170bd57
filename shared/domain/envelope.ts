/**
 * An entry as the world sees it: a CloudEvents 1.0 envelope (structured JSON, with the `sequence` extension). The same
 * envelope goes to EventBridge, to SNS, to webhooks and to `GET …/events`.
 */
import * as z from "zod";
import type { Entry } from "./conversation-log.ts";
import { Channel, EventType } from "./event.ts";
import { eventId } from "./ids.ts";
import { messageIn } from "./message-status.ts";

export const Envelope = z.object({
  specversion: z.literal("1.0"),
  id: z.string(),
  source: z.string(),
  type: EventType,
  subject: z.string(),
  time: z.iso.datetime(),
  datacontenttype: z.literal("application/json"),
  /** Names the shape of `data`. It stays while the shape only grows. */
  dataschema: z.string(),
  /** The number in the subject's log, zero-padded so that it also sorts as text. */
  sequence: z.string().regex(/^\d{12}$/),
  /** Raised after a restore from backup: (epoch, sequence) never repeats. */
  epoch: z.number().int().positive(),
  data: z.looseObject({
    conversation: z.string().optional(),
    contact: z.string().optional(),
    channel: Channel,
    account: z.string(),
    /** Times of each hop, ISO 8601; `provider` where the channel gives one. */
    times: z.object({ provider: z.iso.datetime().optional(), received: z.iso.datetime(), recorded: z.iso.datetime() }),
  }),
});
export type Envelope = z.infer<typeof Envelope>;

/** Fields of an event's data that are ms since 1970 in the log and ISO 8601 in the envelope. */
export const TIMES: ReadonlySet<string> = new Set(["expiresAt", "sendAt", "watermark"]);

/** A name, not an address: it is the same wherever Recado runs. */
export function dataSchema<Type extends EventType>(type: Type): `urn:recado:event:${Type}:1` {
  return `urn:recado:event:${type}:1`;
}

/** `log` is the subject; `epoch` is the deployment's. */
export function toEnvelope(log: string, epoch: number, entry: Entry): Envelope {
  const { provider, received, recorded } = entry.at;
  const message = messageIn(entry);
  const contact = log.startsWith("con_") ? log : entry.after.contact;
  return {
    specversion: "1.0",
    id: eventId(entry.key),
    source: `/recado/${entry.account}`,
    type: entry.type,
    subject: log,
    time: iso(recorded),
    datacontenttype: "application/json",
    dataschema: dataSchema(entry.type),
    sequence: padded(entry.sequence),
    epoch,
    data: {
      ...(log.startsWith("conv_") && { conversation: log }),
      ...(contact !== undefined && { contact }),
      channel: entry.channel,
      account: entry.account,
      times: {
        ...(provider !== undefined && { provider: iso(provider) }),
        received: iso(received),
        recorded: iso(recorded),
      },
      ...(entry.late && { late: true }),
      ...(entry.erased && { erased: true }),
      ...withTimes(entry.data as object),
      ...(message && { message: { ...message, sentAt: iso(provider ?? received), receivedAt: iso(received) } }),
    },
  };
}

function withTimes(data: object): object {
  const fields = Object.entries(data).map(([name, value]) => [
    name,
    TIMES.has(name) && typeof value === "number" ? iso(value) : value,
  ]);
  return Object.fromEntries(fields);
}

/** Twelve digits: a log would need a thousand entries a second for thirty years to outgrow them. */
export function padded(sequence: number): string {
  return String(sequence).padStart(12, "0");
}

/** ISO 8601 in UTC; a provider's time beyond what a date can hold is clamped, so that no webhook can stop a reader. */
export function iso(time: number): string {
  return new Date(Math.min(Math.max(Number.isFinite(time) ? time : 0, 0), 253_402_300_799_999)).toISOString();
}
