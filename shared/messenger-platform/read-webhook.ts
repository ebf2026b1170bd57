/**
 * Webhooks of the Messenger Platform, which Messenger and Instagram share → what happened. Each element of a batch stands
 * for itself, so that an odd one costs no other.
 */

import type { Parsed, ParsedHappening, ParsedMessage, ParseResult } from "../channels/connector.ts";
import type { Content } from "../domain/content.ts";
import { decodeCorrelation } from "../domain/ids.ts";
import { jsonIn } from "../domain/json.ts";
import { isRecord, keptRaw, rawHash } from "../domain/raw-element.ts";
import { Entry, Envelope, Happened, type Message } from "./payload.ts";
import { choice, contentsOf, unsupported } from "./read-content.ts";

type Author = ParsedMessage["author"];

/** In what the two differ. */
export interface Product {
  /** `object` of its webhooks. */
  object: string;
  /** Begins the codes of its alerts. */
  word: string;
  /** As people call it, and what an account of it is. */
  name: string;
  accountWord: string;
  /** Receipts, which each tells in its own way; undefined when the element is none. */
  receiptsIn(element: Record<string, unknown>, place: Place): Parsed[] | undefined;
  /** Where the business wrote what is echoed, by the app that the echo names. */
  originOf(app: unknown): string;
}

/** Where an element belongs, and what every kind of element says. */
export interface Place {
  product: Product;
  account: string | undefined;
  /** The provider's id of the account. */
  business: string | undefined;
  /** The customer, and when, where the element says so. */
  address?: string;
  time?: number;
}

/** @param accounts those that verified the body, each with the id by which an entry names it */
export function readWebhook(
  body: Uint8Array,
  product: Product,
  accounts: readonly { name: string; id: string }[],
): ParseResult {
  const read = jsonIn(body);
  if (read === undefined) return { ok: false, reason: "the body is not JSON" };
  const { object, entry } = Envelope.safeParse(read).data ?? {};
  if (object !== product.object || !entry) {
    return { ok: false, reason: `the body is not a webhook of ${product.name}` };
  }
  return { ok: true, parsed: entry.flatMap((one) => ofEntry(one, product, accounts)) };
}

const LISTS = new Set(["messaging", "standby", "changes"]);

function ofEntry(raw: unknown, product: Product, accounts: readonly { name: string; id: string }[]): Parsed[] {
  const { id, time, messaging = [], standby = [], changes = [] } = Entry.safeParse(raw).data ?? {};
  const account = id === undefined ? accounts[0]?.name : accounts.find((one) => one.id === id)?.name;
  const place: Place = { product, account, business: id };
  const told = [
    // Another app may have the conversation: what is said in it is history all the same.
    ...[...messaging, ...standby].flatMap((happened) => ofElement(happened, place)),
    ...changes.map((change) => notice(place, `${product.word}_change`, { id, time, change })),
  ];
  const isWhole =
    isRecord(raw) && Object.entries(raw).every(([name, member]) => LISTS.has(name) === Array.isArray(member));
  return isWhole && told.length > 0 ? told : [...told, notice(place, "unreadable_entry", raw)];
}

/** What concerns the account and its apps rather than a customer. */
const ABOUT_THE_ACCOUNT = new Set([
  "policy_enforcement",
  "app_roles",
  "pass_thread_control",
  "take_thread_control",
  "request_thread_control",
]);
const NO_KIND = new Set(["sender", "recipient", "timestamp"]);

export function ofElement(raw: unknown, { product, account, business }: Place): Parsed[] {
  const happened = Happened.safeParse(raw).data;
  if (!happened || !isRecord(raw)) return [notice({ product, account, business }, "unreadable_event", raw)];
  const { sender, recipient, message, timestamp } = happened;
  const isOurs = message?.is_echo === true || (business !== undefined && sender?.id === business);
  const customer = isOurs ? recipient?.id : sender?.id;
  const place: Place = {
    product,
    account,
    business,
    ...(customer !== undefined && customer !== business && { address: customer }),
    ...timed(timestamp),
  };
  const receipts = product.receiptsIn(raw, place);
  if (receipts) return receipts;
  const kind = Object.hasOwn(raw, "message")
    ? "message"
    : (Object.keys(raw).find((name) => !NO_KIND.has(name)) ?? "unknown");
  if (ABOUT_THE_ACCOUNT.has(kind)) return [news(happened, kind, raw, place)];
  if (kind === "read" || kind === "delivery") return [notice(place, "unreadable_receipt", raw)];
  if (message?.is_echo === true && (!message.mid || !place.address)) return [notice(place, "unreadable_echo", raw)];
  if (!place.address) return [notice(place, codeOf(kind, product), raw)];
  const author: Author = isOurs ? { type: "agent", origin: product.originOf(message?.app_id) } : { type: "contact" };
  if (kind !== "message") return ofOther(happened, kind, { raw, place, author });
  return message?.mid
    ? ofMessage({ ...message, mid: message.mid }, { raw, place, author })
    : [notice(place, "unreadable_message", raw)];
}

/** An element, where it belongs, and who is behind it. */
interface Told {
  raw: Record<string, unknown>;
  place: Place;
  author: Author;
}

function ofMessage(message: Message & { mid: string }, told: Told): Parsed[] {
  const { mid, metadata } = message;
  if (message.is_deleted === true) {
    return [parsed(told, `${mid}#deleted`, { type: "message.deleted", of: mid, author: told.author })];
  }
  if (message.is_echo === true && metadata !== undefined && decodeCorrelation(metadata)) {
    const happening = { type: "message.sent", receipt: { providerMessageId: mid } } as const;
    return [{ ...parsed(told, `${mid}#sent`, happening), correlation: metadata }];
  }
  return contentsOf(message, told.raw).map((content, position) =>
    written(mid, content, told, { message, referral: message.referral, position }),
  );
}

