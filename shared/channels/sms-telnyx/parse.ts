/**
 * Telnyx's webhooks → what happened: one message per request, or the statuses of one. Our id of a message is the end of
 * the URL that it was sent with, which stands in the signed body.
 */

import type { Content } from "../../domain/content.ts";
import { jsonIn } from "../../domain/json.ts";
import { mediaContent } from "../../domain/media-kind.ts";
import { phoneNumber } from "../../domain/phone-number.ts";
import { failureOf } from "../../domain/provider-error.ts";
import { isoTime } from "../../domain/provider-time.ts";
import { isRecord, keptRaw, rawHash } from "../../domain/raw-element.ts";
import type { Account, Parsed, ParsedHappening, ParseResult, WebhookRequest } from "../connector.ts";
import { errors } from "./errors.ts";
import { Envelope, Fault, File, Party, Payload } from "./payload.ts";
import type { Secrets, Settings } from "./settings.ts";

type Accounts = readonly Account<Settings, Secrets>[];
/** What a webhook says around its message. */
export interface Told {
  id: string;
  payload: Payload;
  occurredAt: string | undefined;
  raw: unknown;
}

export function parse({ body }: WebhookRequest, accounts: Accounts): ParseResult {
  const raw = jsonIn(body);
  const { data, meta } = Envelope.parse(isRecord(raw) ? raw : {});
  if (data?.event_type === undefined) return { ok: false, reason: "the body is not an event of Telnyx" };
  const payload = Payload.parse(isRecord(data.payload) ? data.payload : {});
  const told = { id: payload.id ?? "", payload, occurredAt: data.occurred_at, raw };
  if (data.event_type === "message.received") return { ok: true, parsed: ofMessage(told, accounts) };
  const isStatus = ["message.sent", "message.finalized", "message.read"].includes(data.event_type);
  if (isStatus) return { ok: true, parsed: ofStatus(told, data.event_type, meta?.delivered_to, accounts) };
  // News of the account: registrations, orders, links that were clicked.
  return { ok: true, parsed: [notice(accounts[0]?.name, "unreadable_event", raw)] };
}

function ofMessage({ id, payload, occurredAt, raw }: Told, accounts: Accounts): Parsed[] {
  const account = accountOf(payload, receiversOf(payload), accounts);
  const address = payload.from?.phone_number;
  if (id === "" || address === undefined) return [notice(account, "unreadable_message", raw)];
  const about = { account, ...isoTime(payload.received_at ?? occurredAt), address, ...phoneNumber(address) };
  const wants = OPT_OUTS.get(payload.autoresponse_type?.toUpperCase() ?? "");
  return contentsOf(payload, raw).map((content, position): Parsed => {
    const consentWish = wants && position === 0 && { consentWish: { wants, said: "keyword" as const } };
    const message = { providerMessageId: id, author: { type: "contact" as const }, content, ...consentWish };
    return {
      ...about,
      subject: position === 0 ? `${id}#received` : `${id}.${position}#received`,
      happening: { type: "message.received", message: position === 0 ? message : { ...message, position } },
    };
  });
}

/** What Telnyx answered by itself. */
const OPT_OUTS = new Map([
  ["STOP", "stop" as const],
  ["START", "start" as const],
  ["HELP", "help" as const],
]);

/** One message of Telnyx's is several of ours when it brings several files. */
function contentsOf({ type, text, subject, media }: Payload, raw: unknown): Content[] {
  const unsupported = (reason: string): Content => ({ type: "unsupported", reason, raw: keptRaw(raw) });
  if (type !== "SMS" && type !== "MMS") return [unsupported(type?.toLowerCase() ?? "message")];
  const words = [subject, text].filter(Boolean).join("\n");
  if (!media?.length) return [words === "" ? unsupported("empty") : { type: "text", text: words }];
  return media.map((one, position) => {
    const { url, content_type: contentType, sha256, size } = File.safeParse(one).data ?? {};
    if (url === undefined) return unsupported("media");
    const file = {
      url,
      contentType: contentType ?? "application/octet-stream",
      ...(sha256 !== undefined && { sha256 }),
      ...(size !== undefined && { size }),
    };
    return mediaContent(file, position === 0 ? words : undefined);
  });
}

export function ofStatus(
  { id, payload, occurredAt, raw }: Told,
  event: string,
  deliveredTo: string | undefined,
  accounts: Accounts,
): Parsed[] {
  const { phone_number: ours } = payload.from ?? {};
  const account = accountOf(payload, ours === undefined ? [] : [ours], accounts);
  const receivers = (payload.to ?? []).flatMap((one) => Party.safeParse(one).data ?? []);
  if (id === "" || receivers.length === 0) return [notice(account, "unreadable_status", raw)];
  const correlation = correlationIn(payload.webhook_url) ?? correlationIn(deliveredTo);
  return receivers.map(({ phone_number: address, status = "" }): Parsed => {
    const participant = receivers.length > 1 ? address : undefined;
    const happening = happened({ id, event, status, participant, faults: payload.errors ?? [] });
    if (!happening) return notice(account, "unreadable_status", raw);
    const what = `${id}#${happening.type.slice("message.".length)}`;
    return {
      account,
      subject: participant === undefined ? what : `${what}#${participant}`,
      ...isoTime(occurredAt),
      ...(address !== undefined && { address }),
      ...(correlation !== undefined && { correlation }),
      happening,
    };
  });
}

const WORDS = new Map<string, "sent" | "delivered" | "read">([
  ["sent", "sent"],
  ["delivered", "delivered"],
  // Nobody will ever say more than that it went out.
  ["delivery_unconfirmed", "sent"],
  ["read", "read"],
]);
const FAILURES = new Set(["sending_failed", "delivery_failed", "expired"]);

function happened({
  id,
  event,
  status,
  participant,
  faults,
}: {
  id: string;
  event: string;
  status: string;
  participant: string | undefined;
  faults: readonly unknown[];
}): ParsedHappening | undefined {
  const receipt = { providerMessageId: id, ...(participant !== undefined && { participant }) };
  if (FAILURES.has(status)) {
    const { code = status, title, detail = title } = Fault.safeParse(faults[0]).data ?? {};
    return { type: "message.failed", receipt, failure: failureOf(errors, [code.slice(0, 40)], detail) };
  }
  // The event says it where the status lags behind.
  const word = event === "message.sent" ? "sent" : event === "message.read" ? "read" : WORDS.get(status);
  return word && { type: `message.${word}`, receipt };
}

/** By our number, or by the messaging profile that it is in. */
function accountOf({ messaging_profile_id: profile }: Payload, numbers: readonly string[], accounts: Accounts) {
  const byNumber = accounts.find(({ settings: { from } }) => from !== undefined && numbers.includes(from));
  const byProfile = accounts.find(
    ({ settings: { from, messagingProfileId } }) =>
      from === undefined && profile !== undefined && messagingProfileId === profile,
  );
  return (byNumber ?? byProfile)?.name;
}

function receiversOf({ to, cc }: Payload): string[] {
  return [...(to ?? []), ...(cc ?? [])].flatMap((one) => Party.safeParse(one).data?.phone_number ?? []);
}

function correlationIn(url: string | undefined): string | undefined {
  const [, correlation] = /\/status\/([^/?#]+)$/.exec(url ?? "") ?? [];
  return correlation;
}

function notice(account: string | undefined, code: string, element: unknown): Parsed {
  const reason = "Telnyx sent something that this release cannot read; it is kept.";
  const raw = keptRaw(element);
  return { account, subject: `${rawHash(element)}#alert`, happening: { type: "account.alert", code, reason, raw } };
}
