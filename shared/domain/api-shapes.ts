/**
 * What the API takes and gives: the public shapes of requests, queries and answers. Times are ISO 8601, in
 * UTC where they are given. The shapes of answers are what tests and the generated contract judge by; at run time only requests are checked.
 */
import * as z from "zod";
import { Content } from "./content.ts";
import { ContentToSend, TemplateToSend } from "./content-to-send.ts";
import { Envelope } from "./envelope.ts";
import { Author, Channel, EventTypeOrFamily, eventData, Failure, Message, ReplyTo, Topic } from "./event.ts";
import { MOST_RECIPIENTS, Recipient } from "./sending-shapes.ts";
import { ZonedTime, ZonedTimeInQuery } from "./zoned-time.ts";

const Time = z.iso.datetime();

/** Largest body of a request that is read at all, in bytes. */
export const LARGEST_REQUEST = 3 * 1024 * 1024;
/** Largest message, as JSON in bytes: what is kept under an Idempotency-Key holds it three times in one item of 400 KB. */
export const LARGEST_MESSAGE = 120_000;

// Requests.

const said = {
  /** What it is about, where it is no part of the conversation: customers stop and start topics one by one. */
  topic: Topic.optional(),
  /** When it is to go out, within 90 days; at once when left out. */
  sendAt: ZonedTime.optional(),
};
const author = z.strictObject({
  type: z.enum(["agent", "bot", "system"]),
  name: z.string().min(1).max(200).optional(),
});

export const MessageToSend = z.strictObject({
  content: ContentToSend,
  /** Our id of the message in the same conversation that this one answers. */
  replyTo: z
    .string()
    .regex(/^msg_[A-Za-z0-9_-]{22,26}$/, "must be the id of a message, msg_…")
    .optional(),
  author: author.default({ type: "agent" }),
  ...said,
  /** Goes out in its place when the window is closed; `{text}` in a parameter stands for what the message says. */
  fallback: TemplateToSend.optional(),
});
export type MessageToSend = z.infer<typeof MessageToSend>;

/** One that the business begins. */
export const ProactiveMessage = z
  .strictObject({
    /** One recipient, or several in order of preference: the first who may get it does. */
    to: z.union(
      [Recipient, z.array(Recipient).min(1).max(MOST_RECIPIENTS)],
      `must be a recipient, or a list of up to ${MOST_RECIPIENTS}: a contact, or an account and an address`,
    ),
    content: ContentToSend.optional(),
    /** Goes out where a free reply is not possible; alone it always does. `{text}` in a parameter stands for what `content` says. */
    template: TemplateToSend.optional(),
    author: author.default({ type: "system" }),
    ...said,
  })
  .refine(({ content, template }) => content || template, "must have content or a template");
export type ProactiveMessage = z.infer<typeof ProactiveMessage>;
export type NewProactiveMessage = z.input<typeof ProactiveMessage>;

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

export const ConversationsQuery = z.strictObject({
  ...ListQuery.shape,
  /** Those that are open, or those that are closed. */
  status: z.enum(["open", "closed"]).optional(),
  channel: Channel.optional(),
  /** Name of an account in the configuration. */
  account: z.string().optional(),
});

export type ConversationFilter = Omit<z.input<typeof ConversationsQuery>, keyof z.input<typeof ListQuery>>;

const Status = z.enum(["queued", "uncertain", "sent", "delivered", "read", "played", "failed"]);

export const MessagesQuery = z.strictObject({
  ...ListQuery.shape,
  direction: z.enum(["inbound", "outbound"]).optional(),
  /** Those of the business that have come so far now. */
  status: Status.optional(),
  /** Kind of the content. */
  type: z.enum(Content.options.map((option) => option.shape.type.value)).optional(),
});
export type MessageFilter = Omit<z.input<typeof MessagesQuery>, keyof z.input<typeof ListQuery>>;

const LAST_SEQUENCE = 999_999_999_999;
const sequence = wholeNumber(0, LAST_SEQUENCE).optional();

export const FeedQuery = z.strictObject({
  ...ListQuery.shape,
  /** Where the feed begins: with what was recorded after that time. Only without `cursor`. */
  since: ZonedTimeInQuery.optional(),
});

export const EventsQuery = z.strictObject({
  /** So many at most on one page. A page may be shorter and still not be the last. */
  limit,
  /** Number of the last event that the caller has; 0 for all. Not together with `cursor`. */
  after: sequence,
  /** `nextCursor` of the page before. */
  cursor: sequence,
  /** Types of events or families such as `message.*`, with commas between them. */
  types: z
    .string()
    .transform((text) => text.split(","))
    .pipe(z.array(EventTypeOrFamily).min(1))
    .optional(),
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

export const ApiMessage = z.strictObject({
  ...Message.shape,
  author: Author,
  replyTo: ReplyTo.optional(),
  conversation: z.string(),
  /** When it is to go out, or was to, where that was not at once. */
  sendAt: Time.optional(),
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
  /** The contact that this one is part of: who the customer turned out to be, or whom they were merged with. */
  mergedInto: z.string().optional(),
  /** The contacts that were merged with this one; what is said here is said of all of them. */
  absorbed: z.array(z.string()).optional(),
  /** What the business noted. */
  attributes: z.record(z.string(), z.union([z.string(), z.number(), z.boolean()])).optional(),
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
/** A page of the feed. It never ends: `nextCursor` is to be kept. */
export const FeedPage = z.object({ data: z.array(Envelope), nextCursor: z.string() });
export type FeedPage = z.infer<typeof FeedPage>;
export type Page<Row> = { data: Row[]; nextCursor: string | null };

export const ExportQuery = z.strictObject({
  /** `nextCursor` of the page before. */
  cursor: z.string().optional(),
});

/**
 * What is kept about a contact: first who they are and where they are spoken to, then of each conversation its messages as
 * they are now and its events, each followed by the files that it names.
 */
export const ExportItem = z.discriminatedUnion("kind", [
  z.strictObject({ kind: z.literal("contact"), contact: ApiContact }),
  z.strictObject({
    kind: z.literal("conversation"),
    conversation: ApiConversation,
    /** How many there are in its log. */
    events: z.number().int(),
  }),
  z.strictObject({ kind: z.literal("message"), message: ApiMessage }),
  z.strictObject({
    kind: z.literal("event"),
    event: Envelope,
    /** How the channel named the customer with it. */
    address: z.string().optional(),
    /** What the channel told about them with it, where that was new. */
    profile: z.strictObject({ name: z.string().optional(), addresses: z.array(z.string()).optional() }).optional(),
  }),
  z.strictObject({ kind: z.literal("file"), file: ApiMedia.shape.media }),
]);
export type ExportItem = z.infer<typeof ExportItem>;
export const ExportPage = page(ExportItem);

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
  /** Of several recipients: who would get it. Without `conversation` it would begin one. */
  to: z.strictObject({ account: z.string(), channel: Channel, conversation: z.string().optional() }).optional(),
  /** Those before it, or all, who may not get it. */
  passedOver: z
    .array(
      z.strictObject({
        to: Recipient,
        account: z.string().optional(),
        channel: Channel.optional(),
        reasons: z.array(z.strictObject({ code: z.string(), text: z.string() })),
      }),
    )
    .optional(),
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
