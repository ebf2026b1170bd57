/** What the API takes and gives about subscriptions. Times are ISO 8601; those that it gives are in UTC. */
import * as z from "zod";
import { Channel, EventTypeOrFamily } from "./event.ts";
import { DELIVERY_ERRORS } from "./subscription.ts";
import { ZonedTime } from "./zoned-time.ts";

const Time = z.iso.datetime();
const isWantable = (type: string) => EventTypeOrFamily.safeParse(type).success;

/** What is left out is not looked at: an empty filter wants everything. */
export const FilterShape = z.strictObject({
  /** Types of events, or a family of them such as `message.*`. */
  types: z
    .array(z.string().refine(isWantable, "must be the type of an event, or a family such as message.*"))
    .min(1)
    .max(50)
    .optional(),
  channels: z.array(Channel).min(1).max(10).optional(),
  /** Names of accounts in the configuration. */
  accounts: z.array(z.string().min(1).max(100)).min(1).max(100).optional(),
  /** A word, or several, in what a message says; capitals do not matter. */
  match: z.string().trim().min(1).max(100).optional(),
});

const Url = z.string().min(1).max(2000);
const Description = z.string().max(500);

export const SubscriptionToCreate = z.strictObject({
  url: Url,
  filter: FilterShape.default({}),
  description: Description.optional(),
});

export type SubscriptionToCreate = z.input<typeof SubscriptionToCreate>;

/** What is left out stays as it is. */
export const SubscriptionChange = z.strictObject({
  url: Url.optional(),
  filter: FilterShape.optional(),
  description: Description.optional(),
  /** One that is enabled again goes on where it stopped. */
  state: z.enum(["enabled", "disabled"]).optional(),
});

export type SubscriptionChange = z.input<typeof SubscriptionChange>;

const DAY_SECONDS = 86_400;

export const SecretToAdd = z.strictObject({
  /** So long the secrets before it go on signing beside it. */
  expireOldAfterSeconds: z
    .number()
    .int()
    .min(0)
    .max(7 * DAY_SECONDS)
    .default(DAY_SECONDS),
});

const Sequence = z.number().int().min(1).max(999_999_999_999);

/** One of: a conversation from a number on, a span of time, or what was not taken. */
export const ReplayToStart = z
  .strictObject({
    conversation: z
      .string()
      .regex(/^conv_[A-Za-z0-9_-]{22}$/, "must be the id of a conversation, conv_…")
      .optional(),
    /** The first of the conversation's events that comes again; it is there already. */
    from: Sequence.optional(),
    /** The last one; all when left out. */
    to: Sequence.optional(),
    /** What was recorded since then, in all conversations; not in the future. */
    since: ZonedTime.optional(),
    /** Later than `since`; now when left out. */
    until: ZonedTime.optional(),
    /** What the endpoint did not take alone. */
    failed: z.literal(true).optional(),
  })
  .refine(({ conversation, since, failed }) => [conversation, since, failed].filter(Boolean).length === 1, {
    error: "must name either a conversation, or since, or failed",
  })
  .refine(({ conversation, from, to }) => conversation !== undefined || (from ?? to) === undefined, {
    error: "must be given with a conversation",
    path: ["from"],
  })
  .refine(({ since, until }) => since !== undefined || until === undefined, {
    error: "must be given with since",
    path: ["until"],
  })
  .refine(({ from = 1, to }) => to === undefined || to >= from, {
    error: "must not be less than from",
    path: ["to"],
  })
  .refine(({ since, until }) => since === undefined || until === undefined || Date.parse(until) > Date.parse(since), {
    error: "must be after since",
    path: ["until"],
  });

export type ReplayToStart = z.input<typeof ReplayToStart>;

export const ApiSubscription = z.strictObject({
  id: z.string(),
  url: z.string(),
  description: z.string().optional(),
  filter: FilterShape,
  state: z.enum(["enabled", "disabled"]),
  /** `asked`: through the API; `gone`: it answered 410; `failing`: it took nothing over the whole schedule of tries. */
  disabled: z.strictObject({ at: Time, reason: z.enum(["asked", "gone", "failing"]) }).optional(),
  createdAt: Time,
  /** What was recorded from then on is delivered. */
  since: Time,
  /** Since when nothing was taken; only while that is so. */
  failingSince: Time.optional(),
  /** All that sign, the newest last. The secrets themselves are shown once, when they are made. */
  secrets: z.array(z.strictObject({ createdAt: Time, expiresAt: Time.nullable() })),
});
export type ApiSubscription = z.infer<typeof ApiSubscription>;

export const ShownSubscription = z.strictObject({ subscription: ApiSubscription });
export type ShownSubscription = z.infer<typeof ShownSubscription>;

export const CreatedSubscription = z.strictObject({
  subscription: ApiSubscription.extend({ secret: z.string().startsWith("whsec_") }),
});
export type CreatedSubscription = z.infer<typeof CreatedSubscription>;

export const SubscriptionPage = z.strictObject({ data: z.array(ApiSubscription), nextCursor: z.string().nullable() });

export const ApiAttempt = z.strictObject({
  at: Time,
  /** Id, type and place of the event. */
  event: z.string(),
  type: z.string(),
  subject: z.string(),
  sequence: z.number().int(),
  outcome: z.enum(["delivered", "failed"]),
  status: z.number().int().optional(),
  error: z.enum(DELIVERY_ERRORS).optional(),
  durationMs: z.number().int(),
  /** Id of the replay that it belongs to, or `test`. */
  reason: z.string().optional(),
});
export type ApiAttempt = z.infer<typeof ApiAttempt>;

export const AttemptPage = z.strictObject({ data: z.array(ApiAttempt), nextCursor: z.string().nullable() });
export const TestedSubscription = z.strictObject({ attempt: ApiAttempt });
export type TestedSubscription = z.infer<typeof TestedSubscription>;
export const StartedReplay = z.strictObject({ replay: z.strictObject({ id: z.string() }) });
export type StartedReplay = z.infer<typeof StartedReplay>;

/** Something that has events delivered again, or later, and takes its time. */
export const ApiReplay = z.strictObject({
  /** Stands in `recado-replay` and in attempts; of `failed` with the number of the event behind it. */
  id: z.string(),
  /**
   * `span`: of a span of time; `failed`: of what was not taken; `resume`: what was recorded while the subscription was
   * disabled; `recovered`: what waited while the endpoint took nothing.
   */
  kind: z.enum(["span", "failed", "resume", "recovered"]),
  state: z.enum(["under_way", "done", "cancelled"]),
  startedAt: Time,
  endedAt: Time.optional(),
  since: Time.optional(),
  until: Time.optional(),
  /** So many logs it has come to, to some of them twice; of `failed` so many events. */
  reached: z.number().int(),
});
export type ApiReplay = z.infer<typeof ApiReplay>;

export const ReplayPage = z.strictObject({ data: z.array(ApiReplay), nextCursor: z.string().nullable() });
export const CancelledReplays = z.strictObject({ cancelled: z.array(ApiReplay) });
export type CancelledReplays = z.infer<typeof CancelledReplays>;
export const AddedSecret = z.strictObject({ secret: z.string(), secrets: ApiSubscription.shape.secrets });
export type AddedSecret = z.infer<typeof AddedSecret>;
