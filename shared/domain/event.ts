/**
 * What can happen: the event types, what each carries, and the message inside. The shapes here are the public contract
 * (CloudEvents `data`); how an event is kept in the table is entry.ts.
 */
import * as z from "zod";
import { Content, TemplateContent } from "./content.ts";

export const Channel = z.enum(["whatsapp", "messenger", "instagram", "sms"]);
export type Channel = z.infer<typeof Channel>;

export const EventType = z.enum([
  "message.received",
  "message.queued",
  "message.uncertain",
  "message.sent",
  "message.delivered",
  "message.read",
  "message.played",
  "message.failed",
  "message.edited",
  "message.deleted",
  "message.reacted",
  "media.stored",
  "media.failed",
  "conversation.opened",
  "conversation.closed",
  "conversation.assigned",
  "conversation.tagged",
  "contact.updated",
  "contact.merged",
  "contact.split",
  "contact.erased",
  "consent.changed",
  "helpdesk.linked",
  "helpdesk.failed",
  "account.alert",
]);
export type EventType = z.infer<typeof EventType>;

const FAMILIES = [...new Set(EventType.options.map((type) => `${type.split(".")[0]}.*`))];
/** How events are asked for: by their type, or as a family such as `message.*`. */
export const EventTypeOrFamily = z.enum([...EventType.options, ...FAMILIES]);

export const Author = z.object({
  type: z.enum(["contact", "agent", "bot", "system"]),
  name: z.string().optional(),
  /** Where it was written when not through Recado, e.g. `phone_app`, `page_inbox`. */
  origin: z.string().optional(),
  /** Group chats: how the channel names who it was; opaque. */
  participant: z.string().optional(),
});
export type Author = z.infer<typeof Author>;

/** What a message answers. The provider's id stays even when we never saw that message. */
export const ReplyTo = z.object({
  id: z.string().optional(),
  providerMessageId: z.string().optional(),
  story: z.string().optional(),
  /** Where the story can be seen while it lasts. */
  storyUrl: z.string().optional(),
});
export type ReplyTo = z.infer<typeof ReplyTo>;

/** What a topic may be called. `conversation` is what people say to each other; anything else is sent proactively. */
export const Topic = z.string().regex(/^[a-z][a-z0-9_-]{0,59}$/);

/**
 * What a customer said about hearing from us: in one of the agreed words, which takes effect at once, or in words of
 * their own, which a person should read.
 */
const ConsentWish = z.object({ wants: z.enum(["stop", "start", "help"]), said: z.enum(["keyword", "phrase"]) });

export const Message = z.object({
  id: z.string(),
  direction: z.enum(["inbound", "outbound"]),
  author: Author,
  content: Content,
  replyTo: ReplyTo.optional(),
  referral: z.record(z.string(), z.unknown()).optional(),
  forwarded: z.boolean().optional(),
  providerMessageId: z.string().optional(),
  /** Outbound: what it is about, where it is not part of the conversation; `marketing`, `orders` … */
  topic: Topic.optional(),
  /** Inbound. */
  consentWish: ConsentWish.optional(),
  /** Outbound: the reply in a helpdesk that it is, or is a part of, by the id of that desk. */
  helpdesk: z
    .object({
      name: z.string(),
      id: z.string(),
      /** How often the agent there had it sent again before. */
      attempt: z.number().int().positive().optional(),
    })
    .optional(),
});
export type Message = z.infer<typeof Message>;

/** Why a message failed. `assumed` is our own verdict after silence; it gives way to any receipt. */
export const Failure = z.object({
  class: z.enum([
    "window",
    "rate",
    "auth",
    "account",
    "policy",
    "template",
    "payload",
    "unreachable",
    "opted_out",
    "transient",
    "expired",
    "cancelled",
    "unconfirmed",
    "unknown",
  ]),
  /** The provider's own code as text, or ours where the provider was not asked. */
  code: z.string().optional(),
  /** A sentence that an agent understands. */
  reason: z.string(),
  assumed: z.boolean().optional(),
});
export type Failure = z.infer<typeof Failure>;

/** A reference to a message of ours, or to one of the provider's that we may never have seen. */
export const MessageReference = z.object({
  id: z.string().optional(),
  providerMessageId: z.string().optional(),
  part: z.number().int().nonnegative().optional(),
});
export type MessageReference = z.infer<typeof MessageReference>;

/** A file of a message as it lies in the bucket. */
export const StoredMedia = z.object({
  id: z.string(),
  contentType: z.string(),
  size: z.number().int().nonnegative(),
  /** Hex. */
  sha256: z.string(),
  fileName: z.string().optional(),
});