/** What stands beside `message` in the same place. Most of it names no message of its own: its digest does. */
function ofOther(happened: Happened, kind: string, told: Told): Parsed[] {
  const { raw, author } = told;
  const { postback, reaction, message_edit: edit, optin } = happened;
  const own = rawHash(raw);
  if (kind === "postback" && postback) {
    const content = choice(postback.payload, postback.title);
    const { mid = own, referral } = postback;
    return [written(mid, content ?? unsupported(kind, raw), told, { referral })];
  }
  if (kind === "reaction" && reaction?.mid) {
    const { mid, action, emoji = reaction.reaction } = reaction;
    if (action === "unreact") return [parsed(told, `${own}#reacted`, { type: "message.reacted", of: mid, author })];
    // Without an emoji it would say that the reaction was taken back.
    if (emoji) return [parsed(told, `${own}#reacted`, { type: "message.reacted", of: mid, emoji, author })];
  }
  if (kind === "message_edit" && edit?.mid && edit.text !== undefined) {
    const { mid } = edit;
    const content: Content = { type: "text", text: edit.text };
    const count = countIn(edit.num_edit) ?? own;
    // The message as it first was, told once more, or to some accounts in this way alone.
    if (count === "0") return [written(mid, content, told, {})];
    return [parsed(told, `${mid}#edited#${count}`, { type: "message.edited", of: mid, content, author })];
  }
  const text = CHANGES.get(kind);
  if (text === undefined) return [written(own, unsupported(kind, raw), told, { referral: happened.referral })];
  // The element is kept for what comes with it: the token of the permission, the code of the link.
  const change = parsed(told, `${own}#${kind}`, { type: "contact.updated", change: kind, text, raw: keptRaw(raw) });
  if (optin?.type !== "notification_messages") return [change];
  const state = optin.notification_messages_status === "STOP_NOTIFICATIONS" ? "opted_out" : "opted_in";
  // Notifications that a customer subscribes to are what Meta calls marketing messages.
  const consent = { type: "consent.changed", topic: "marketing", state, source: "provider" } as const;
  return [change, parsed(told, `${own}#consent`, consent)];
}

/** What a customer does without writing anything. */
const CHANGES = new Map([
  ["optin", "The customer changed what the business may send."],
  ["account_linking", "The customer linked an account of the business, or took the link away."],
]);

/** A whole message, of the customer or of the business. */
function written(
  mid: string,
  content: Content,
  told: Told,
  { message, referral, position = 0 }: { message?: Message; referral?: unknown; position?: number },
): Parsed {
  const what = told.author.type === "contact" ? "received" : "sent";
  const { mid: answered, story } = message?.reply_to ?? {};
  const kept = isRecord(referral) ? keptRaw(referral) : undefined;
  return parsed(told, position > 0 ? `${mid}.${position}#${what}` : `${mid}#${what}`, {
    type: `message.${what}`,
    message: {
      providerMessageId: mid,
      ...(position > 0 && { position }),
      author: told.author,
      content,
      ...(answered && { replyTo: { providerMessageId: answered } }),
      ...(story && { replyTo: storyIn(story) }),
      ...(isRecord(kept) && { referral: kept }),
    },
  });
}

function storyIn({ id, url }: { id?: string | undefined; url?: string | undefined }) {
  const story = id ?? url;
  return { ...(story !== undefined && { story }), ...(url !== undefined && { storyUrl: url }) };
}

function parsed({ place: { account, address, time } }: Told, subject: string, happening: ParsedHappening): Parsed {
  return {
    account,
    subject,
    ...(time !== undefined && { time }),
    ...(address !== undefined && { address }),
    happening,
  };
}

function timed(timestamp: number | undefined): { time?: number } {
  return timestamp !== undefined && timestamp > 0 && timestamp < 253_402_300_800_000 ? { time: timestamp } : {};
}

/** Meta's pages have it as a number and as a text. */
function countIn(value: unknown): string | undefined {
  const isPlain = typeof value === "number" || typeof value === "string";
  return isPlain && /^\d{1,9}$/.test(String(value)) ? String(value) : undefined;
}

function codeOf(kind: string, { word }: Product): string {
  return /^[a-z_]{1,60}$/.test(kind) ? `${word}_${kind}` : `${word}_unknown`;
}

/** What an operator is to know; a measure against the account is said in words. */
function news({ policy_enforcement: policy }: Happened, kind: string, raw: unknown, place: Place): Parsed {
  const told = notice(place, codeOf(kind, place.product), raw);
  if (!policy?.action || told.happening.type !== "account.alert") return told;
  const why = policy.reason ? ` (${policy.reason.slice(0, 300)})` : "";
  const reason = `${place.product.name} takes a measure against the ${place.product.accountWord}: ${policy.action.slice(0, 60)}${why}.`;
  return { ...told, happening: { ...told.happening, reason } };
}

/** Something for the account's own log, with the element as it came. */
export function notice({ account, product }: Place, code: string, raw: unknown): Parsed {
  const reason = code.startsWith("unreadable")
    ? `${product.name} sent something that this release cannot read; it is kept.`
    : `${product.name} has news about the ${product.accountWord}.`;
  return {
    account,
    subject: `${rawHash(raw)}#alert`,
    happening: { type: "account.alert", code, reason, raw: keptRaw(raw) },
  };
}
