/**
 * Messenger's webhooks → what happened. Each element of a batch stands for itself, so that an odd one costs no other.
 * Delivery and read receipts are watermarks: "everything up to this time of ours".
 */
import { decodeCorrelation } from "../../domain/ids.ts";
import { isRecord, keptRaw, rawHash } from "../../domain/raw-element.ts";
import type { Account, Parsed, ParsedMessage, ParseResult, WebhookRequest } from "../connector.ts";
import { Entry, Envelope, Happened, type Message, Mid } from "./payload.ts";
import type { Secrets, Settings } from "./settings.ts";

type Accounts = readonly Account<Settings, Secrets>[];

/** Where an element belongs: its account and the id of the Page. */
interface Place {
  account: string | undefined;
  page: string | undefined;
}

export function parse(request: WebhookRequest, accounts: Accounts): ParseResult {
  let body: unknown;
  try {
    body = JSON.parse(Buffer.from(request.body).toString("utf8"));
  } catch {
    return { ok: false, reason: "the body is not JSON" };
  }
  const { object, entry } = Envelope.safeParse(body).data ?? {};
  if (object !== "page" || !entry) return { ok: false, reason: "the body is not a Messenger webhook" };
  return { ok: true, parsed: entry.flatMap((one) => ofEntry(one, accounts)) };
}

function ofEntry(raw: unknown, accounts: Accounts): Parsed[] {
  const { id, time, messaging = [], standby = [], changes = [] } = Entry.safeParse(raw).data ?? {};
  const account = id === undefined ? accounts[0]?.name : accounts.find(({ settings }) => settings.pageId === id)?.name;
  const told = [
    // Another app may have the conversation: what is said in it is history all the same.
    ...[...messaging, ...standby].flatMap((happened) => ofHappened(happened, { account, page: id })),
    ...changes.map((change) => notice(account, "messenger_change", { id, time, change })),
  ];
  const isWhole =
    isRecord(raw) && Object.entries(raw).every(([name, member]) => LISTS.has(name) === Array.isArray(member));
  return isWhole && told.length > 0 ? told : [...told, notice(account, "unreadable_entry", raw)];
}

const LISTS = new Set(["messaging", "standby", "changes"]);

/** What concerns the Page and its apps rather than a customer. */
const ABOUT_THE_ACCOUNT = [
  "policy_enforcement",
  "app_roles",
  "pass_thread_control",
  "take_thread_control",
  "request_thread_control",
];
const NO_KIND = new Set(["sender", "recipient", "timestamp"]);

function ofHappened(raw: unknown, place: Place): Parsed[] {
  const happened = Happened.safeParse(raw).data;
  if (!happened || !isRecord(raw)) return [notice(place.account, "unreadable_event", raw)];
  const { message, delivery, read } = happened;
  if (message?.is_echo === true) return [ofEcho(happened, message, raw, place)];
  if (delivery) return ofDelivery(happened, delivery, raw, place);
  const kind = Object.hasOwn(raw, "message")
    ? "message"
    : (Object.keys(raw).find((name) => !NO_KIND.has(name)) ?? "unknown");
  const customer = happened.sender?.id;
  if (!customer || customer === place.page || ABOUT_THE_ACCOUNT.includes(kind))
    return [notice(place.account, codeOf(kind), raw)];
  if (read?.watermark !== undefined) return [watermark("read", customer, read.watermark, happened, place)];
  if (kind === "message" && !message?.mid) return [notice(place.account, "unreadable_message", raw)];
  // Reactions, edits, referrals and the like name no message of their own.
  const id = message?.mid ?? happened.postback?.mid ?? rawHash(raw);
  const isText = message && kind === "message" && isPlainText(message);
  return [
    {
      account: place.account,
      // An unsent message keeps its id: it is another event about the same message.
      subject: message?.is_deleted === true ? `${id}#deleted` : `${id}#received`,
      ...timed(happened.timestamp),
      address: customer,
      happening: {
        type: "message.received",
        message: {
          providerMessageId: message?.is_deleted === true ? `${id}#deleted` : id,
          author: { type: "contact" },
          content: isText
            ? { type: "text", text: message.text ?? "" }
            : { type: "unsupported", reason: message ? kindOf(message) : kind.slice(0, 60), raw: keptRaw(raw) },
          ...about(message, raw),
        },
      },
    },
  ];
}

