/** What HubSpot sends and answers, as far as it is read. Loose: ids come as texts or numbers, and anything may be null. */
import * as z from "zod/mini";

const Text = z.nullish(z.string());
const Id = z.pipe(
  z.union([z.string().check(z.minLength(1)), z.number()]),
  z.transform((id) => String(id)),
);
/** ISO 8601 in the API, ms since 1970 in webhooks of apps. */
const Time = z.nullish(z.union([z.string(), z.number()]));

const Attachment = z.object({ type: Text, fileId: z.nullish(Id), name: Text, url: Text });

/** An entry of a thread: a message, a comment of agents among themselves, or something that happened to the thread. */
export const Message = z.object({
  id: Id,
  /** `MESSAGE`, `COMMENT`, `ASSIGNMENT`, `THREAD_STATUS_CHANGE` … */
  type: Text,
  conversationsThreadId: z.nullish(Id),
  channelId: z.nullish(Id),
  direction: Text,
  createdAt: Time,
  createdBy: Text,
  client: z.nullish(z.object({ clientType: Text, integrationAppId: z.nullish(Id) })),
  senders: z.nullish(z.array(z.object({ actorId: Text, name: Text }))),
  text: Text,
  richText: Text,
  attachments: z.nullish(z.array(Attachment)),
  inReplyToId: z.nullish(Id),
});
export type Message = z.output<typeof Message>;

/** A webhook of a custom channel. */
export const ChannelEvent = z.object({
  type: z.string(),
  portalId: z.nullish(Id),
  channelIntegrationThreadIds: z.nullish(z.array(z.string())),
  message: z.nullish(z.unknown()),
});

/** One element of a webhook of the app's: HubSpot sends them in batches. */
export const AppEvent = z.object({
  subscriptionType: z.string(),
  portalId: z.nullish(Id),
  /** The thread. */
  objectId: z.nullish(Id),
  propertyName: Text,
  propertyValue: z.nullish(z.union([z.string(), z.number()])),
  occurredAt: Time,
});

/** A page of a list. */
export const Page = z.object({
  results: z.array(z.unknown()),
  paging: z.nullish(z.object({ next: z.nullish(z.object({ after: z.nullish(Id) })) })),
});

export const Thread = z.object({
  id: Id,
  status: Text,
  originalChannelId: z.nullish(Id),
  latestMessageTimestamp: Time,
});

/** What was made by a request. */
export const Made = z.object({ id: Id });
export const Published = z.object({ id: Id, conversationsThreadId: Id });

export const SignedUrl = z.object({ url: z.string().check(z.minLength(1)) });

/** In ms since 1970; undefined where it is none. */
export function msOf(time: z.output<typeof Time>): number | undefined {
  if (time === undefined || time === null) return undefined;
  const ms = typeof time === "number" ? time : /^\d+$/.test(time) ? Number(time) : Date.parse(time);
  return Number.isFinite(ms) ? ms : undefined;
}
