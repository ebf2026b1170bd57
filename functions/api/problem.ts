/** What goes wrong, as callers see it: RFC 9457 problems with stable codes. */
import type { Problem } from "../../shared/domain/api-shapes.ts";
import type { Answer } from "./route.ts";

/** The codes that there are. A code never changes its status. */
export const STATUS = {
  bad_parameter: 400,
  bad_json: 400,
  unauthorized: 401,
  scope_missing: 403,
  account_limited: 403,
  not_found: 404,
  method_not_allowed: 405,
  idempotency_key_reused: 409,
  changed_meanwhile: 409,
  contact_merged: 409,
  not_merged: 409,
  not_cancellable: 409,
  not_recorded_yet: 409,
  replay_under_way: 409,
  subscription_disabled: 409,
  too_large: 413,
  unsupported_media_type: 415,
  invalid_body: 422,
  reply_to_unknown: 422,
  media_unknown: 422,
  contact_unknown: 422,
  too_many_contacts: 422,
  too_many_attributes: 422,
  too_many_topics: 422,
  account_unknown: 422,
  address_invalid: 422,
  recipient_unknown: 422,
  window_closed: 422,
  opted_out: 422,
  quiet_hours: 422,
  not_carried: 422,
  too_long: 422,
  empty: 422,
  url_forbidden: 422,
  url_not_found: 422,
  too_many_subscriptions: 422,
  rate_limited: 429,
  internal_error: 500,
  unavailable: 503,
} as const;
export type ProblemCode = keyof typeof STATUS;

export const TITLE: Record<(typeof STATUS)[ProblemCode], string> = {
  400: "Bad Request",
  401: "Unauthorized",
  403: "Forbidden",
  404: "Not Found",
  405: "Method Not Allowed",
  409: "Conflict",
  413: "Content Too Large",
  415: "Unsupported Media Type",
  422: "Unprocessable Content",
  429: "Too Many Requests",
  500: "Internal Server Error",
  503: "Service Unavailable",
};

/** One that says of ten recipients why not. */
const LONGEST_DETAIL = 3_000;
const LONGEST_FIELD = 100;

/**
 * The only exception that may reach a caller; its words are for outsiders.
 * @param detail a sentence that helps; never repeats what the caller sent
 */
export class PublicError extends Error {
  override readonly name = "PublicError";
  readonly code: ProblemCode;
  readonly field: string | undefined;
  readonly headers: Readonly<Record<string, string>>;

  constructor(
    code: ProblemCode,
    detail: string,
    { field, headers = {} }: { field?: string; headers?: Record<string, string> } = {},
  ) {
    super(detail);
    this.code = code;
    this.field = field;
    this.headers = headers;
  }
}

export function problem({ code, message, field, headers }: PublicError, requestId: string): Answer {
  const status = STATUS[code];
  const body: Problem = {
    type: "about:blank",
    title: TITLE[status],
    status,
    code,
    detail: message.slice(0, LONGEST_DETAIL),
    ...(field && { field: field.slice(0, LONGEST_FIELD) }),
    requestId,
  };
  return { status, headers: { "content-type": "application/problem+json", ...headers }, body: JSON.stringify(body) };
}

/** @param what begins the sentence */
export function notRecordedYet(what: string): PublicError {
  const detail = `${what} was accepted a moment ago and is not recorded yet. Ask again in a second.`;
  return new PublicError("not_recorded_yet", detail, { headers: { "retry-after": "1" } });
}

/** AWS, not the caller and not our code, is in the way. */
export function unavailable(): PublicError {
  const detail =
    "A service that Recado runs on did not answer. Try again; with the same Idempotency-Key nothing is sent twice.";
  return new PublicError("unavailable", detail, { headers: { "retry-after": "5" } });
}
