/**
 * The envelope of each type of event, whole: what `toEnvelope` makes of an entry whose data is as `eventData` says. The
 * generated contract and tests judge by it; nothing that runs in a function does.
 */
import * as z from "zod";
import { dataSchema, Envelope, TIMES } from "./envelope.ts";
import { EventType, eventData, Message } from "./event.ts";

/** A message as an event brings it. */
export const EventMessage = z.object({
  ...Message.shape,
  /** When it was written, by the provider's clock where it gives a time. */
  sentAt: z.iso.datetime(),
  /** When Recado got it. */
  receivedAt: z.iso.datetime(),
});

const common = {
  ...Envelope.shape.data.shape,
  /** It came to Recado's log long after it had happened: it had been set aside, and was brought in by hand. */
  late: z.literal(true).optional(),
  /** What was said is gone, on the person's request; that it happened, and when, stayed. */
  erased: z.literal(true).optional(),
};

/** What the event bus carries in place of an event that is too large for it; the API has the whole. */
const CutShort = z.object({
  ...common,
  message: z.object({ id: z.string() }).optional(),
  /** Its data would have been more than the bus takes. */
  truncated: z.literal(true),
});

type AnyObject = z.ZodObject<z.core.$ZodLooseShape>;

export const eventShapes = Object.fromEntries(
  EventType.options.map((type) => {
    const own: z.ZodType = eventData[type];
    return [type, envelopeOf(type, withCommon(own))];
  }),
) as Record<EventType, ReturnType<typeof envelopeOf>>;

/** As it stands on the bus: whole, or cut short. */
export const busShapes = Object.fromEntries(
  EventType.options.map((type) => [type, envelopeOf(type, z.union([eventShapes[type].shape.data, CutShort]))]),
) as Record<EventType, ReturnType<typeof envelopeOf>>;

function envelopeOf(type: EventType, data: z.ZodType) {
  return z.object({ ...Envelope.shape, type: z.literal(type), dataschema: z.literal(dataSchema(type)), data });
}

function withCommon(own: z.ZodType): z.ZodType {
  if (own instanceof z.ZodUnion) return z.union(own.options.map((option) => withCommon(option as z.ZodType)));
  if (!(own instanceof z.ZodObject)) throw new Error("The data of an event is an object, or one of several.");
  const { message, ...rest } = (own as AnyObject).shape;
  const data = z.object({
    ...common,
    ...withTimes(rest),
    ...(message && { message: message === Message ? EventMessage : message }),
  });
  return own.def.catchall ? data.loose() : data;
}

function withTimes(shape: Readonly<Record<string, z.core.$ZodType>>): Record<string, z.core.$ZodType> {
  const fields = Object.entries(shape).map(([name, field]) => [name, TIMES.has(name) ? asTime(field) : field]);
  return Object.fromEntries(fields);
}

function asTime(field: z.core.$ZodType): z.ZodType {
  return field instanceof z.ZodOptional ? z.iso.datetime().optional() : z.iso.datetime();
}
