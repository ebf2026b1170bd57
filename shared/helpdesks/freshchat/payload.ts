/** What Freshchat writes, in webhooks and answers alike. Loose: its fields differ between accounts and years. */
import * as z from "zod/mini";

const text = z.optional(z.nullable(z.string()));
const flag = z.optional(z.nullable(z.boolean()));
/** A number where an account counts its conversations. */
const Id = z.pipe(
  z.union([z.string().check(z.minLength(1)), z.number()]),
  z.transform((id) => String(id)),
);
const maybeId = z.optional(z.nullable(Id));
/** RFC 3339, or ms since 1970. */
const time = z.optional(z.nullable(z.union([z.string(), z.number()])));

/** A file of a message, spelled in all the ways that were seen. */
const Media = z.looseObject({
  ...{ url: text, download_url: text, downloadUrl: text, file_url: text },
  ...{ content_type: text, contentType: text, file_content_type: text },
  ...{ name: text, file_name: text, file_extension: text },
});
export type Media = z.output<typeof Media>;
const media = z.optional(z.nullable(Media));

/** One part of a message. `part_type` and `properties` are those of older payloads. */
export const Part = z.looseObject({
  text: z.optional(z.nullable(z.looseObject({ content: text }))),
  ...{ image: media, file: media, video: media, audio: media },
  url_button: z.optional(z.nullable(z.looseObject({ url: text, label: text }))),
  collection: z.optional(z.nullable(z.looseObject({ sub_parts: z.optional(z.nullable(z.array(z.unknown()))) }))),
  part_type: text,
  properties: z.optional(z.nullable(z.looseObject({ ...Media.shape, text }))),
});
export type Part = z.output<typeof Part>;

export const Message = z.looseObject({
  id: Id,
  conversation_id: maybeId,
  freshchat_conversation_id: maybeId,
  channel_id: maybeId,
  /** `user`, `agent`, `bot` or `system`. */
  actor_type: text,
  actor_id: maybeId,
  /** `normal`, `private` or `system`; newer payloads leave it out here and there. */
  message_type: text,
  botsPrivateNote: flag,
  message_source: text,
  message_parts: z.optional(z.nullable(z.array(z.unknown()))),
  msg_parts: z.optional(z.nullable(z.array(z.unknown()))),
  in_reply_to: z.optional(z.unknown()),
  created_time: time,
});
export type Message = z.output<typeof Message>;

export const Webhook = z.looseObject({
  action: z.string(),
  action_time: time,
  data: z.optional(z.nullable(z.record(z.string(), z.unknown()))),
});

const ChangedConversation = z.looseObject({ conversation_id: Id, assigned_agent_id: maybeId });
/** What a resolution, a reopening or an assignment is about. */
export const Change = z.looseObject({
  conversation: ChangedConversation,
  to_agent_id: maybeId,
  interaction_id: maybeId,
});

/** A conversation as the API gives it. */
export const Conversation = z.looseObject({
  conversation_id: Id,
  status: text,
  assigned_agent_id: maybeId,
  messages: z.optional(z.nullable(z.array(z.unknown()))),
});

export const Messages = z.looseObject({ messages: z.nullable(z.array(z.unknown())) });
export const Users = z.looseObject({ users: z.nullable(z.array(z.unknown())) });
export const User = z.looseObject({ id: Id, reference_id: maybeId });
/** Those of one user: their ids alone. */
export const Conversations = z.looseObject({ conversations: z.optional(z.nullable(z.array(z.unknown()))) });
export const ListedConversation = z.looseObject({ id: maybeId, conversation_id: maybeId });
/** An answer of which an id is all that is wanted. */
export const Made = z.looseObject({ id: Id });

/** What an upload became: under its own name, or one level deeper. */
const Stored = z.looseObject({
  url: text,
  ...{ fileHash: text, file_hash: text, hash: text, fileId: text, file_id: text },
});
export const Uploaded = z.looseObject({
  ...Stored.shape,
  ...{ image: z.optional(Stored), file: z.optional(Stored), data: z.optional(Stored) },
});

export const Complaint = z.looseObject({
  status: z.optional(z.unknown()),
  message: z.optional(z.unknown()),
  error: z.optional(z.unknown()),
});

/** Ms since 1970; undefined where it is no time. */
export function timeIn(given: string | number | null | undefined): number | undefined {
  const at = typeof given === "string" ? Date.parse(given) : (given ?? Number.NaN);
  return Number.isFinite(at) && at >= 0 && at < 1e14 ? at : undefined;
}
