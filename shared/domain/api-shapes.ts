/**
 * What the API takes and gives: the public shapes of requests, queries and answers. Times are ISO 8601 in UTC. The
 * shapes of answers are what tests and the generated contract judge by; at run time only requests are checked.
 */
import * as z from "zod";
import { Content, TemplateContent } from "./content.ts";
import { Envelope } from "./envelope.ts";
import { Author, Channel, eventData, Failure, Message, ReplyTo, Topic } from "./event.ts";

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
  /** What it is about, where it is no part of the conversation: customers stop and start topics one by one. */
  topic: Topic.optional(),
  /** Goes out in its place when the window is closed; `{text}` in a parameter stands for what the message says. */
  fallback: TemplateContent.optional(),
});
export type MessageToSend = z.infer<typeof MessageToSend>;

const WORD = "[\\w!#$&^.+-]+";
/** `type/subtype`, with parameters or without (RFC 9110, 8.3.1). */
const CONTENT_TYPE = new RegExp(`^${WORD}/${WORD}( ?; ?${WORD}=(${WORD}|"[ !#-\\[\\]-~]*"))*$`);

/** A file that is about to be uploaded, to be sent by its id. */
export const MediaToUpload = z.strictObject({
  contentType: z.string().max(200).regex(CONTENT_TYPE, "must be a content type such as image/jpeg"),
  /** What the customer sees it called. */
  fileName: z
    .string()
    .min(1)
    .max(200)
    .regex(/^[^\p{Cc}/\\]*$/u, "must hold no control characters and no slashes")
    .optional(),
  /** In bytes. */
  size: z.number().int().positive(),
  /** Hex; where it is given, nothing else can be uploaded. */
  sha256: z
    .string()
    .regex(/^[0-9a-fA-F]{64}$/, "must be a SHA-256 in hex")
    .optional(),
});
export type MediaToUpload = z.infer<typeof MediaToUpload>;

/** `all` messages of the channel, `proactive` for what the business begins itself, or one topic. */
export const ConsentToNote = z.strictObject({
  topic: Topic.refine((topic) => topic !== "conversation", "must be a topic that can be stopped; answers cannot"),
  state: z.enum(["opted_out", "opted_in"]),
});
export type ConsentToNote = z.infer<typeof ConsentToNote>;

/** Closing and opening take no fields. */
export const Nothing = z.strictObject({});

const wholeNumber = (least: number, most: number) => {
  const sentence = `must be a whole number from ${least} to ${most}`;
  return z
    .string()
    .regex(/^\d{1,12}$/, sentence)
    .transform(Number)
    .pipe(z.number().int().min(least, sentence).max(most, sentence));
};
const limit = wholeNumber(1, 100).default(50);

/** Every list takes these. */
export const ListQuery = z.strictObject({
  /** So many at most on one page. A page may be shorter and still not be the last. */
  limit,
  /** `nextCursor` of the page before. */
  cursor: z.string().optional(),
});

const LAST_SEQUENCE = 999_999_999_999;
const sequence = wholeNumber(0, LAST_SEQUENCE).optional();

export const EventsQuery = z.strictObject({
  /** So many at most on one page. A page may be shorter and still not be the last. */
  limit,
  /** Number of the last event that the caller has; 0 for all. Not together with `cursor`. */
  after: sequence,
  /** `nextCursor` of the page before. */
  cursor: sequence,
});

export const SendQuery = z.strictObject({
  /** `true`: nothing goes out, and the answer says what would. */
  dryRun: z.enum(["true", "false"]).optional(),
});

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
  /** Topics that the customer wants to hear nothing about; `all` is everything, `proactive` what the business begins. */
  optedOut: z.array(z.string()),
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
  /** Outbound only, as are `statusAt` and `failure`. */
  status: Status.optional(),
  /** The first time of each status that was reached. */
  statusAt: z.partialRecord(Status, Time).optional(),
  failure: Failure.optional(),
  /** What the provider says that it charges, in its own words. */
  pricing: z.record(z.string(), z.unknown()).optional(),
  /** The account by which it went out, where that is another than the conversation's. */
  via: z.string().optional(),
  /** Where the message goes out as several, in their order; its own status is that of the part that is behind. */
  parts: z
    .array(
      z.strictObject({
        status: Status,
        statusAt: z.partialRecord(Status, Time),
        providerMessageId: z.string().optional(),
        failure: Failure.optional(),
        pricing: z.record(z.string(), z.unknown()).optional(),
      }),
    )
    .optional(),
  /** Why its file could not be kept; it stays with the provider, as long as that keeps it. */
  mediaFailure: z.strictObject({ code: eventData["media.failed"].shape.code, reason: z.string() }).optional(),
  editedAt: Time.optional(),
  /** The author took it back. */
  deletedAt: Time.optional(),
  reactions: z.array(z.strictObject({ emoji: z.string(), author: Author })).optional(),
});
export type ApiMessage = z.infer<typeof ApiMessage>;

export const ApiContact = z.strictObject({
  id: z.string(),
  name: z.string().optional(),
  /** The contact that this one turned out to be, when the customer's number became known. */
  mergedInto: z.string().optional(),
  /** Where the contact is spoken to, on every channel. */
  conversations: z.array(
    z.strictObject({ id: z.string(), channel: Channel, account: z.string(), address: z.string() }),
  ),
  /** What they said last on each channel about each topic, where they said anything. */
  consents: z.array(z.strictObject({ channel: Channel, ...eventData["consent.changed"].shape, at: Time })).optional(),
});
export type ApiContact = z.infer<typeof ApiContact>;

/** A stored file. `url` opens it without an API key, until it expires. */
export const ApiMedia = z.strictObject({
  media: z.strictObject({
    id: z.string(),
    contentType: z.string(),
    size: z.number().int().nonnegative(),
    fileName: z.string().optional(),
    url: z.url(),
    expiresAt: Time,
  }),
});
export type ApiMedia = z.infer<typeof ApiMedia>;

/** Where to put the file: one request with these headers, whose body is exactly what was announced. */
export const UploadOffer = z.strictObject({
  media: z.strictObject({ id: z.string() }),
  upload: z.strictObject({
    method: z.literal("PUT"),
    url: z.url(),
    headers: z.record(z.string(), z.string()),
    expiresAt: Time,
  }),
});
export type UploadOffer = z.infer<typeof UploadOffer>;

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
    /** When the quiet hours end that speak against it now. */
    notBefore: Time.optional(),
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

export const Health = z.strictObject({ status: z.literal("ok") });

/** An OpenAPI or AsyncAPI document. */
export const AnyDocument = z.looseObject({});
