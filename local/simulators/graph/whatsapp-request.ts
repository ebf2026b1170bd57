/** What `POST /<phone number id>/messages` takes, and how Meta words what it does not. */
import * as z from "zod";
import type { Answer } from "../http.ts";
import { metaError } from "./errors.ts";

const text = (longest: number) => z.string().min(1).max(longest);

/** An upload by its id, or an address to fetch it from. */
function media<Shape extends z.core.$ZodShape>(more: Shape) {
  return z
    .strictObject({ id: z.string().optional(), link: z.url().optional(), ...more })
    .refine((file) => "id" in file || "link" in file, "either id or link is required");
}
const plain = media({});
const captioned = media({ caption: z.string().max(1024).optional() });

const PictureHeader = z.discriminatedUnion("type", [
  z.strictObject({ type: z.literal("image"), image: plain }),
  z.strictObject({ type: z.literal("video"), video: plain }),
]);
const TextHeader = z.strictObject({ type: z.literal("text"), text: text(60) });
const Header = z.discriminatedUnion("type", [
  TextHeader,
  ...PictureHeader.options,
  z.strictObject({ type: z.literal("document"), document: media({ filename: z.string().optional() }) }),
]);
const Footer = z.strictObject({ text: text(60) });
const body = (longest: number) => z.strictObject({ text: text(longest) });
const OpensPage = z.strictObject({
  name: z.literal("cta_url"),
  parameters: z.strictObject({ display_text: text(20), url: z.url() }),
});

const Buttons = z
  .array(z.strictObject({ type: z.literal("reply"), reply: z.strictObject({ id: text(256), title: text(20) }) }))
  .min(1)
  .max(3)
  .refine((buttons) => isUnique(buttons.map(({ reply }) => reply.title)), "button titles must be unique")
  .refine((buttons) => isUnique(buttons.map(({ reply }) => reply.id)), "button ids must be unique");

const Sections = z
  .array(
    z.strictObject({
      title: text(24).optional(),
      rows: z
        .array(z.strictObject({ id: text(200), title: text(24), description: text(72).optional() }))
        .min(1)
        .max(10),
    }),
  )
  .min(1)
  .max(10)
  .refine((sections) => sections.flatMap(({ rows }) => rows).length <= 10, "at most 10 rows in all sections together")
  .refine((sections) => isUnique(sections.flatMap(({ rows }) => rows.map(({ id }) => id))), "row ids must be unique")
  .refine(
    (sections) => sections.length === 1 || sections.every(({ title }) => title),
    "each of several sections needs a title",
  );

const Cards = z
  .array(
    z.strictObject({
      card_index: z.number().int().min(0).max(9),
      type: z.literal("cta_url"),
      header: PictureHeader,
      body: body(160).optional(),
      action: OpensPage,
    }),
  )
  .min(2)
  .max(10)
  .refine((cards) => new Set(cards.map(({ header }) => header.type)).size === 1, "all headers must be of one kind")
  .refine((cards) => cards.every((card, index) => card.card_index === index), "card_index must count from 0");

const around = { header: Header.optional(), footer: Footer.optional() };
const Interactive = z.discriminatedUnion("type", [
  z.strictObject({
    ...around,
    type: z.literal("button"),
    body: body(1024),
    action: z.strictObject({ buttons: Buttons }),
  }),
  z.strictObject({
    ...around,
    type: z.literal("list"),
    header: TextHeader.optional(),
    body: body(4096),
    action: z.strictObject({ button: text(20), sections: Sections }),
  }),
  z.strictObject({ ...around, type: z.literal("cta_url"), body: body(1024), action: OpensPage }),
  z.strictObject({
    type: z.literal("location_request_message"),
    body: body(1024),
    action: z.strictObject({ name: z.literal("send_location") }),
  }),
  z.strictObject({ type: z.literal("carousel"), body: body(1024), action: z.strictObject({ cards: Cards }) }),
]);

const Card = z.strictObject({
  name: z.strictObject({
    formatted_name: text(512),
    first_name: z.string().optional(),
    last_name: z.string().optional(),
    middle_name: z.string().optional(),
    prefix: z.string().optional(),
    suffix: z.string().optional(),
  }),
  phones: z.array(z.looseObject({ phone: z.string().optional() })).optional(),
  emails: z.array(z.looseObject({ email: z.string().optional() })).optional(),
  addresses: z.array(z.looseObject({})).optional(),
  urls: z.array(z.looseObject({ url: z.string().optional() })).optional(),
  org: z.looseObject({}).optional(),
  birthday: z.string().optional(),
});

const Component = z.strictObject({
  type: z.enum(["header", "body", "button"]),
  sub_type: z.enum(["quick_reply", "url", "copy_code"]).optional(),
  index: z.union([z.string().regex(/^\d$/), z.number().int()]).optional(),
  parameters: z.array(z.looseObject({ type: z.string() })).optional(),
});

const root = {
  messaging_product: z.literal("whatsapp"),
  recipient_type: z.enum(["individual", "group"]),
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
  z.strictObject({ ...root, type: z.literal("image"), image: captioned }),
  z.strictObject({ ...root, type: z.literal("video"), video: captioned }),
  z.strictObject({
    ...root,
    type: z.literal("document"),
    document: media({ caption: z.string().max(1024).optional(), filename: z.string().optional() }),
  }),
  z.strictObject({
    ...root,
    type: z.literal("audio"),
    audio: media({ voice: z.boolean().optional() }),
  }),
  z.strictObject({ ...root, type: z.literal("sticker"), sticker: plain }),
  z.strictObject({
    ...root,
    type: z.literal("location"),
    location: z.strictObject({
      latitude: z.coerce.number().min(-90).max(90),
      longitude: z.coerce.number().min(-180).max(180),
      name: z.string().optional(),
      address: z.string().optional(),
    }),
  }),
  z.strictObject({ ...root, type: z.literal("contacts"), contacts: z.array(Card).min(1) }),
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
      components: z.array(Component).optional(),
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

const IN_GROUPS: ReadonlySet<WhatsAppSend["type"]> = new Set([
  "text",
  "image",
  "video",
  "audio",
  "document",
  "sticker",
  "template",
]);

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
  if (send.data.recipient_type === "group" && !IN_GROUPS.has(send.data.type)) {
    const details = `Message type ${send.data.type} is not supported in groups.`;
    return {
      kind: "refused",
      answer: metaError({ code: 131051, message: "(#131051) Unsupported message type", details }),
    };
  }
  return { kind: "send", send: send.data };
}

function isUnique(words: readonly string[]): boolean {
  return new Set(words).size === words.length;
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
