/**
 * Meta's WhatsApp webhooks → what happened. Up to a thousand updates come in one body, of several numbers and kinds; each
 * element stands for itself, so that an odd one costs no other.
 */
import { decodeCorrelation } from "../../domain/ids.ts";
import { failureOf } from "../../domain/provider-error.ts";
import { isRecord, keptRaw, rawHash } from "../../domain/raw-element.ts";
import { wordsIn } from "../../http/graph.ts";
import type { Account, Parsed, ParsedMessage, ParseResult, WebhookRequest } from "../connector.ts";
import { errors } from "./errors.ts";
import { Change, Contact, Entry, Envelope, Message, Status, Value } from "./payload.ts";
import type { Secrets, Settings } from "./settings.ts";

type Accounts = readonly Account<Settings, Secrets>[];

export function parse(request: WebhookRequest, accounts: Accounts): ParseResult {
  let body: unknown;
  try {
    body = JSON.parse(Buffer.from(request.body).toString("utf8"));
  } catch {
    return { ok: false, reason: "the body is not JSON" };
  }
  const { object, entry } = Envelope.safeParse(body).data ?? {};
  if (object !== "whatsapp_business_account" || !entry)
    return { ok: false, reason: "the body is not a WhatsApp webhook" };
  return { ok: true, parsed: entry.flatMap((one) => ofEntry(one, accounts)) };
}

function ofEntry(raw: unknown, accounts: Accounts): Parsed[] {
  const { id, time, changes = [] } = Entry.safeParse(raw).data ?? {};
  if (changes.length === 0) return [notice(accounts[0]?.name, "unreadable_entry", raw)];
  return changes.flatMap((change) => ofChange(change, { id, time }, accounts));
}

/** The fields whose lists are messages and receipts; in `calls`, for one, `statuses` are something else. */
const MESSAGE_FIELDS = new Set(["messages", "smb_message_echoes", "standby"]);
const LISTS = new Set(["contacts", "messages", "message_echoes", "statuses", "errors"]);

function ofChange(raw: unknown, entry: { id?: unknown; time?: unknown }, accounts: Accounts): Parsed[] {
  const { field, value: outer } = Change.safeParse(raw).data ?? {};
  if (field === undefined || !isRecord(outer))
    return [notice(accounts[0]?.name, "unreadable_change", { entry, change: raw })];
  // When another app has the conversation, everything comes one level deeper.
  const inner = field === "standby" ? outer.standby : undefined;
  const value = isRecord(inner) ? { metadata: outer.metadata, ...inner } : outer;
  const { metadata, ...lists } = Value.parse(value);
  const areMessages = MESSAGE_FIELDS.has(field);
  const account = accountOf(metadata?.phone_number_id, accounts, areMessages);
  // The entry's time is Meta's own mark of an account's news; without it the same news could never come twice.
  const news = () => notice(account, codeOf(field), { entry, change: raw });
  if (!areMessages) return [news()];

  const people = peopleIn(lists.contacts);
  const told = [
    ...(lists.messages ?? []).map((message) => ofMessage(message, account, people)),
    ...(lists.message_echoes ?? []).map((echo) => ofEcho(echo, account)),
    ...(lists.statuses ?? []).map((status) => ofStatus(status, account)),
    ...(lists.errors ?? []).map((error) => notice(account, codeOf("error"), { entry, metadata, error })),
  ];
  const isWhole = Object.entries(value).every(([name, member]) => LISTS.has(name) === Array.isArray(member));
  return isWhole && told.length > 0 ? told : [...told, news()];
}

function ofMessage(raw: unknown, account: string | undefined, people: ReadonlyMap<string, Contact>): Parsed {
  const message = Message.safeParse(raw).data;
  if (!message?.id) return notice(account, "unreadable_message", raw);
  const { from, from_user_id: userId, from_parent_user_id: parentId, group_id: group } = message;
  const person = [userId, parentId, from].map((id) => people.get(id ?? "")).find((known) => known !== undefined);
  const customer = group
    ? { address: `group:${group}` }
    : addressed([userId, parentId, person?.user_id, person?.parent_user_id, from, person?.wa_id]);
  if (!customer) return notice(account, "unreadable_message", raw);
  const { name, username } = person?.profile ?? {};
  const called = name || (username && `@${username}`);
  return {
    account,
    subject: `${message.id}#received`,
    ...timed(message.timestamp),
    ...customer,
    ...(called && !group && { name: called }),
    happening: {
      type: "message.received",
      message: written(message, raw, { type: "contact", ...(called && { name: called }) }),
    },
  };
}

/** What the business wrote in its phone app; sends of ours are not echoed here unless they say so. */
function ofEcho(raw: unknown, account: string | undefined): Parsed {
  const echo = Message.safeParse(raw).data;
  const customer = echo && addressed([echo.to_user_id, echo.to_parent_user_id, echo.to]);
  if (!echo?.id || !customer) return notice(account, "unreadable_echo", raw);
  const correlation = echo.biz_opaque_callback_data;
  const isOurs = decodeCorrelation(correlation) !== undefined;
  return {
    account,
    subject: `${echo.id}#sent`,
    ...timed(echo.timestamp),
    ...customer,
    ...(isOurs && correlation && { correlation }),
    happening: isOurs
      ? { type: "message.sent", receipt: { providerMessageId: echo.id } }
      : { type: "message.sent", message: written(echo, raw, { type: "agent", origin: "phone_app" }) },
  };
}