const receipt = z.object({
  message: MessageReference,
  /** Group chats: whose receipt this is. */
  participant: z.string().optional(),
  /** Receipts by watermark: everything of ours up to this provider time (ms since 1970). */
  watermark: z.number().optional(),
  pricing: z.record(z.string(), z.unknown()).optional(),
});
const open = z.looseObject({});
/** At which helpdesk that was done, by its name in the configuration. */
const where = { helpdesk: z.string().optional() };

/** What each type of event carries beside conversation, contact, channel and account. */
export const eventData = {
  "message.received": z.object({ message: Message }),
  "message.queued": z.object({
    message: Message,
    /** When it is to go out (ms since 1970), where that is not at once; `expiresAt` counts from then. */
    sendAt: z.number().optional(),
    expiresAt: z.number(),
    /** What really goes out, one request to the provider each, where that is not the message's content as it is. */
    parts: z.array(Content).optional(),
    /** Goes out in its place when the window has closed by then. */
    fallback: TemplateContent.optional(),
    /** Why it cannot go out as it was written; whoever was to send it says so in its place. */
    unsendable: Failure.optional(),
    /** The one answer to a stop word: it goes out although the customer wants no more. */
    confirmsOptOut: z.literal(true).optional(),
    /** Said to many at once: in which batch, and to which of its recipients, counted from 0. */
    batch: z.object({ id: z.string(), recipient: z.number().int().nonnegative() }).optional(),
  }),
  "message.uncertain": z.object({ message: MessageReference, detail: z.string() }),
  /** A receipt, or the whole message where the business wrote it elsewhere (phone app, Page inbox). */
  "message.sent": z.union([z.object({ message: Message }), receipt]),
  "message.delivered": receipt,
  "message.read": receipt,
  "message.played": receipt,
  "message.failed": z.object({ message: MessageReference, failure: Failure, participant: z.string().optional() }),
  /** The whole content after the edit. */
  "message.edited": z.object({ message: MessageReference, content: Content, author: Author }),
  "message.deleted": z.object({ message: MessageReference, author: Author }),
  /** Without `emoji` the reaction was taken back. */
  "message.reacted": z.object({ message: MessageReference, emoji: z.string().optional(), author: Author }),
  "media.stored": z.object({ message: MessageReference, media: StoredMedia }),
  "media.failed": z.object({
    message: MessageReference,
    reason: z.string(),
    code: z.enum(["expired", "too_large", "wrong_type", "wrong_checksum", "forbidden_address", "unavailable"]),
  }),
  "conversation.opened": z.object({ by: z.enum(["contact", "agent", "system"]), ...where }),
  "conversation.closed": z.object({ by: z.enum(["contact", "agent", "system"]), ...where }),
  /** Without `assignee`: nobody's any more. */
  "conversation.assigned": z.object({
    assignee: z.object({ id: z.string().optional(), name: z.string().optional() }).optional(),
    ...where,
  }),
  /** All the tags that it has at that helpdesk now. */
  "conversation.tagged": z.object({ tags: z.array(z.string()), ...where }),
  "contact.updated": open,
  /** Of a conversation, `into`: the one that takes over from it. Of a contact, in both logs: `from` is part of `into` now. */
  "contact.merged": z.object({ into: z.string(), from: z.string().optional() }),
  /** In the logs of both: `from` is no part of `into` any more. */
  "contact.split": z.object({ into: z.string(), from: z.string() }),
  /** Everything before it in the log is emptied: `erasure` tells what became of it. */
  "contact.erased": z.looseObject({ erasure: z.string(), contact: z.string() }),
  "consent.changed": z.object({
    /** `all` messages of the channel, or one topic such as `marketing`. */
    topic: z.string(),
    state: z.enum(["opted_out", "opted_in"]),
    /** Who said so: the customer in words, the provider, an agent; `merged`: the log that this one took over from. */
    source: z.enum(["keyword", "provider", "agent", "merged"]),
  }),
  /** From now on the conversation is this ticket there. */
  "helpdesk.linked": z.object({
    /** By its name in the configuration. */
    helpdesk: z.string(),
    /** The helpdesk's own id. */
    ticket: z.string(),
  }),
  "helpdesk.failed": z.object({
    /** By its name in the configuration. */
    helpdesk: z.string(),
    /** Id of the event that it would not take; it does not know of it. */
    event: z.string().optional(),
    /** The message about which an agent there wanted something that is not possible. */
    message: z.object({ id: z.string() }).optional(),
    /** The reply there that could not be taken, by the helpdesk's id. */
    reply: z.string().optional(),
    /** In words that an agent understands. */
    detail: z.string(),
  }),
  "account.alert": z.object({
    code: z.string(),
    reason: z.string(),
    /** Where the evidence is kept, e.g. the quarantine object. */
    reference: z.string().optional(),
    /** The provider's own element as JSON, where it is small. */
    raw: z.unknown().optional(),
  }),
} as const satisfies Record<EventType, z.ZodType>;
