/** What we look at in what Zendesk sends, by webhook or when asked. An odd value reads as an absent one. */
import * as z from "zod/mini";
import { lenient } from "../../domain/lenient.ts";

const word = lenient(z.string().check(z.minLength(1)));
const id = z.string().check(z.minLength(1), z.maxLength(200));
const list = lenient(z.array(z.unknown()));

export const Webhook = z.object({ events: z.array(z.unknown()) });

export const Event = z.object({ id, type: z.string(), createdAt: word });

const Integration = z.object({ integrationType: word, name: word });
export const OfConversation = z.object({
  payload: z.object({
    conversation: z.object({ id, activeSwitchboardIntegration: lenient(Integration) }),
    message: z.optional(z.unknown()),
    /** Of a switchboard's event: why it happened. */
    reason: word,
  }),
});

/** Of a message, of one of its items or fields, or of a button. */
export const Content = z.object({
  type: word,
  text: word,
  markdownText: word,
  htmlText: word,
  title: word,
  label: word,
  description: word,
  uri: word,
  mediaUrl: lenient(z.string().check(z.regex(/^https?:\/\/\S+$/), z.maxLength(4000))),
  mediaType: word,
  altText: word,
  attachmentId: word,
  actions: list,
  items: list,
  fields: list,
});
export type Content = z.output<typeof Content>;

export const Message = z.object({
  id,
  received: word,
  author: z.object({ type: z.string(), subtypes: lenient(z.array(z.string())), displayName: word }),
  content: lenient(Content),
  source: lenient(z.object({ type: word })),
  /** Of something that the desk did by itself. */
  activity: z.optional(z.unknown()),
  deleted: lenient(z.boolean()),
  metadata: lenient(z.record(z.string(), z.unknown())),
  quotedMessage: lenient(z.object({ message: lenient(z.object({ id })) })),
});
export type Message = z.output<typeof Message>;

/** A page of a conversation's messages, the oldest of them first. */
export const MessagePage = z.object({
  messages: z.array(z.unknown()),
  meta: lenient(z.object({ hasMore: lenient(z.boolean()), beforeCursor: word })),
});

export const PostedMessages = z.object({ messages: z.array(z.object({ id })).check(z.minLength(1)) });

export const Conversation = z.object({
  id,
  metadata: lenient(z.record(z.string(), z.unknown())),
  activeSwitchboardIntegration: lenient(Integration),
});
export const OneConversation = z.object({ conversation: Conversation });
export const ConversationPage = z.object({
  conversations: z.array(z.unknown()),
  meta: lenient(z.object({ hasMore: lenient(z.boolean()), afterCursor: word })),
});

export const Participants = z.object({ participants: z.array(z.object({ clientAssociations: list })) });

export const Uploaded = z.object({ attachment: z.object({ mediaUrl: z.string() }) });

export const Errors = z.object({ errors: z.array(z.object({ code: z.string() })).check(z.minLength(1)) });
