/** How the API refuses, and how it checks what came. */
import * as z from "zod";
import type { Answer } from "../http.ts";

/** The form of every refusal. @param status the word, such as `NOT_FOUND` */
export function refusal(code: number, status: string, message: string): Answer {
  return { status: code, body: { code, status, message } };
}

export const unauthenticated = refusal(401, "UNAUTHENTICATED", "Unauthenticated request");
export const noRoute = refusal(404, "NOT_FOUND", "Not found");
export const noConversation = refusal(404, "CONVERSATION_NOT_FOUND", "conversation not found");
export const noUser = refusal(404, "USER_NOT_FOUND", "user not found");

export function checked<Schema extends z.ZodType>(
  schema: Schema,
  given: unknown,
  act: (data: z.output<Schema>) => Answer,
): Answer {
  const result = schema.safeParse(given);
  if (result.success) return act(result.data);
  const [issue] = result.error.issues;
  return refusal(400, "INVALID_VALUE", `${issue?.path.join(".") || "body"}: ${issue?.message}`);
}

const Property = z.strictObject({ name: z.string(), value: z.unknown() });
const phone = z.string().regex(/^\+?\d{7,15}$/, "is not a phone number");
const names = { first_name: z.string().min(1).max(100).optional(), last_name: z.string().max(100).optional() };

export const NewUser = z.strictObject({
  ...names,
  reference_id: z.string().min(1).optional(),
  email: z.email().optional(),
  phone: phone.optional(),
  properties: z.array(Property).optional(),
});
export type NewUser = z.output<typeof NewUser>;
export const ChangedUser = z.strictObject({
  ...names,
  phone: phone.optional(),
  properties: z.array(Property).optional(),
});

const Part = z.union([
  z.strictObject({ text: z.strictObject({ content: z.string().min(1) }) }),
  z.strictObject({ image: z.strictObject({ url: z.url() }) }),
  z.strictObject({
    file: z.strictObject({
      ...{ name: z.string().min(1), content_type: z.string(), file_size_in_bytes: z.number().int() },
      ...{ fileHash: z.string(), file_extension: z.string().optional() },
    }),
  }),
]);
export type GivenPart = z.output<typeof Part>;

export const NewMessage = z.strictObject({
  message_parts: z.array(Part).min(1),
  message_type: z.enum(["normal", "private"]).default("normal"),
  actor_type: z.enum(["user", "agent"]),
  actor_id: z.string().min(1),
});
export type NewMessage = z.output<typeof NewMessage>;

export const NewConversation = z.strictObject({
  channel_id: z.string(),
  users: z.tuple([z.strictObject({ id: z.string() })]),
  messages: z.array(NewMessage).min(1),
});

export type NewConversation = z.output<typeof NewConversation>;

export const ChangedConversation = z.union([
  z.strictObject({ status: z.enum(["new", "resolved"]) }),
  z.strictObject({ status: z.literal("assigned"), assigned_agent_id: z.string().min(1) }),
]);
