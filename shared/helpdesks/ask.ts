/** One request to a desk's API, and what its answer says about what was asked. */
import { jsonIn } from "../domain/json.ts";
import type { Http, HttpRequest } from "../ports.ts";
import type { NotNow, NotTold, PostOutcome } from "./helpdesk.ts";

/** Says that the desk itself is wrong, or not there; what was to be told is not at fault and keeps. */
const NOT_OURS = new Set([401, 402, 403, 405, 407, 408, 423, 425, 451]);
const SHORT_WAIT_SECONDS = 5;
const LONGEST_WAIT_SECONDS = 900;

export type Refusal = Exclude<PostOutcome, { kind: "posted" }>;

/** `json`: what the body says, undefined where it is no JSON. Not `isOk`: `outcome` is what it means unless one knows better. */
export type Asked =
  | { isOk: true; status: number; json: unknown; headers: Record<string, string> }
  | { isOk: false; status?: number; json?: unknown; headers?: Record<string, string>; outcome: Refusal };
export type Failed = Extract<Asked, { isOk: false }>;

export type Question = Omit<HttpRequest, "body"> & { json?: unknown; body?: string | Uint8Array };

/**
 * @param question `json` is sent as such; a `body` says in the headers what it is. A GET that is interrupted has done
 *   nothing, so that it is `unavailable`; anything else is `uncertain`, like every 5xx.
 */
export async function ask(http: Http, { json, headers, ...question }: Question): Promise<Asked> {
  const body = json === undefined ? question.body : JSON.stringify(json);
  const answer = await http({
    ...question,
    headers: {
      accept: "application/json",
      ...(json !== undefined && { "content-type": "application/json" }),
      ...headers,
    },
    ...(body !== undefined && { body }),
  });
  const isRead = question.method === "GET";
  if (answer.kind === "not_sent") return { isOk: false, outcome: { kind: "unavailable", detail: answer.detail } };
  if (answer.kind === "interrupted")
    return { isOk: false, outcome: { kind: isRead ? "unavailable" : "uncertain", detail: answer.detail } };
  const { status } = answer;
  const read = { status, json: jsonIn(answer.body), headers: answer.headers };
  if (status >= 200 && status < 300) return { isOk: true, ...read };
  return { isOk: false, ...read, outcome: outcomeOf(status, answer.headers, isRead) };
}

/**
 * Of a question, or of what is not itself what was to be told: that one is not at fault and keeps, whatever became of
 * this.
 */
export function notNow(outcome: Refusal): NotNow {
  return outcome.kind === "throttled" ? outcome : { kind: "unavailable", detail: outcome.detail };
}

/** Of a write that may be made again without harm, such as a file that no message shows yet. */
export function harmless(outcome: Refusal): Refusal {
  return outcome.kind === "uncertain" ? { kind: "unavailable", detail: outcome.detail } : outcome;
}

/** Of a request about a ticket: one that is not there any more takes nothing. */
export function ofTicket({ status, outcome }: Failed): NotTold {
  return status === 404 ? { kind: "closed", detail: outcome.detail } : outcome;
}

function outcomeOf(status: number, headers: Record<string, string>, isRead: boolean): Refusal {
  const detail = `HTTP ${status}`;
  if (status === 429 || (status === 503 && headers["retry-after"] !== undefined))
    return { kind: "throttled", retryAfterSeconds: retryAfter(headers), detail };
  if (status >= 500) return { kind: isRead ? "unavailable" : "uncertain", detail };
  return { kind: status < 400 || NOT_OURS.has(status) ? "unavailable" : "refused", detail };
}

/** In seconds or as a date (RFC 9110); some write when the next one may come into headers of their own. */
function retryAfter(headers: Record<string, string>): number {
  const { "retry-after": told, "ratelimit-reset": reset, "x-ratelimit-reset": unixReset } = headers;
  const now = Date.now();
  const seconds =
    told === undefined
      ? Number(reset) || secondsUntil(Number(unixReset), now)
      : Number(told) || (Date.parse(told) - now) / 1000;
  return Math.min(
    Math.max(Number.isFinite(seconds) && seconds > 0 ? seconds : SHORT_WAIT_SECONDS, 1),
    LONGEST_WAIT_SECONDS,
  );
}

/** A moment in Unix seconds or milliseconds. */
function secondsUntil(moment: number, now: number): number {
  if (!Number.isFinite(moment)) return Number.NaN;
  return (moment > 1e12 ? moment - now : moment * 1000 - now) / 1000;
}
