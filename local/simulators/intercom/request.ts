/** What the API takes, by the published description, and how it refuses what it does not take. */
import { randomUUID } from "node:crypto";
import * as z from "zod";
import type { Answer } from "../http.ts";

const id = z.union([z.string().min(1), z.number()]).transform(String);
const urls = z.array(z.url()).max(10).optional();
const File = z.strictObject({ content_type: z.string().min(1), data: z.base64().min(1), name: z.string().min(1) });
const files = z.array(File).max(10).optional();
const createdAt = z.number().int().optional();
/** A blank one is none. */
const body = z.string().refine((text) => text.trim() !== "", "can't be blank");
const customAttributes = z.record(z.string(), z.union([z.string(), z.number()])).optional();

const contact = {
  email: z.string().optional(),
  phone: z
    .string()
    .regex(/^\+?[\d ()-]{7,20}$/, "is not a phone number")
    .nullish(),
  name: z.string().nullish(),
};
export const NewContact = z.strictObject({
  role: z.enum(["user", "lead"]),
  external_id: z.string().min(1).optional(),
  ...contact,
});
export const ChangedContact = z.strictObject(contact);
export const NewConversation = z.strictObject({
  from: z.strictObject({ type: z.enum(["user", "lead", "contact"]), id }),
  body,
  attachment_urls: urls,
  created_at: createdAt,
});
export const ChangedConversation = z.strictObject({
  read: z.boolean().optional(),
  title: z.string().optional(),
  custom_attributes: customAttributes,
});
const attachments = { attachment_urls: urls, attachment_files: files, created_at: createdAt };
export const Reply = z.discriminatedUnion("type", [
  z.strictObject({
    type: z.literal("user"),
    message_type: z.literal("comment"),
    intercom_user_id: id,
    body,
    ...attachments,
  }),
  z.strictObject({
    type: z.literal("admin"),
    message_type: z.enum(["comment", "note"]),
    admin_id: id,
    body,
    skip_notifications: z.boolean().optional(),
    ...attachments,
  }),
]);
export const Management = z.discriminatedUnion("message_type", [
  z.strictObject({ message_type: z.literal("close"), type: z.literal("admin"), admin_id: id, body: body.optional() }),
  z.strictObject({ message_type: z.literal("open"), admin_id: id }),
]);
export const NewTag = z.strictObject({ name: z.string().min(1) });
export const AddedTag = z.strictObject({ id, admin_id: id });
const Filter = z.strictObject({
  field: z.enum(["contact_ids", "created_at", "updated_at"]),
  operator: z.enum(["=", ">", "<"]),
  value: z.union([z.string(), z.number()]),
});
export type Filter = z.output<typeof Filter>;
export const Search = z.strictObject({
  query: z.union([Filter, z.strictObject({ operator: z.literal("AND"), value: z.array(Filter).max(15) })]),
  pagination: z
    .strictObject({ per_page: z.number().int().max(150).default(20), starting_after: z.string().optional() })
    .default({ per_page: 20 }),
});

/** A refusal in the form that all of them have. */
export function refusal(status: number, code: string, message: string, field?: string): Answer {
  const errors = [{ code, message, ...(field !== undefined && { field }) }];
  return { status, body: { type: "error.list", request_id: randomUUID(), errors } };
}

export function checked<Schema extends z.ZodType>(
  schema: Schema,
  given: unknown,
  act: (data: z.output<Schema>) => Answer | Promise<Answer>,
): Answer | Promise<Answer> {
  const result = schema.safeParse(given);
  if (result.success) return act(result.data);
  const [issue] = result.error.issues;
  const field = issue?.path.join(".") || "body";
  return refusal(400, "parameter_invalid", `${field} ${issue?.message}`, field);
}
