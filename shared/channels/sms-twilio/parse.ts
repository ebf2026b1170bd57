/**
 * Twilio's webhooks → what happened: one message or one status per request, as form fields. Twilio sends no time with
 * either.
 */
import { failureOf } from "../../domain/provider-error.ts";
import { rawHash } from "../../domain/raw-element.ts";
import type { Account, Parsed, ParsedHappening, ParseResult, WebhookRequest } from "../connector.ts";
import { errors } from "./errors.ts";
import { Form } from "./payload.ts";
import type { Secrets, Settings } from "./settings.ts";

type Accounts = readonly Account<Settings, Secrets>[];

export function parse(request: WebhookRequest, accounts: Accounts): ParseResult {
  const fields = fieldsOf(request);
  const form = Form.parse(Object.fromEntries([...fields].map(([name, [value]]) => [name, value])));
  const id = form.MessageSid ?? form.SmsSid ?? form.SmsMessageSid;
  if (id === undefined || form.AccountSid === undefined)
    return { ok: false, reason: "the body is not a message of Twilio" };
  const raw = Object.fromEntries([...fields].map(([name, values]) => [name, values.length > 1 ? values : values[0]]));
  const correlation = correlationIn(request.url);
  const isStatus = form.MessageStatus !== undefined || correlation !== undefined;
  const parsed = isStatus
    ? ofStatus(id, form, raw, correlation, accountOf(form, form.From, accounts))
    : [ofMessage(id, form, raw, accountOf(form, form.To, accounts))];
  return { ok: true, parsed };
}

function fieldsOf({ method, url, body }: WebhookRequest): Map<string, string[]> {
  const text = method === "GET" ? new URL(url).search : Buffer.from(body).toString("utf8");
  const fields = new Map<string, string[]>();
  for (const [name, value] of new URLSearchParams(text)) fields.set(name, [...(fields.get(name) ?? []), value]);
  return fields;
}

function ofMessage(id: string, form: Form, raw: unknown, account: string | undefined): Parsed {
  if (form.From === undefined) return notice(account, "unreadable_message", raw);
  const hasMedia = form.NumMedia !== undefined && form.NumMedia !== "0";
  return {
    account,
    subject: `${id}#received`,
    address: form.From,
    ...(form.ProfileName && { name: form.ProfileName }),
    happening: {
      type: "message.received",
      message: {
        providerMessageId: id,
        author: { type: "contact", ...(form.ProfileName && { name: form.ProfileName }) },
        content:
          form.Body !== undefined && !hasMedia
            ? { type: "text", text: form.Body }
            : { type: "unsupported", reason: hasMedia ? "media" : "empty", raw },
      },
    },
  };
}

/** Steps on the way to `sent`, which is the first that says something. */
const EARLIER = new Set(["accepted", "scheduled", "queued", "sending"]);
const RECEIPTS = ["sent", "delivered", "read"] as const;
const FAILURES = new Set(["failed", "undelivered", "canceled"]);

function ofStatus(
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
  const word = RECEIPTS.find((receipt) => receipt === status);
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
function accountOf(form: Form, number: string | undefined, accounts: Accounts): string | undefined {
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
