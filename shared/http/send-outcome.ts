/**
 * What an answer to a send means: the same rule for every provider. Certain is only a connection that never carried the
 * request, a 429, and an error body of the provider's own; whatever else is not plain success may have gone out.
 */
import { jsonObjectIn } from "../domain/json.ts";
import type { SendOutcome } from "../domain/outcome.ts";
import { classedCode, type ErrorTable, failureOf } from "../domain/provider-error.ts";
import type { HttpAnswer } from "../ports.ts";

export interface ProviderAnswers {
  /** The provider's id of the message in the body of a success. */
  idIn(body: Record<string, unknown>): unknown;
  /** Its error, codes most exact first; undefined when the body is not the provider's error. */
  errorIn(body: Record<string, unknown>): { codes: string[]; words?: string } | undefined;
  errors: ErrorTable;
}

/** When a provider refuses for now and says nothing else, in seconds. */
const SHORT_WAIT = 5;
const LONGEST_WAIT = 3600;

export function outcomeOf(answer: HttpAnswer, provider: ProviderAnswers): SendOutcome {
  if (answer.kind === "not_sent") return { kind: "unavailable", detail: answer.detail };
  if (answer.kind === "interrupted") return { kind: "uncertain", detail: answer.detail };
  const { status, headers } = answer;
  const body = jsonObjectIn(answer.body);
  const isSuccess = status >= 200 && status < 300;
  const id = body && isSuccess ? provider.idIn(body) : undefined;
  if (typeof id === "string" && id !== "") return { kind: "sent", providerMessageId: id };
  const error = body && !isSuccess ? provider.errorIn(body) : undefined;
  const told = error && outcomeOfError(error, status, secondsIn(headers["retry-after"]), provider.errors);
  if (told) return told;
  if (status === 429) {
    const retryAfterSeconds = secondsIn(headers["retry-after"]) ?? SHORT_WAIT;
    return { kind: "throttled", scope: "account", retryAfterSeconds, detail: "HTTP 429" };
  }
  return { kind: "uncertain", detail: isSuccess ? `HTTP ${status} without a message id` : `HTTP ${status}` };
}

function outcomeOfError(
  { codes, words }: { codes: string[]; words?: string },
  status: number,
  retryAfter: number | undefined,
  errors: ErrorTable,
): SendOutcome | undefined {
  const detail = `HTTP ${status}, code ${codes[0]}`;
  if (codes.some((code) => errors.maybeSent?.includes(code))) return { kind: "uncertain", detail };
  const classed = classedCode(errors, codes);
  const wait = classed && errors.waits[classed.code];
  if (wait) return { kind: "throttled", scope: wait.scope, retryAfterSeconds: retryAfter ?? wait.seconds, detail };
  if (classed?.class === "transient") return { kind: "unavailable", detail };
  if (classed?.class === "rate" || status === 429) {
    return { kind: "throttled", scope: "account", retryAfterSeconds: retryAfter ?? SHORT_WAIT, detail };
  }
  // A refusal by an unknown code is a refusal; a server that failed may have done its work before.
  const isRefusal = classed !== undefined || (status >= 400 && status < 500 && status !== 408);
  return isRefusal ? { kind: "rejected", failure: failureOf(errors, codes, words) } : undefined;
}

function secondsIn(header: string | undefined): number | undefined {
  const seconds = Number(header ?? Number.NaN);
  return seconds >= 0 ? Math.min(Math.max(Math.ceil(seconds), 1), LONGEST_WAIT) : undefined;
}
