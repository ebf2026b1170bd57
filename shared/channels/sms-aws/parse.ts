/**
 * What AWS End User Messaging SMS publishes → what happened: one message of a customer's, or one event of a message of
 * ours, each as JSON in the notification's string.
 */
import { phoneNumber } from "../../domain/phone-number.ts";
import { failureOf } from "../../domain/provider-error.ts";
import { isRecord, keptRaw, rawHash } from "../../domain/raw-element.ts";
import { readNotification } from "../../http/notification.ts";
import type { Account, Parsed, ParsedHappening, ParseResult, WebhookRequest } from "../connector.ts";
import { optOutWords } from "./capabilities.ts";
import { errors } from "./errors.ts";
import { Event, Inbound } from "./payload.ts";
import type { Secrets, Settings } from "./settings.ts";

type Accounts = readonly Account<Settings, Secrets>[];

export function parse({ body }: WebhookRequest, accounts: Accounts): ParseResult {
  const notification = readNotification(body);
  if (!notification) return { ok: false, reason: "the notification is not JSON" };
  const { message: raw, time } = notification;
  if (!isRecord(raw)) return { ok: false, reason: "the notification carries no message of AWS End User Messaging" };
  const event = Event.parse(raw);
  if (event.eventType !== undefined) return { ok: true, parsed: ofEvent(event, raw, accounts) };
  const inbound = Inbound.parse(raw);
  if (inbound.originationNumber !== undefined || inbound.inboundMessageId !== undefined)
    return { ok: true, parsed: ofMessage(inbound, { raw, time }, accounts) };
  return { ok: true, parsed: [notice(accounts[0]?.name, "unreadable_event", raw)] };
}

/** AWS names our last message to the customer with it. That is no quote: what is answered may be any other. */
function ofMessage(
  { inboundMessageId: id, originationNumber: address, destinationNumber, messageBody, messageKeyword = "" }: Inbound,
  { raw, time }: { raw: unknown; time: number | undefined },
  accounts: Accounts,
): Parsed[] {
  const account = accountOf(destinationNumber, accounts);
  if (id === undefined || address === undefined) return [notice(account, "unreadable_message", raw)];
  const about = { account, ...(time !== undefined && { time }), address, ...phoneNumber(address) };
  const content =
    messageBody === undefined
      ? ({ type: "unsupported", reason: "empty", raw: keptRaw(raw) } as const)
      : ({ type: "text", text: messageBody } as const);
  const wants = WISHES.get(messageKeyword.toUpperCase());
  const consentWish = wants && { consentWish: { wants, said: "keyword" as const } };
  const message = { providerMessageId: id, author: { type: "contact" as const }, content, ...consentWish };
  return [{ ...about, subject: `${id}#received`, happening: { type: "message.received", message } }];
}

/** The keywords that AWS acts upon by itself; a message need only begin with one. */
const WISHES = new Map([
  ...optOutWords.stop.map((word) => [word, "stop" as const] as const),
  ...optOutWords.start.map((word) => [word, "start" as const] as const),
  ["HELP", "help" as const],
]);

function ofEvent(event: Event, raw: unknown, accounts: Accounts): Parsed[] {
  const { messageId: id, eventTimestamp: time, destinationPhoneNumber: address, context } = event;
  // A pool sends from any of its numbers; what went along says which one the message is of.
  const account = accountOf(context?.from ?? event.originationPhoneNumber, accounts);
  const happening = id === undefined ? undefined : happened(id, event);
  if (id === undefined || !happening) return [notice(account, "unreadable_status", raw)];
  return [
    {
      account,
      subject: `${id}#${happening.type.slice("message.".length)}`,
      ...(time !== undefined && time > 0 && time < 253_402_300_800_000 && { time }),
      ...(address !== undefined && { address }),
      ...(context?.recado !== undefined && { correlation: context.recado }),
      happening,
    },
  ];
}

const WORDS = new Map<string, "sent" | "delivered" | "read">([
  // That AWS has taken the message is all that `sent` says, and may be news after a send that was not answered.
  ["QUEUED", "sent"],
  ["PENDING", "sent"],
  ["SENT", "sent"],
  ["FALLEN_BACK_TO_SMS", "sent"],
  // Three days have passed without a word: nobody will say more than that it went out.
  ["UNKNOWN", "sent"],
  ["DELIVERED", "delivered"],
  ["READ", "read"],
]);

/** Text, files and rich messages have the same events, each under its own name. */
function happened(id: string, event: Event): ParsedHappening | undefined {
  const [, kind] = /^(?:TEXT|MEDIA|RCS)_([A-Z_]{1,60})$/.exec(event.eventType ?? "") ?? [];
  if (kind === undefined) return undefined;
  const receipt = { providerMessageId: id, ...pricingOf(event) };
  // The carrier has it; in some countries that is the last that is ever told.
  if (kind === "SUCCESSFUL") return { type: event.isFinal ? "message.delivered" : "message.sent", receipt };
  const word = WORDS.get(kind);
  if (word) return { type: `message.${word}`, receipt };
  const failure = failureOf(errors, [kind], event.messageStatusDescription);
  return failure.class === "unknown"
    ? undefined
    : { type: "message.failed", receipt: { providerMessageId: id }, failure };
}

/** In US dollars. */
function pricingOf({ totalMessageParts, totalMessagePrice, totalCarrierFee }: Event): {
  pricing?: Record<string, unknown>;
} {
  const told = Object.entries({ totalMessageParts, totalMessagePrice, totalCarrierFee }).filter(
    ([, value]) => value !== undefined,
  );
  return told.length > 0 ? { pricing: Object.fromEntries(told) } : {};
}

function accountOf(ours: string | undefined, accounts: Accounts): string | undefined {
  if (ours === undefined) return undefined;
  const plain = (number: string) => number.replace(/^\+/, "");
  return accounts.find(({ settings }) => plain(settings.from) === plain(ours))?.name;
}

function notice(account: string | undefined, code: string, element: unknown): Parsed {
  const reason = "AWS sent something that this release cannot read; it is kept.";
  const raw = keptRaw(element);
  return { account, subject: `${rawHash(element)}#alert`, happening: { type: "account.alert", code, reason, raw } };
}
