/**
 * What the API takes and gives: the public shapes of requests, queries and answers. Times are ISO 8601 in UTC. The
 * shapes of answers are what tests and the generated contract judge by; at run time only requests are checked.
 */
import * as z from "zod";
import { Content } from "./content.ts";
import { Envelope } from "./envelope.ts";
import { Author, Channel, Failure, Message, ReplyTo } from "./event.ts";

const Time = z.iso.datetime();

/** Largest body of a request that is read at all, in bytes. */
export const LARGEST_REQUEST = 3 * 1024 * 1024;
/** Largest message, as JSON in bytes: what is kept under an Idempotency-Key holds it three times in one item of 400 KB. */
export const LARGEST_MESSAGE = 120_000;

// Requests.

export const MessageToSend = z.strictObject({
  content: Content,
  /** Our id of the message in the same conversation that this one answers. */
  replyTo: z
    .string()
    .regex(/^msg_[A-Za-z0-9_-]{22,26}$/, "must be the id of a message, msg_…")
    .optional(),
  author: z
    .strictObject({ type: z.enum(["agent", "bot", "system"]), name: z.string().min(1).max(200).optional() })
    .default({ type: "agent" }),
});
export type MessageToSend = z.infer<typeof MessageToSend>;

/** Closing and opening take no fields. */
export const Nothing = z.strictObject({});

const wholeNumber = (least: number, most: number) => {
  const sentence = `must be a whole number from ${least} to ${most}`;
  return z
    .string()
    .regex(/^\d{1,12}$/, sentence)
    .transform(Number)
    .pipe(z.number().min(least, sentence).max(most, sentence));
};
const limit = wholeNumber(1, 100).default(50);

/** Every list takes these. */
export const ListQuery = z.strictObject({ limit, cursor: z.string().optional() });

const LAST_SEQUENCE = 999_999_999_999;
const sequence = wholeNumber(0, LAST_SEQUENCE).optional();

/** `after`: number of the last entry that the caller has. A cursor of this list is such a number, too. */
export const EventsQuery = z.strictObject({ limit, after: sequence, cursor: sequence });

export const SendQuery = z.strictObject({ dryRun: z.enum(["true", "false"]).optional() });

export const NoQuery = z.strictObject({});

// Answers.

export const ApiConversation = z.strictObject({
  id: z.string(),
  channel: Channel,
  account: z.string(),
  /** How the channel names the customer; opaque. */
  address: z.string(),
  contact: z.strictObject({ id: z.string(), name: z.string().optional() }),
  status: z.enum(["open", "closed"]),
  lastActivityAt: Time,
  /** Until when a free reply is possible; null where the channel has no window or the customer has not written yet. */
  replyUntil: Time.nullable(),
});
export type ApiConversation = z.infer<typeof ApiConversation>;

const Status = z.enum(["queued", "uncertain", "sent", "delivered", "read", "played", "failed"]);

export const ApiMessage = z.strictObject({
  ...Message.shape,
  author: Author,
  replyTo: ReplyTo.optional(),
  conversation: z.string(),
  /** When it was written, by the provider's clock where it gives a time. */
  sentAt: Time,
  receivedAt: Time,
  /** Outbound only, like the two below. */
  status: Status.optional(),
  /** The first time of each status that was reached. */
  statusAt: z.partialRecord(Status, Time).optional(),
  failure: Failure.optional(),
  /** Where the message goes out as several, in their order; its own status is that of the part that is behind. */
  parts: z
    .array(
      z.strictObject({
        status: Status,
        statusAt: z.partialRecord(Status, Time),
        providerMessageId: z.string().optional(),
        failure: Failure.optional(),
      }),
    )
    .optional(),
  editedAt: Time.optional(),
  /** The author took it back. */
  deletedAt: Time.optional(),
  reactions: z.array(z.strictObject({ emoji: z.string(), author: Author })).optional(),
});
export type ApiMessage = z.infer<typeof ApiMessage>;

export const ApiContact = z.strictObject({ id: z.string(), name: z.string().optional() });
export type ApiContact = z.infer<typeof ApiContact>;

const page = <Row extends z.ZodType>(row: Row) =>
  z.strictObject({ data: z.array(row), nextCursor: z.string().nullable() });
export const ConversationPage = page(ApiConversation);
export const MessagePage = page(ApiMessage);
export const EventPage = page(Envelope);
export type Page<Row> = { data: Row[]; nextCursor: string | null };

export const SentMessage = z.strictObject({ message: ApiMessage });
export type SentMessage = z.infer<typeof SentMessage>;

/** What would become of a message now, in words that an agent understands. */
export const PlanAnswer = z.strictObject({
  plan: z.strictObject({
    allowed: z.boolean(),
    reasons: z.array(z.strictObject({ code: z.string(), text: z.string() })),
    /** What would really go out, one message at the customer's each. */
    parts: z.array(
      z.strictObject({
        content: Content,
        segments: z.number().int().optional(),
        encoding: z.enum(["GSM-7", "UCS-2"]).optional(),
      }),
    ),
    /** How that differs from what was given. */
    changes: z.array(z.strictObject({ code: z.string(), text: z.string() })),
    /** Of all parts, where the network charges by segments. */
    segments: z.number().int().optional(),
    priceClass: z.enum(["sms", "mms"]).optional(),
    template: z.strictObject({ name: z.string(), language: z.string() }).optional(),
    /** Possible only because a person writes it, after the time for other replies. */
    tag: z.literal("human_agent").optional(),
    replyUntil: Time.optional(),
  }),
});
export type PlanAnswer = z.infer<typeof PlanAnswer>;

/** RFC 9457. `code` is stable; sentences may change. */
export const Problem = z.strictObject({
  type: z.literal("about:blank"),
  title: z.string(),
  status: z.number().int(),
  code: z.string(),
  detail: z.string(),
  /** The field, parameter or header at fault. */
  field: z.string().optional(),
  requestId: z.string(),
});
export type Problem = z.infer<typeof Problem>;
