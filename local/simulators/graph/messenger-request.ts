/** What `POST /<id>/messages` takes for Messenger and Instagram, and how Meta words what it does not. */
import * as z from "zod";
import type { WantedFile } from "../fetch-media.ts";
import type { Answer } from "../http.ts";
import { metaError } from "./errors.ts";
import { UtilityTemplate } from "./messenger-templates.ts";

const Payload = z.string().min(1).max(1000);
const QuickReply = z.discriminatedUnion("content_type", [
  // Longer titles are cut, not refused.
  z.strictObject({
    content_type: z.literal("text"),
    title: z.string().min(1),
    payload: Payload,
    image_url: z.url().optional(),
  }),
  z.strictObject({ content_type: z.literal("user_phone_number") }),
  z.strictObject({ content_type: z.literal("user_email") }),
]);

const Button = z.discriminatedUnion("type", [
  z.strictObject({ type: z.literal("web_url"), url: z.url(), title: z.string().min(1).max(20) }),
  z.strictObject({ type: z.literal("postback"), title: z.string().min(1).max(20), payload: Payload }),
]);

const Element = z
  .strictObject({
    title: z.string().min(1).max(80),
    subtitle: z.string().max(80).optional(),
    image_url: z.url().optional(),
    default_action: z.strictObject({ type: z.literal("web_url"), url: z.url() }).optional(),
    buttons: z.array(Button).min(1).max(3).optional(),
  })
  .refine((element) => Object.keys(element).length > 1, "an element needs at least one property besides its title");

const Template = z.discriminatedUnion("template_type", [
  z.strictObject({
    template_type: z.literal("button"),
    text: z.string().min(1).max(640),
    buttons: z.array(Button).min(1).max(3),
  }),
  z.strictObject({ template_type: z.literal("generic"), elements: z.array(Element).min(1).max(10) }),
]);

const File = z.union([
  z.strictObject({ url: z.url(), is_reusable: z.boolean().optional() }),
  z.strictObject({ attachment_id: z.string().min(1) }),
]);

const Attachment = z.discriminatedUnion("type", [
  z.strictObject({ type: z.enum(["image", "video", "audio", "file"]), payload: File }),
  z.strictObject({ type: z.literal("template"), payload: Template }),
]);

const Message = z.strictObject({
  text: z.string().min(1).optional(),
  metadata: z.string().max(1000).optional(),
  quick_replies: z.array(QuickReply).min(1).max(13).optional(),
  attachment: Attachment.optional(),
  template: UtilityTemplate.optional(),
});

const Recipient = z.strictObject({ id: z.string().min(1) });

const Send = z.strictObject({
  recipient: Recipient,
  messaging_type: z.enum(["RESPONSE", "UPDATE", "MESSAGE_TAG", "UTILITY"]).optional(),
  tag: z.literal("HUMAN_AGENT").optional(),
  message: Message,
  reply_to: z.strictObject({ mid: z.string().min(1) }).optional(),
});
export type MessengerSend = z.infer<typeof Send>;

/** Typing, `mark_seen` and reactions: alone in their request. */
const SenderAction = z.discriminatedUnion("sender_action", [
  z.strictObject({ recipient: Recipient, sender_action: z.enum(["typing_on", "typing_off", "mark_seen"]) }),
  z.strictObject({
    recipient: Recipient,
    sender_action: z.literal("react"),
    payload: z.strictObject({ message_id: z.string().min(1), reaction: z.string().min(1) }),
  }),
  z.strictObject({
    recipient: Recipient,
    sender_action: z.literal("unreact"),
    payload: z.strictObject({ message_id: z.string().min(1) }),
  }),
]);
type MessengerAction = z.infer<typeof SenderAction>;

export type Checked =
  | { kind: "send"; send: MessengerSend }
  | { kind: "action"; action: MessengerAction }
  | { kind: "refused"; answer: Answer };

/** @param tooLong says of a text that it is longer than the product takes, and how long it may be */
export function checkMessenger(body: Record<string, unknown>, tooLong: (text: string) => string | undefined): Checked {
  if (body.sender_action !== undefined) {
    const action = SenderAction.safeParse(body);
    return action.success
      ? { kind: "action", action: action.data }
      : { kind: "refused", answer: refusal(body, action.error) };
  }
  const checked = Send.safeParse(body);
  if (!checked.success) return { kind: "refused", answer: refusal(body, checked.error) };
  const fault = faultIn(checked.data) ?? tooLong(checked.data.message.text ?? "");
  return fault ? { kind: "refused", answer: invalid(fault) } : { kind: "send", send: checked.data };
}

const LARGEST_FILE = 25_000_000;
const LARGEST_IMAGE = 8_000_000;

/** The file of a message that is named by an address. */
export function linkedFiles({ attachment }: MessengerSend["message"]): WantedFile[] {
  if (!attachment || attachment.type === "template" || !("url" in attachment.payload)) return [];
  const { type, payload } = attachment;
  const types = type === "file" ? /./ : new RegExp(`^${type}/`);
  return [{ url: payload.url, types, largestBytes: type === "image" ? LARGEST_IMAGE : LARGEST_FILE }];
}

function faultIn({ message, messaging_type: type, tag }: MessengerSend): string | undefined {
  if ((type === "UTILITY") !== (message.template !== undefined))
    return "A template and messaging_type UTILITY belong together";
  if (message.template)
    return message.text === undefined && !message.attachment ? undefined : "A template stands alone";
  if (message.text === undefined && !message.attachment) return "Empty message";
  if (message.text !== undefined && message.attachment) return "A message has either text or an attachment";
  const isTagged = tag !== undefined;
  return (type === "MESSAGE_TAG") === isTagged ? undefined : "A tag and messaging_type MESSAGE_TAG belong together";
}

function invalid(sentence: string): Answer {
  return metaError({ code: 100, message: `(#100) ${sentence}` });
}

function refusal(body: Record<string, unknown>, { issues }: z.ZodError): Answer {
  const issue = issues.find(({ path }) => path.length === 1 && body[String(path[0])] === undefined) ?? issues[0];
  const [first = "", ...rest] = issue?.path ?? [];
  const param = `${String(first)}${rest.map((step) => `[${String(step)}]`).join("")}`;
  if (rest.length === 0 && first !== "" && body[String(first)] === undefined) {
    return invalid(`The parameter ${param} is required`);
  }
  if (issue?.code === "unrecognized_keys") {
    return invalid(`Invalid keys "${issue.keys.join(", ")}" were found in param "${param || "request"}"`);
  }
  if (issue?.code === "too_big" && issue.origin === "string") {
    return invalid(`Length of param ${param} must be less than or equal to ${issue.maximum}`);
  }
  if (param === "tag") return invalid("Param tag is not a tag that may still be used");
  return invalid(`Param ${param} is not valid: ${issue?.message}`);
}
