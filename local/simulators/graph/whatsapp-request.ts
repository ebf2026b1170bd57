/** What `POST /<phone number id>/messages` takes, and how Meta words what it does not. */
import * as z from "zod";
import type { Answer } from "../http.ts";
import { metaError } from "./errors.ts";

const text = (longest: number) => z.string().min(1).max(longest);
const media = { id: z.string().optional(), link: z.url().optional() };
const captioned = { ...media, caption: z.string().max(1024).optional() };

const Header = z.looseObject({ type: z.enum(["text", "image", "video", "document"]) });
const Footer = z.strictObject({ text: text(60) });
const Interactive = z.discriminatedUnion("type", [
  z.strictObject({
    type: z.literal("button"),
    header: Header.optional(),
    body: z.strictObject({ text: text(1024) }),
    footer: Footer.optional(),
    action: z.strictObject({
      buttons: z
        .array(z.strictObject({ type: z.literal("reply"), reply: z.strictObject({ id: text(256), title: text(20) }) }))
        .min(1)
        .max(3),
    }),
  }),
  z.strictObject({
    type: z.literal("list"),
    header: Header.optional(),
    body: z.strictObject({ text: text(4096) }),
    footer: Footer.optional(),
    action: z.strictObject({
      button: text(20),
      sections: z
        .array(
          z.strictObject({
            title: z.string().max(24).optional(),
            rows: z
              .array(z.strictObject({ id: text(200), title: text(24), description: z.string().max(72).optional() }))
              .min(1)
              .max(10),
          }),
        )
        .min(1)
        .max(10),
    }),
  }),
  z.strictObject({
    type: z.literal("cta_url"),
    header: Header.optional(),
    body: z.strictObject({ text: text(1024) }),
    footer: Footer.optional(),
    action: z.strictObject({
      name: z.literal("cta_url"),
      parameters: z.strictObject({ display_text: text(20), url: z.url() }),
    }),
  }),
  z.strictObject({
    type: z.literal("location_request_message"),
    body: z.strictObject({ text: text(1024) }),
    action: z.strictObject({ name: z.literal("send_location") }),
  }),
]);

const root = {
  messaging_product: z.literal("whatsapp"),
  recipient_type: z.literal("individual"),
  to: z.string().min(1).optional(),
  /** The business-scoped user id, for customers whose number is not known. */
  recipient: z.string().min(1).optional(),
  context: z.strictObject({ message_id: z.string().min(1) }).optional(),
  biz_opaque_callback_data: z.string().max(512).optional(),
};

const Send = z.discriminatedUnion("type", [
  z.strictObject({
    ...root,
    type: z.literal("text"),
    text: z.strictObject({ body: text(4096), preview_url: z.boolean().optional() }),
  }),
  z.strictObject({ ...root, type: z.literal("image"), image: z.strictObject(captioned) }),
  z.strictObject({ ...root, type: z.literal("video"), video: z.strictObject(captioned) }),
  z.strictObject({
    ...root,
    type: z.literal("document"),
    document: z.strictObject({ ...captioned, filename: z.string().optional() }),
  }),
  z.strictObject({
    ...root,
    type: z.literal("audio"),
    audio: z.strictObject({ ...media, voice: z.boolean().optional() }),
  }),
  z.strictObject({ ...root, type: z.literal("sticker"), sticker: z.strictObject(media) }),
  z.strictObject({
    ...root,
    type: z.literal("location"),
    location: z.strictObject({
      latitude: z.union([z.number(), z.string()]),
      longitude: z.union([z.number(), z.string()]),
      name: z.string().optional(),
      address: z.string().optional(),
    }),
  }),
  z.strictObject({ ...root, type: z.literal("contacts"), contacts: z.array(z.looseObject({})).min(1) }),
  z.strictObject({
    ...root,
    type: z.literal("reaction"),
    reaction: z.strictObject({ message_id: z.string().min(1), emoji: z.string() }),
  }),
  z.strictObject({ ...root, type: z.literal("interactive"), interactive: Interactive }),
  z.strictObject({
    ...root,
    type: z.literal("template"),
    template: z.strictObject({
      name: text(512),
      language: z.strictObject({ code: z.string().min(2) }),
      components: z.array(z.looseObject({ type: z.string() })).optional(),
    }),
  }),
]);
export type WhatsAppSend = z.infer<typeof Send>;

/** A read receipt, with or without the typing indicator. */
const Read = z.strictObject({
  messaging_product: z.literal("whatsapp"),
  status: z.literal("read"),
  message_id: z.string().min(1),
  typing_indicator: z.strictObject({ type: z.literal("text") }).optional(),
});
type WhatsAppRead = z.infer<typeof Read>;

export type Checked =
  | { kind: "send"; send: WhatsAppSend }
  | { kind: "read"; read: WhatsAppRead }
  | { kind: "refused"; answer: Answer };

export function checkWhatsApp(body: Record<string, unknown>): Checked {
  if (body.status !== undefined) {
    const read = Read.safeParse(body);
    return read.success ? { kind: "read", read: read.data } : { kind: "refused", answer: refusal(body, read.error) };
  }
  // Without a type Meta takes a message for text.
  const send = Send.safeParse(body.type === undefined ? { ...body, type: "text" } : body);
  if (!send.success) return { kind: "refused", answer: refusal(body, send.error) };
  if (!send.data.to && !send.data.recipient) return { kind: "refused", answer: isRequired("to") };
  return { kind: "send", send: send.data };
}

function isRequired(name: string): Answer {
  return metaError({ code: 100, message: `(#100) The parameter ${name} is required.` });
}

function refusal(body: Record<string, unknown>, { issues }: z.ZodError): Answer {
  const missing = issues.find((issue) => issue.path.length > 0 && valueAt(body, issue.path) === undefined);
  const issue = missing ?? issues[0];
  const param = written(issue?.path ?? []);
  if (missing && missing.path.length === 1) return isRequired(String(missing.path[0]));
  if (missing) {
    return metaError({
      code: 131008,
      message: "(#131008) Required parameter is missing",
      details: `Parameter ${param} is missing.`,
    });
  }
  if (issue?.code === "unrecognized_keys") {
    const on = issue.path.length > 0 ? param : "message";
    return metaError({ code: 100, message: `(#100) Unexpected key "${issue.keys[0]}" on param "${on}".` });
  }
  if (issue?.code === "too_big" && issue.origin === "string") {
    return metaError({ code: 100, message: `(#100) Param ${param} must be at most ${issue.maximum} characters long.` });
  }
  return metaError({
    code: 131009,
    message: "(#131009) Parameter value is not valid",
    details: `Param ${param} is not valid: ${issue?.message}.`,
  });
}

function valueAt(body: unknown, path: readonly PropertyKey[]): unknown {
  let value = body;
  for (const step of path) value = (value as Record<PropertyKey, unknown> | null | undefined)?.[step];
  return value;
}

/** `text['body']`, as Meta names a parameter inside another. */
function written([first = "", ...rest]: readonly PropertyKey[]): string {
  return `${String(first)}${rest.map((step) => `['${String(step)}']`).join("")}`;
}
