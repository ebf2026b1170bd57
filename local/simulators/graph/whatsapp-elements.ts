/** What a customer of WhatsApp does, as the change of a webhook that tells of it. */
import * as z from "zod";

const KINDS = [
  "text",
  "image",
  "video",
  "audio",
  "voice",
  "document",
  "sticker",
  "location",
  "contacts",
  "button",
  "list",
  "quick_reply",
  "form",
  "call_permission",
  "order",
  "product",
  "ad",
  "forwarded",
  "reaction",
  "edit",
  "unsend",
  "change_number",
  "welcome",
  "unsupported",
  "unavailable",
  "group",
  "call",
  "stop_marketing",
  "resume_marketing",
  "phone_app",
  "standby",
] as const;
type Kind = (typeof KINDS)[number];

/** A customer writes to a business number. */
export const WhatsAppWriting = z.strictObject({
  phoneNumberId: z.string(),
  /** A phone number, or a business-scoped user id of somebody whose number stays hidden. */
  from: z.string().min(1),
  /** What is said, a caption, the title that is tapped, the emoji of a reaction (none: taken back), the new number. */
  text: z.string().optional(),
  kind: z.enum(KINDS).optional(),
  name: z.string().optional(),
  /** The customer adopted a user name: the number is left out of webhooks. */
  username: z.string().optional(),
  /** The wamid that the customer quotes, answers, reacts to, edits or takes back. */
  replyTo: z.string().optional(),
  /** What a button, a row or a quick reply carries. */
  payload: z.string().optional(),
  /** An element of `messages[]` in WhatsApp's own form; what it leaves out of id, time and sender is filled in. */
  element: z.record(z.string(), z.unknown()).optional(),
  /** How long ago the customer wrote it. */
  secondsAgo: z.number().int().nonnegative().default(0),
});
export type WhatsAppWriting = z.output<typeof WhatsAppWriting>;

/** The one group that there is. */
export const GROUP_ID = "Y2FwaV9ncm91cDoxOTUwNTU1";

/** Kinds that need a text, and those that need a message to be about. */
const SAID: ReadonlySet<Kind> = new Set(["text", "product", "ad", "forwarded", "group", "phone_app", "standby"]);
const ABOUT: ReadonlySet<Kind> = new Set(["reaction", "edit", "unsend"]);
/** The customer's side of the window stays as it is: nothing was written, or the business wrote it. */
const SILENT: ReadonlySet<Kind> = new Set([
  "edit",
  "unsend",
  "change_number",
  "stop_marketing",
  "resume_marketing",
  "phone_app",
]);

/** Why this cannot be written, in a sentence. */
export function faultIn({ kind = "text", text = "", replyTo, element }: WhatsAppWriting): string | undefined {
  if (element) return undefined;
  if (SAID.has(kind) && text === "") return "text: a message needs text";
  if (kind === "change_number" && !/^\+?\d{7,15}$/.test(text)) return "text: a new number is needed";
  return ABOUT.has(kind) && !replyTo ? "replyTo: a message is needed that this is about" : undefined;
}

export function opensWindow({ kind = "text", element }: WhatsAppWriting): boolean {
  return element !== undefined || !SILENT.has(kind);
}

/** Who writes to whom, as webhooks name them. */
export interface Correspondence {
  id: string;
  /** Unix seconds. */
  timestamp: string;
  /** Digits of the business number. */
  business: string;
  /** What names the customer in an element: `from`, `from_user_id`. */
  sender: { from?: string; from_user_id: string };
  contact: object;
  /** What an element says of a file of this type, which the customer sends with it. */
  file(contentType: string): object;
}

export interface Change {
  field: string;
  value: object;
}

export function changeOf(writing: WhatsAppWriting, about: Correspondence): Change {
  const { kind = "text", text = "", element } = writing;
  const { id, timestamp, business, sender, contact, file } = about;
  const contacts = [contact];
  const messages = (said: object) => ({ contacts, messages: [{ ...sender, id, timestamp, ...said }] });
  if (element) return { field: "messages", value: messages({ ...quoting(writing, business), ...element }) };
  switch (kind) {
    case "call": {
      const call = { id, ...sender, to: business, direction: "USER_INITIATED", timestamp };
      return { field: "calls", value: { contacts, calls: [{ ...call, event: "connect" }] } };
    }
    case "stop_marketing":
    case "resume_marketing": {
      const value = kind === "stop_marketing" ? "stop" : "resume";
      const { from, from_user_id: user_id } = sender;
      const preference = {
        ...(from && { wa_id: from }),
        user_id,
        detail: `User requested to ${value} marketing messages`,
        category: "marketing_messages",
        value,
        timestamp: Number(timestamp),
      };
      return { field: "user_preferences", value: { contacts, user_preferences: [preference] } };
    }
    case "phone_app": {
      const { from: to, from_user_id: to_user_id } = sender;
      const echo = { from: business, ...(to && { to }), to_user_id, id, timestamp, type: "text", text: { body: text } };
      return { field: "smb_message_echoes", value: { contacts, message_echoes: [echo] } };
    }
    case "standby":
      return { field: "standby", value: { standby: messages(saidBy("text", writing, file)) } };
    case "change_number": {
      const wa_id = text.replace("+", "");
      const body = `User changed from ${sender.from ?? sender.from_user_id} to ${wa_id}`;
      const system = { type: "user_changed_number", body, wa_id };
      const message = { ...(sender.from && { from: sender.from }), id, timestamp, type: "system", system };
      return { field: "messages", value: { messages: [message] } };
    }
    default: {
      const said = saidBy(kind, writing, file);
      const group = kind === "group" ? { group_id: GROUP_ID } : {};
      return { field: "messages", value: messages({ ...group, ...quoting(writing, business), ...said }) };
    }
  }
}

