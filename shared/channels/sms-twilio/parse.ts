/**
 * Twilio's webhooks → what happened: one message or one status per request, as form fields. Twilio sends no time with
 * either.
 */
import type { Content } from "../../domain/content.ts";
import { mediaContent } from "../../domain/media-kind.ts";
import { phoneNumber } from "../../domain/phone-number.ts";
import { failureOf } from "../../domain/provider-error.ts";
import { rawHash } from "../../domain/raw-element.ts";
import type { Account, Parsed, ParsedHappening, ParseResult, WebhookRequest } from "../connector.ts";
import { MASKED } from "./address.ts";
import { errors } from "./errors.ts";
import { Form } from "./payload.ts";
import type { Secrets, Settings } from "./settings.ts";

type Accounts = readonly Account<Settings, Secrets>[];
/** Every field as Twilio sent it; a list where it was sent twice. */
export type Raw = Record<string, string | string[] | undefined>;

export function parse(request: WebhookRequest, accounts: Accounts): ParseResult {
  const fields = fieldsOf(request);
  const form = Form.parse(Object.fromEntries([...fields].map(([name, [value]]) => [name, value])));
  const id = form.MessageSid ?? form.SmsSid ?? form.SmsMessageSid;
  if (id === undefined || form.AccountSid === undefined)
    return { ok: false, reason: "the body is not a message of Twilio" };
  const raw: Raw = Object.fromEntries(
    [...fields].map(([name, values]) => [name, values.length > 1 ? values : values[0]]),
  );
  const correlation = correlationIn(request.url);
  const isStatus = form.MessageStatus !== undefined || correlation !== undefined;
  const parsed = isStatus
    ? ofStatus(id, form, raw, correlation, accountOf(form, form.From, accounts))
    : ofMessage(id, form, raw, accountOf(form, form.To, accounts));
  return { ok: true, parsed };
}

function fieldsOf({ method, url, body }: WebhookRequest): Map<string, string[]> {
  const text = method === "GET" ? new URL(url).search : Buffer.from(body).toString("utf8");
  const fields = new Map<string, string[]>();
  for (const [name, value] of new URLSearchParams(text)) fields.set(name, [...(fields.get(name) ?? []), value]);
  return fields;
}

/** One message of Twilio's is several of ours when it brings several files; the first says what Twilio took it for. */
export function ofMessage(id: string, form: Form, raw: Raw, account: string | undefined): Parsed[] {
  if (form.From === undefined) return [notice(account, "unreadable_message", raw)];
  const { From: address, ProfileName: name } = form;
  const wants = OPT_OUTS.get(form.OptOutType ?? "");
  return contentsOf(form, raw).map((content, position): Parsed => {
    const author = { type: "contact" as const, ...(name && { name }) };
    const consentWish = wants && position === 0 && { consentWish: { wants, said: "keyword" as const } };
    const message = { providerMessageId: id, author, content, ...consentWish };
    return {
      account,
      subject: position === 0 ? `${id}#received` : `${id}.${position}#received`,
      address,
      ...numberOf(address),
      ...(name && { name }),
      happening: { type: "message.received", message: position === 0 ? message : { ...message, position } },
    };
  });
}

function numberOf(address: string): { number?: string } {
  return MASKED.has(address) ? {} : phoneNumber(address);
}

/** Only with Advanced Opt-Out, whose words may be the owner's own. */
const OPT_OUTS = new Map([
  ["STOP", "stop" as const],
  ["START", "start" as const],
  ["HELP", "help" as const],
]);

const MOST_MEDIA = 10;

function contentsOf({ Body, NumMedia }: Form, raw: Raw): Content[] {
  const files = Math.min(Number.parseInt(NumMedia ?? "", 10) || 0, MOST_MEDIA);
  if (files < 1) return [Body === undefined ? unsupported("empty", raw) : { type: "text", text: Body }];
  return Array.from({ length: files }, (_, position) => fileAt(position, position === 0 ? Body : undefined, raw));
}

function fileAt(position: number, caption: string | undefined, raw: Raw): Content {
  const [url, contentType] = [raw[`MediaUrl${position}`], raw[`MediaContentType${position}`]];
  if (typeof url !== "string" || url === "") return unsupported("media", raw);
  const type = typeof contentType === "string" && contentType !== "" ? contentType : "application/octet-stream";
  return mediaContent({ url, contentType: type }, caption);
}

function unsupported(reason: string, raw: Raw): Content {
  return { type: "unsupported", reason, raw };
}

/** Steps on the way to `sent`, which is the first that says something. */
const EARLIER = new Set(["accepted", "scheduled", "queued", "sending"]);
const RECEIPTS = new Map([
  ["sent", "sent" as const],
  // Some of the parts have arrived, so all of it went out.
  ["partially_delivered", "sent" as const],
  ["delivered", "delivered" as const],
  ["read", "read" as const],
]);
const FAILURES = new Set(["failed", "undelivered", "canceled"]);

export function ofStatus(
  id: string,
  form: Form,
  raw: unknown,
  correlation: string | undefined,
  account: string | undefined,
): Parsed[] {
  const status = form.MessageStatus ?? "";
  if (EARLIER.has(status)) return [];
  const happening = happened(id, status, form);
  if (!happening) return [notice(account, "unreadable_status", raw)];
  return [
    {
      account,
      subject: `${id}#${happening.type.slice("message.".length)}`,
      ...(form.To !== undefined && { address: form.To }),
      ...(correlation !== undefined && { correlation }),
      happening,
    },
  ];
}

function happened(id: string, status: string, { ErrorCode, ErrorMessage }: Form): ParsedHappening | undefined {
  const word = RECEIPTS.get(status);
  if (word) return { type: `message.${word}`, receipt: { providerMessageId: id } };
  if (!FAILURES.has(status)) return undefined;
  const codes = ErrorCode && ErrorCode !== "0" ? [ErrorCode.slice(0, 40)] : [status];
  return {
    type: "message.failed",
    receipt: { providerMessageId: id },
    failure: failureOf(errors, codes, ErrorMessage),
  };
}

/** By the account and our number, or by the Messaging Service that the number is in. */
export function accountOf(
  form: Form,
  number: string | undefined,
  accounts: readonly Pick<Accounts[number], "name" | "settings">[],
): string | undefined {
  const own = accounts.filter(({ settings }) => settings.accountSid === form.AccountSid);
  const byNumber = own.find(({ settings }) => settings.from !== undefined && settings.from === number);
  const service = form.MessagingServiceSid;
  const byService = own.find(({ settings }) => service !== undefined && settings.messagingServiceSid === service);
  return (byNumber ?? byService)?.name;
}

/** The path is part of what Twilio signs, so what stands there is what we gave it with the send. */
function correlationIn(url: string): string | undefined {
  const [, correlation] = /\/status\/([^/]+)$/.exec(new URL(url).pathname) ?? [];
  return correlation;
}

function notice(account: string | undefined, code: string, raw: unknown): Parsed {
  const reason = "Twilio sent something that this release cannot read; it is kept.";
  return { account, subject: `${rawHash(raw)}#alert`, happening: { type: "account.alert", code, reason, raw } };
}
