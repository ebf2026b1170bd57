/** What the API takes: as JSON, or with files as a form whose fields are named `sender[handle]`, `to[0][name]` … */
import * as z from "zod";
import { type Incoming, parseJson } from "../http.ts";

const Person = z.strictObject({ handle: z.string().min(1), name: z.string().optional(), email: z.string().optional() });
const Metadata = z.strictObject({
  external_id: z.string().min(1).max(200),
  external_conversation_id: z.string().min(1).max(200),
  referenced_message_external_id: z.string().max(200).optional(),
});
const common = {
  subject: z.string().optional(),
  body: z.string().min(1),
  metadata: Metadata,
  /** Seconds since 1970; text in a form. */
  delivered_at: z.coerce.number().int().optional(),
};

export const Inbound = z.strictObject({ sender: Person, ...common });
export const Outbound = z.strictObject({
  sender_name: z.string().optional(),
  to: z.array(Person).min(1),
  author_id: z.string().optional(),
  ...common,
});
export const Comment = z.strictObject({
  author_id: z.string().optional(),
  body: z.string().min(1),
  is_pinned: z.boolean().optional(),
});
export const Status = z.strictObject({ status: z.literal("failed"), reason: z.string().optional() });
export const ConversationChange = z.strictObject({
  status: z.enum(["archived", "open", "deleted", "spam"]).optional(),
  assignee_id: z.string().nullable().optional(),
  tag_ids: z.array(z.string()).optional(),
});
export const TagIds = z.strictObject({ tag_ids: z.array(z.string()) });
export const NewTag = z.strictObject({ name: z.string().min(1).max(64) });
export const ContactChange = z.strictObject({ name: z.string().optional(), description: z.string().optional() });

export interface Given {
  value: unknown;
  files: { contentType: string; fileName: string; bytes: Uint8Array }[];
}

const LARGEST_BYTES = 25 * 1024 * 1024;

/** Undefined where it is neither, or has more than is taken. */
export async function given({ headers, body, bytes }: Incoming): Promise<Given | undefined> {
  const { "content-type": contentType = "" } = headers;
  if (contentType.startsWith("application/json")) return { value: parseJson(body), files: [] };
  if (!contentType.startsWith("multipart/form-data")) return undefined;
  const form = await new Response(new Uint8Array(bytes), { headers: { "content-type": contentType } }).formData();
  const value: Record<string, unknown> = {};
  const files: Given["files"] = [];
  for (const [name, field] of form) {
    if (typeof field === "string") put(value, name.split(/[[\]]+/).filter(Boolean), field);
    else if (/^attachments(\[\d*\])?$/.test(name))
      files.push({ contentType: field.type, fileName: field.name, bytes: new Uint8Array(await field.arrayBuffer()) });
    else return undefined;
  }
  const size = files.reduce((sum, file) => sum + file.bytes.length, 0);
  return size > LARGEST_BYTES ? undefined : { value, files };
}

/** The handle of the customer whom a message is from, or for. */
export function handleIn({ headers, body }: Incoming): string | undefined {
  if (headers["content-type"]?.startsWith("multipart/"))
    return /name="(?:sender\[handle\]|to\[0\]\[handle\])"\r\n\r\n([^\r]*)\r\n/.exec(body)?.[1];
  const { data } = Handled.safeParse(parseJson(body));
  return data?.sender?.handle ?? data?.to?.[0]?.handle;
}

const Handle = z.object({ handle: z.string() });
const Handled = z.object({ sender: Handle.optional(), to: z.array(Handle).optional() });

function put(into: Record<string, unknown>, [key = "", ...rest]: string[], value: string): void {
  if (rest.length === 0) {
    into[key] = value;
    return;
  }
  const isList = /^\d+$/.test(rest[0] ?? "");
  into[key] ??= isList ? [] : {};
  put(into[key] as Record<string, unknown>, rest, value);
}

export function detailsOf({ issues }: z.ZodError): string[] {
  return issues.map(({ path, message }) => `body.${path.join(".")}: ${message}`);
}