/** What went out through the Page, whoever wrote it. Ours carries our correlation. */
function ofEcho(happened: Happened, message: Message, raw: Record<string, unknown>, place: Place): Parsed {
  const customer = happened.recipient?.id;
  if (!message.mid || !customer) return notice(place.account, "unreadable_echo", raw);
  const isOurs = decodeCorrelation(message.metadata) !== undefined;
  return {
    account: place.account,
    subject: `${message.mid}#sent`,
    ...timed(happened.timestamp),
    address: customer,
    ...(isOurs && message.metadata !== undefined && { correlation: message.metadata }),
    happening: isOurs
      ? { type: "message.sent", receipt: { providerMessageId: message.mid } }
      : {
          type: "message.sent",
          message: {
            providerMessageId: message.mid,
            author: { type: "agent", origin: originOf(message.app_id) },
            content: isPlainText(message)
              ? { type: "text", text: message.text ?? "" }
              : { type: "unsupported", reason: kindOf(message), raw: keptRaw(raw) },
            ...about(message, raw),
          },
        },
  };
}

function ofDelivery(
  happened: Happened,
  delivery: { watermark?: number | undefined; mids?: unknown[] | undefined },
  raw: unknown,
  place: Place,
): Parsed[] {
  const customer = happened.sender?.id;
  const mids = delivery.mids ?? [];
  const known = mids.flatMap((mid) => Mid.safeParse(mid).data ?? []);
  const receipts = known.map(
    (mid): Parsed => ({
      account: place.account,
      subject: `${mid}#delivered`,
      ...timed(happened.timestamp),
      ...(customer && { address: customer }),
      happening: { type: "message.delivered", receipt: { providerMessageId: mid } },
    }),
  );
  if (known.length > 0 && known.length === mids.length) return receipts;
  if (customer && delivery.watermark !== undefined) {
    return [...receipts, watermark("delivered", customer, delivery.watermark, happened, place)];
  }
  return [...receipts, notice(place.account, "unreadable_delivery", raw)];
}

function watermark(
  type: "delivered" | "read",
  customer: string,
  upTo: number,
  happened: Happened,
  place: Place,
): Parsed {
  return {
    account: place.account,
    subject: `${customer}#${type}#${upTo}`,
    ...timed(happened.timestamp),
    address: customer,
    happening: { type: `message.${type}`, receipt: { watermark: upTo } },
  };
}

/** A link comes with a `fallback` attachment that only previews what the text says. */
function isPlainText({ text, quick_reply: chosen, is_deleted: isDeleted, attachments = [] }: Message): boolean {
  const isPreviewed = attachments.every((attachment) => isRecord(attachment) && attachment.type === "fallback");
  return text !== undefined && chosen === undefined && isDeleted !== true && isPreviewed;
}

/** Meta's word for what the message is beside text. */
function kindOf({ is_deleted: isDeleted, quick_reply: chosen, attachments = [] }: Message): string {
  if (isDeleted === true) return "is_deleted";
  if (chosen !== undefined) return "quick_reply";
  const [first] = attachments.filter(isRecord);
  return typeof first?.type === "string" ? first.type.slice(0, 60) : "message";
}

function about(
  message: Message | undefined,
  raw: Record<string, unknown>,
): Pick<ParsedMessage, "replyTo" | "referral"> {
  const inside = isRecord(raw.message) ? raw.message.referral : undefined;
  const referral = isRecord(inside) ? keptRaw(inside) : undefined;
  return {
    ...(message?.reply_to?.mid && { replyTo: { providerMessageId: message.reply_to.mid } }),
    ...(isRecord(referral) && { referral }),
  };
}

/** The app of Meta's own Page inbox. */
const PAGE_INBOX = 26390203743090;

function originOf(app: unknown): string {
  return app === PAGE_INBOX || app === String(PAGE_INBOX) ? "page_inbox" : "other_app";
}

function timed(timestamp: number | undefined): { time?: number } {
  return timestamp !== undefined && timestamp > 0 && timestamp < 253_402_300_800_000 ? { time: timestamp } : {};
}

function codeOf(kind: string): string {
  return /^[a-z_]{1,60}$/.test(kind) ? `messenger_${kind}` : "messenger_unknown";
}

function notice(account: string | undefined, code: string, raw: unknown): Parsed {
  const reason = code.startsWith("unreadable")
    ? "Messenger sent something that this release cannot read; it is kept."
    : "Messenger has news about the Page.";
  return {
    account,
    subject: `${rawHash(raw)}#alert`,
    happening: { type: "account.alert", code, reason, raw: keptRaw(raw) },
  };
}
