/**
 * Vonage's webhooks → what happened: one message or one status per request. `client_ref` comes back with every status.
 */

import type { Content } from "../../domain/content.ts";
import { jsonIn } from "../../domain/json.ts";
import { mediaContent } from "../../domain/media-kind.ts";
import { phoneNumber } from "../../domain/phone-number.ts";
import { failureOf } from "../../domain/provider-error.ts";
import { isoTime } from "../../domain/provider-time.ts";
import { isRecord, keptRaw, rawHash } from "../../domain/raw-element.ts";
import type { Account, Parsed, ParsedHappening, ParseResult, WebhookRequest } from "../connector.ts";
import { addressOf, partyOf } from "./address.ts";
import { errors } from "./errors.ts";
import { File, Payload, SmsForm } from "./payload.ts";
import type { Secrets, Settings } from "./settings.ts";
import { smsFieldsOf } from "./sms-form.ts";

type Accounts = readonly Account<Settings, Secrets>[];

export function parse(request: WebhookRequest, accounts: Accounts): ParseResult {
  // What was signed as a form is read as one: a header of somebody else's could make something else of it.
  const fields = request.headers.authorization === undefined ? smsFieldsOf(request) : undefined;
  if (fields) return ofSmsApi(Object.fromEntries(fields), accounts);
  const body = jsonIn(request.body);
  const { message_uuid: id, ...payload } = Payload.parse(isRecord(body) ? body : {});
  if (id === undefined) return { ok: false, reason: "the body is not a message of Vonage" };
  if (payload.status !== undefined) return { ok: true, parsed: ofStatus(id, payload, body, accounts) };
  if (payload.message_type !== undefined) return { ok: true, parsed: ofMessage(id, payload, body, accounts) };
  return { ok: false, reason: "the body is neither a message nor a status" };
}

function ofMessage(id: string, payload: Payload, raw: unknown, accounts: Accounts): Parsed[] {
  const account = accountOf(payload.to, accounts);
  if (payload.from === undefined) return [notice(account, "unreadable_message", raw)];
  const address = addressOf(payload.from);
  return contentsOf(payload, raw).map((content, position): Parsed => {
    const message = { providerMessageId: id, author: { type: "contact" as const }, content };
    return {
      account,
      subject: position === 0 ? `${id}#received` : `${id}.${position}#received`,
      ...isoTime(payload.timestamp),
      address,
      ...phoneNumber(address),
      happening: { type: "message.received", message: position === 0 ? message : { ...message, position } },
    };
  });
}

/** One message of Vonage's is several of ours when it brings several files. */
function contentsOf(payload: Payload, raw: unknown): Content[] {
  const { message_type: type = "", text, content } = payload;
  if (type === "text" && text !== undefined) return [{ type: "text", text }];
  if (type === "image" || type === "video" || type === "audio" || type === "vcard" || type === "file") {
    return [fileOf(type, payload[type], text, raw)];
  }
  if (type !== "content" || !content?.length) return [unsupported(type, raw)];
  return content.map((one, position) => {
    const file = File.safeParse(one).data;
    return fileOf(file?.type ?? "file", file, position === 0 ? text : undefined, raw);
  });
}

/** Vonage does not say of what type a file is, but for contact cards: that is known when it was fetched. */
function fileOf(kind: string, file: File | undefined, text: string | undefined, raw: unknown): Content {
  if (file?.url === undefined) return unsupported(kind, raw);
  const { url, name } = file;
  const contentType = kind === "vcard" ? "text/vcard" : "application/octet-stream";
  const media = { url, contentType, ...(name !== undefined && { fileName: name }) };
  const caption = file.caption || file.content || text;
  if (kind !== "image" && kind !== "video" && kind !== "audio") return mediaContent(media, caption);
  return { type: kind, media, ...(caption && { caption }) };
}

const WORDS = new Map<string, "sent" | "delivered" | "read">([
  ["submitted", "sent"],
  ["delivered", "delivered"],
  ["read", "read"],
]);