/** Edits and the like name the message themselves. */
function quoting({ kind = "text", replyTo }: WhatsAppWriting, business: string): object {
  return replyTo && !ABOUT.has(kind) ? { context: { from: business, id: replyTo } } : {};
}

/** `type`, and under its name the rest. */
function saidBy(
  kind: Exclude<Kind, "call" | "stop_marketing" | "resume_marketing" | "phone_app" | "standby" | "change_number">,
  { text = "", replyTo: original_message_id = "", payload }: WhatsAppWriting,
  file: Correspondence["file"],
): object {
  const body = { type: "text", text: { body: text } };
  const caption = text && { caption: text };
  const title = text || "Sim";
  switch (kind) {
    case "text":
    case "group":
      return body;
    case "product": {
      const referred_product = { catalog_id: "190700000000001", product_retailer_id: payload ?? "sku-7" };
      return { ...body, context: { referred_product } };
    }
    case "ad":
      return { ...body, referral: AD };
    case "forwarded":
      return { ...body, context: { forwarded: true } };
    case "image":
      return { type: kind, image: { ...caption, ...file("image/jpeg") } };
    case "video":
      return { type: kind, video: { ...caption, ...file("video/mp4") } };
    case "audio":
      return { type: kind, audio: { ...file("audio/mpeg"), voice: false } };
    case "voice":
      return { type: "audio", audio: { ...file("audio/ogg; codecs=opus"), voice: true } };
    case "document":
      return { type: kind, document: { ...caption, filename: "fatura.pdf", ...file("application/pdf") } };
    case "sticker":
      return { type: kind, sticker: { ...file("image/webp"), animated: false } };
    case "location":
      return { type: kind, location: { latitude: 38.7223, longitude: -9.1393, ...(text && { name: text }) } };
    case "contacts": {
      const name = { formatted_name: text || "Rui Sá", first_name: text || "Rui" };
      const phones = [{ phone: "+351 910 000 002", wa_id: "351910000002", type: "CELL" }];
      return { type: kind, contacts: [{ origin: "other", name, phones }] };
    }
    case "button":
      return {
        type: "interactive",
        interactive: { type: "button_reply", button_reply: { id: payload ?? "yes", title } },
      };
    case "list":
      return {
        type: "interactive",
        interactive: { type: "list_reply", list_reply: { id: payload ?? "row-1", title } },
      };
    case "quick_reply":
      return { type: "button", button: { text: title, payload: payload ?? "YES" } };
    case "form": {
      const nfm_reply = { name: "flow", body: "Sent", response_json: payload ?? '{"flow_token":"unused"}' };
      return { type: "interactive", interactive: { type: "nfm_reply", nfm_reply } };
    }
    case "call_permission": {
      const call_permission_reply = {
        response: payload ?? "accept",
        is_permanent: true,
        response_source: "user_action",
      };
      return { type: "interactive", interactive: { type: "call_permission_reply", call_permission_reply } };
    }
    case "order": {
      const item = { product_retailer_id: payload ?? "sku-7", quantity: 2, item_price: 4.5, currency: "EUR" };
      const order = { catalog_id: "190700000000001", ...(text && { text }), product_items: [item] };
      return { type: kind, order };
    }
    case "reaction":
      return { type: kind, reaction: { message_id: original_message_id, ...(text && { emoji: text }) } };
    case "edit":
      return { type: kind, edit: { original_message_id, message: body } };
    case "unsend":
      return { type: "revoke", revoke: { original_message_id } };
    case "welcome":
      return { type: "request_welcome" };
    case "unsupported":
      return notHandedOver("poll_creation", 131051, "Message type unknown", "Message type is currently not supported.");
    case "unavailable":
      return notHandedOver("errors", 131060, "This message is unavailable", "Read it in the WhatsApp Business app.");
  }
}

const AD = {
  source_url: "https://fb.me/ad",
  source_id: "120211000000000001",
  source_type: "ad",
  headline: "Bolos por encomenda",
  media_type: "image",
  image_url: "https://scontent.example/v/t1/ad.jpg",
  ctwa_clid: "ARAkLkA8rmlFeiCktEJQ",
};

function notHandedOver(type: string, code: number, title: string, details: string): object {
  return {
    type: "unsupported",
    unsupported: { type },
    errors: [{ code, title, message: title, error_data: { details } }],
  };
}
