/** What `POST /<page id>/messages` takes, and how Meta words what it does not. */
import * as z from "zod";
import type { Answer } from "../http.ts";
import { metaError } from "./errors.ts";

const QuickReply = z.looseObject({ content_type: z.string(), title: z.string().optional() });
const MessageBody = z.strictObject({
  text: z.string().min(1).max(2000).optional(),
  metadata: z.string().max(1000).optional(),
  quick_replies: z.array(QuickReply).max(13).optional(),
  attachment: z
    .strictObject({ type: z.enum(["image", "video", "audio", "file", "template"]), payload: z.looseObject({}) })
    .optional(),
});

const Recipient = z.strictObject({ id: z.string().min(1) });

const Send = z.strictObject({
  recipient: Recipient,
  messaging_type: z.enum(["RESPONSE", "UPDATE", "MESSAGE_TAG"]).optional(),
  tag: z.literal("HUMAN_AGENT").optional(),
  message: MessageBody,
  reply_to: z.strictObject({ mid: z.string().min(1) }).optional(),
});
export type MessengerSend = z.infer<typeof Send>;

/** Typing and `mark_seen`: alone in their request. */
const SenderAction = z.strictObject({
  recipient: Recipient,
  sender_action: z.enum(["typing_on", "typing_off", "mark_seen"]),
});
type MessengerAction = z.infer<typeof SenderAction>;

export type Checked =
  | { kind: "send"; send: MessengerSend }
  | { kind: "action"; action: MessengerAction }
  | { kind: "refused"; answer: Answer };

export function checkMessenger(body: Record<string, unknown>): Checked {
  if (body.sender_action !== undefined) {
    const action = SenderAction.safeParse(body);
    return action.success
      ? { kind: "action", action: action.data }
      : { kind: "refused", answer: refusal(body, action.error) };
  }
  const checked = Send.safeParse(body);
  if (!checked.success) return { kind: "refused", answer: refusal(body, checked.error) };
  const { message, messaging_type: type, tag } = checked.data;
  if (message.text === undefined && !message.attachment) return { kind: "refused", answer: invalid("Empty message") };
  if ((type === "MESSAGE_TAG") !== (tag !== undefined)) {
    return { kind: "refused", answer: invalid("A tag and messaging_type MESSAGE_TAG belong together") };
  }
  return { kind: "send", send: checked.data };
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
