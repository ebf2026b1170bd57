/** What the API takes and gives of batches: the public shapes. Times are ISO 8601 in UTC. */
import * as z from "zod";
import { ApiMessage, PlanAnswer, ProactiveMessage } from "./api-shapes.ts";
import { PLACEHOLDER_NAME } from "./batch-placeholders.ts";
import { ContentToSend, TemplateToSend } from "./content-to-send.ts";
import { Channel, Topic } from "./event.ts";
import { ZonedTime } from "./zoned-time.ts";

/** Of one batch. */
const MOST_IN_BATCH = 1_000;
const LONGEST_VALUE = 1_024;
const Time = z.iso.datetime();

// Requests.

/** What many are told. `{{name}}` in any text of it stands for a recipient's value of that name. */
export const MessageToMany = z
  .strictObject({
    content: ContentToSend.optional(),
    /** Goes out where a free reply is not possible; alone it is the message. */
    template: TemplateToSend.optional(),
    /** No person writes to many, so none is named as one. */
    author: z
      .strictObject({ type: z.enum(["bot", "system"]), name: z.string().min(1).max(200).optional() })
      .default({ type: "system" }),
    /** What it is about: customers stop and start topics one by one. */
    topic: Topic.refine((topic) => topic !== "conversation", "must say what it is about: nothing to many is an answer"),
    /** When it is to go out, within 90 days; at once when left out. */
    sendAt: ZonedTime.optional(),
  })
  .refine(({ content, template }) => content ?? template, "must have content or a template");
export type MessageToMany = z.infer<typeof MessageToMany>;

export const BatchRecipient = z.strictObject({
  /** One recipient, or several in order of preference: the first of them who may get the message gets it. */
  to: ProactiveMessage.shape.to,
  /** What the placeholders stand for. */
  values: z
    .record(
      z.string().regex(PLACEHOLDER_NAME, "must be a letter, then letters, digits and underscores, at most 50"),
      z.string().min(1).max(LONGEST_VALUE),
    )
    .optional(),
});
export type BatchRecipient = z.infer<typeof BatchRecipient>;

export const BatchToSend = z.strictObject({
  message: MessageToMany,
  recipients: z.array(BatchRecipient).min(1).max(MOST_IN_BATCH),
});
export type BatchToSend = z.infer<typeof BatchToSend>;
export type NewBatch = z.input<typeof BatchToSend>;

// Answers.

export const ApiBatch = z.strictObject({
  id: z.string(),
  /** `running` until every recipient was accepted or refused. */
  status: z.enum(["running", "done", "cancelled"]),
  total: z.number().int(),
  /** Whose message is queued, or was; what became of it tells the list of recipients. */
  accepted: z.number().int(),
  refused: z.number().int(),
  /** Neither yet; in a batch that was cancelled, those who get nothing. */
  waiting: z.number().int(),
  createdAt: Time,
  sendAt: Time.optional(),
  cancelledAt: Time.optional(),
});
export type ApiBatch = z.infer<typeof ApiBatch>;

export const ShownBatch = z.strictObject({ batch: ApiBatch });
export type ShownBatch = z.infer<typeof ShownBatch>;
export const BatchPage = z.strictObject({ data: z.array(ApiBatch), nextCursor: z.string().nullable() });

export const ApiBatchRecipient = z.strictObject({
  /** Its place in `recipients` as they were given, from 0. */
  index: z.number().int(),
  status: z.enum(["waiting", "accepted", "refused", "cancelled"]),
  /** Once it is accepted: the message, and what has become of it up to now. */
  message: ApiMessage.pick({ id: true, conversation: true, status: true, statusAt: true, failure: true }).optional(),
  /** Why there is no message. */
  refusal: z.strictObject({ code: z.string(), text: z.string() }).optional(),
});
export type ApiBatchRecipient = z.infer<typeof ApiBatchRecipient>;
export const BatchRecipientPage = z.strictObject({
  data: z.array(ApiBatchRecipient),
  nextCursor: z.string().nullable(),
});

/** What would become of a batch now, judged by the first of its recipients. */
export const BatchPlanAnswer = z.strictObject({
  plan: z.strictObject({
    total: z.number().int(),
    /** So many of the first were judged; the counts are of them. */
    judged: z.number().int(),
    accepted: z.number().int(),
    refused: z.number().int(),
    channels: z.partialRecord(Channel, z.number().int()),
    /** Where the network charges by segments: messages by price class, and the segments of all together. */
    priceClasses: z.partialRecord(z.enum(["sms", "mms"]), z.number().int()),
    segments: z.number().int(),
    /** By code, how many were refused for it. */
    refusals: z.record(z.string(), z.number().int()),
    /** The first of them one by one. */
    recipients: z.array(
      z.strictObject({
        index: z.number().int(),
        account: z.string().optional(),
        channel: Channel.optional(),
        /** Left out where nobody is reached. */
        plan: PlanAnswer.shape.plan.optional(),
        refusal: z.strictObject({ code: z.string(), text: z.string() }).optional(),
      }),
    ),
  }),
});
export type BatchPlanAnswer = z.infer<typeof BatchPlanAnswer>;