const RECEIPTS = ["sent", "delivered", "read", "played"] as const;

function ofStatus(raw: unknown, account: string | undefined): Parsed {
  const status = Status.safeParse(raw).data;
  const type = RECEIPTS.find((word) => word === status?.status);
  if (!status?.id || !(type || status.status === "failed")) return notice(account, "unreadable_status", raw);
  const { id, biz_opaque_callback_data: correlation } = status;
  const participant = status.recipient_participant_user_id ?? status.recipient_participant_id;
  const customer =
    status.recipient_type === "group" && status.recipient_id
      ? { address: `group:${status.recipient_id}` }
      : addressed([status.recipient_user_id, status.recipient_parent_user_id, status.recipient_id]);
  const pricing = isRecord(raw) && isRecord(raw.pricing) ? keptRaw(raw.pricing) : undefined;
  const receipt = { providerMessageId: id, ...(participant && { participant }) };
  return {
    account,
    subject: [id, `#${type ?? "failed"}`, participant ? `#${participant}` : ""].join(""),
    ...timed(status.timestamp),
    ...customer,
    ...(correlation !== undefined && { correlation }),
    happening: type
      ? { type: `message.${type}`, receipt: { ...receipt, ...(isRecord(pricing) && { pricing }) } }
      : { type: "message.failed", receipt, failure: failureIn(status.errors) },
  };
}

function failureIn(list: readonly unknown[] | undefined) {
  const [error] = (list ?? []).filter(isRecord);
  const code = error?.code;
  const codes = typeof code === "number" || typeof code === "string" ? [String(code).slice(0, 40)] : [];
  return failureOf(errors, codes, error && wordsIn(error));
}

/** Text in full; any other kind is kept whole under Meta's word for it. */
function written(message: Message, raw: unknown, author: ParsedMessage["author"]): ParsedMessage {
  const { id = "", type, text, context } = message;
  const referral = isRecord(raw) && isRecord(raw.referral) ? keptRaw(raw.referral) : undefined;
  return {
    providerMessageId: id,
    author,
    content:
      type === "text" && text?.body !== undefined
        ? { type: "text", text: text.body }
        : { type: "unsupported", reason: type?.slice(0, 60) || "unknown", raw: keptRaw(raw) },
    ...(context?.id && { replyTo: { providerMessageId: context.id } }),
    ...(isRecord(referral) && { referral }),
    ...((context?.forwarded === true || context?.frequently_forwarded === true) && { forwarded: true }),
  };
}

/** A user id of WhatsApp, e.g. `BR.4410000000000000001`; it may stand in any field for ids. */
const USER_ID = /^[A-Z]{2}(\.ENT)?\.[A-Za-z0-9]{1,128}$/;

/** The user id is the customer's primary address, since a customer with a username may show no number. */
function addressed(candidates: readonly (string | undefined)[]): { address: string; aliases?: string[] } | undefined {
  const known = [...new Set(candidates.filter((candidate) => candidate !== undefined))];
  const address = known.find((candidate) => USER_ID.test(candidate)) ?? known[0];
  if (address === undefined) return undefined;
  const aliases = known.filter((candidate) => candidate !== address);
  return { address, ...(aliases.length > 0 && { aliases }) };
}

/** By every id of a contact, since a contact need not stand at the place of its message. */
function peopleIn(contacts: readonly unknown[] | undefined): Map<string, Contact> {
  const people = new Map<string, Contact>();
  for (const raw of contacts ?? []) {
    const contact = Contact.safeParse(raw).data;
    for (const id of [contact?.user_id, contact?.wa_id]) if (contact && id) people.set(id, contact);
  }
  return people;
}

/**
 * News of the whole WhatsApp account names no number and goes to the first account that verified the body. A message
 * without a number is nobody's, unless there is only one to have it.
 */
function accountOf(phoneNumberId: string | undefined, accounts: Accounts, isMessage: boolean): string | undefined {
  if (phoneNumberId === undefined) return isMessage && accounts.length > 1 ? undefined : accounts[0]?.name;
  return accounts.find(({ settings }) => settings.phoneNumberId === phoneNumberId)?.name;
}

function timed(timestamp: unknown): { time?: number } {
  const time = typeof timestamp === "string" || typeof timestamp === "number" ? Number(timestamp) * 1000 : 0;
  return time > 0 && time < 253_402_300_800_000 ? { time } : {};
}

function codeOf(field: string): string {
  return /^[a-z_]{1,60}$/.test(field) ? `whatsapp_${field}` : "whatsapp_unknown";
}

function notice(account: string | undefined, code: string, raw: unknown): Parsed {
  const reason = code.startsWith("unreadable")
    ? "WhatsApp sent something that this release cannot read; it is kept."
    : "WhatsApp has news about the account.";
  return {
    account,
    subject: `${rawHash(raw)}#alert`,
    happening: { type: "account.alert", code, reason, raw: keptRaw(raw) },
  };
}