function ofStatus(id: string, payload: Payload, raw: unknown, accounts: Accounts): Parsed[] {
  const { status = "", error, client_ref: correlation, from, to } = payload;
  const account = accountOf(from, accounts);
  const word = WORDS.get(status);
  const code = String(/#([\w-]+)$/.exec(error?.type ?? "")?.[1] ?? error?.title ?? status).slice(0, 40);
  const happening: ParsedHappening | undefined = word
    ? { type: `message.${word}`, receipt: { providerMessageId: id } }
    : status === "rejected" || status === "undeliverable"
      ? {
          type: "message.failed",
          receipt: { providerMessageId: id },
          failure: failureOf(errors, [code], error?.detail),
        }
      : undefined;
  if (!happening) return [notice(account, "unreadable_status", raw)];
  return [
    {
      account,
      subject: `${id}#${happening.type.slice("message.".length)}`,
      ...isoTime(payload.timestamp),
      ...(to !== undefined && { address: addressOf(to) }),
      ...(correlation !== undefined && { correlation }),
      happening,
    },
  ];
}

/** A long text comes in parts there, each a message of its own, since only a later webhook could complete it. */
function ofSmsApi(raw: Record<string, string>, accounts: Accounts): ParseResult {
  const form = SmsForm.parse(raw);
  const { messageId: id, msisdn, to, text, status, "client-ref": correlation } = form;
  if (id === undefined || msisdn === undefined) return { ok: false, reason: "the form is not a message of Vonage" };
  const address = addressOf(msisdn);
  // In UTC, without saying so.
  const time = isoTime(form["message-timestamp"]?.replace(/^(\S+) (\S+)$/, "$1T$2Z"));
  if (status === undefined) {
    const content: Content =
      text !== undefined && form.type !== "binary"
        ? { type: "text", text }
        : { type: "unsupported", reason: form.type === "binary" ? "binary" : "empty", raw };
    const message = { providerMessageId: id, author: { type: "contact" as const }, content };
    const happening = { type: "message.received", message } as const;
    return {
      ok: true,
      parsed: [
        {
          account: accountOf(to, accounts),
          subject: `${id}#received`,
          ...time,
          address,
          ...phoneNumber(address),
          happening,
        },
      ],
    };
  }
  // There too `to` is ours: a receipt travels like a message from the customer.
  const account = accountOf(to, accounts);
  const happening = smsReceipt(id, status, form["err-code"]);
  if (happening === "on_its_way") return { ok: true, parsed: [] };
  if (!happening) return { ok: true, parsed: [notice(account, "unreadable_status", raw)] };
  const subject = `${id}#${happening.type.slice("message.".length)}`;
  const named = correlation === undefined ? {} : { correlation };
  return { ok: true, parsed: [{ account, subject, ...time, address, ...named, happening }] };
}

function smsReceipt(id: string, status: string, code: string | undefined): ParsedHappening | "on_its_way" | undefined {
  const receipt = { providerMessageId: id };
  if (status === "buffered" || status === "unknown") return "on_its_way";
  if (status === "accepted") return { type: "message.sent", receipt };
  if (status === "delivered") return { type: "message.delivered", receipt };
  if (status !== "expired" && status !== "failed" && status !== "rejected") return undefined;
  // Its codes are others than the Messages API's, and no table of them is at hand.
  const failure = failureOf({ classes: { expired: ["expired"] } }, [status]);
  return {
    type: "message.failed",
    receipt,
    failure: code ? { ...failure, code: `${status}-${code.slice(0, 20)}` } : failure,
  };
}

function accountOf(ours: string | undefined, accounts: Accounts): string | undefined {
  return accounts.find(({ settings: { from } }) => ours !== undefined && partyOf(from) === partyOf(ours))?.name;
}

function unsupported(reason: string, raw: unknown): Content {
  return { type: "unsupported", reason, raw: keptRaw(raw) };
}

function notice(account: string | undefined, code: string, element: unknown): Parsed {
  const reason = "Vonage sent something that this release cannot read; it is kept.";
  const raw = keptRaw(element);
  return { account, subject: `${rawHash(element)}#alert`, happening: { type: "account.alert", code, reason, raw } };
}
