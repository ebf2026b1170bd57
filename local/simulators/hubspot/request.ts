/** What HubSpot takes: fields that it does not know are refused, and lists that are required may be empty. */
import * as z from "zod";

const DeliveryIdentifier = z.strictObject({
  type: z.enum(["CHANNEL_SPECIFIC_OPAQUE_ID", "HS_EMAIL_ADDRESS", "HS_PHONE_NUMBER", "HS_SHORT_CODE"]),
  value: z.string().min(1),
});
export type DeliveryIdentifier = z.output<typeof DeliveryIdentifier>;

const Participant = z.strictObject({ name: z.string().optional(), deliveryIdentifier: DeliveryIdentifier });

const ChannelAttachment = z.discriminatedUnion("type", [
  z.strictObject({
    type: z.literal("FILE"),
    fileId: z.string(),
    fileUsageType: z.enum(["AUDIO", "IMAGE", "OTHER", "STICKER", "VOICE_RECORDING"]).optional(),
  }),
  z.strictObject({
    type: z.literal("LOCATION"),
    latitude: z.number(),
    longitude: z.number(),
    name: z.string().optional(),
    address: z.string().optional(),
    url: z.string().optional(),
  }),
  z.strictObject({ type: z.literal("UNSUPPORTED_CONTENT") }),
]);

/** `POST /conversations/custom-channels/{version}/{channelId}/messages` */
export const ChannelMessage = z.strictObject({
  channelAccountId: z.string(),
  messageDirection: z.enum(["INCOMING", "OUTGOING"]),
  integrationThreadId: z.string().optional(),
  integrationIdempotencyId: z.string().optional(),
  inReplyToId: z.string().optional(),
  text: z.string(),
  richText: z.string().optional(),
  timestamp: z.iso.datetime({ offset: true }),
  senders: z.array(Participant).length(1),
  recipients: z.array(Participant).min(1),
  attachments: z.array(ChannelAttachment),
});
export type ChannelMessage = z.output<typeof ChannelMessage>;

/** `PATCH …/messages/{messageId}` */
export const StatusUpdate = z.strictObject({
  statusType: z.enum(["FAILED", "READ", "SENT"]),
  errorMessage: z.string().optional(),
});

/** `POST /conversations/conversations/{version}/threads/{threadId}/messages`, the kind that stays inside. */
export const Comment = z.strictObject({
  type: z.literal("COMMENT"),
  text: z.string(),
  richText: z.string().optional(),
  attachments: z.array(z.strictObject({ type: z.literal("FILE"), fileId: z.string() })),
});

/** `PATCH …/threads/{threadId}` */
export const ThreadUpdate = z.strictObject({
  status: z.enum(["OPEN", "CLOSED"]).optional(),
  archived: z.boolean().optional(),
});

/** What an upload's `options` say. */
export const UploadOptions = z.looseObject({
  access: z.enum([
    ...(["HIDDEN_INDEXABLE", "HIDDEN_NOT_INDEXABLE", "HIDDEN_PRIVATE", "HIDDEN_SENSITIVE"] as const),
    ...(["PRIVATE", "PUBLIC_INDEXABLE", "PUBLIC_NOT_INDEXABLE", "SENSITIVE"] as const),
  ]),
});
