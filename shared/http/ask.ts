/** Asking a provider for what it knows: what its answer to a question means, the same for every provider. */

import type { Parsed } from "../channels/connector.ts";
import { jsonObjectIn } from "../domain/json.ts";
import { classedCode, type ErrorTable } from "../domain/provider-error.ts";
import type { Http } from "../ports.ts";

export type Asked =
  | { kind: "told"; body: Record<string, unknown> }
  /** It does not take our credentials, or they do not reach so far. */
  | { kind: "denied"; detail: string }
  /** It knows nothing of what was asked for, and will not. */
  | { kind: "unknown"; detail: string }
  /** Perhaps later. */
  | { kind: "unavailable"; detail: string };

export interface Provider {
  http: Http;
  headers: Record<string, string>;
  /** Its error, codes most exact first; undefined when the body is not the provider's error. */
  errorIn(body: Record<string, unknown>): { codes: string[] } | undefined;
  errors: Pick<ErrorTable, "classes">;
}

/** One question. Never throws for what the provider answers. */
export async function ask(
  { http, headers, errorIn, errors }: Provider,
  url: string,
  method: "GET" | "POST" = "GET",
): Promise<Asked> {
  const answer = await http({ method, url, headers });
  if (answer.kind !== "answer") return { kind: "unavailable", detail: answer.detail };
  const { status } = answer;
  const body = jsonObjectIn(answer.body);
  if (status >= 200 && status < 300)
    return body ? { kind: "told", body } : { kind: "unavailable", detail: "no JSON object" };
  const codes = (body && errorIn(body)?.codes) ?? [];
  const word = classedCode(errors, codes)?.class;
  const detail = codes[0] === undefined ? `HTTP ${status}` : `HTTP ${status}, code ${codes[0]}`;
  if (word === "auth" || status === 401 || status === 403) return { kind: "denied", detail };
  const isPassing = word === "rate" || word === "transient" || status === 408 || status === 429 || status >= 500;
  return { kind: isPassing ? "unavailable" : "unknown", detail };
}

/** Once a day: nobody but the owner can do anything about it. @param at ms since 1970 */
export function denial(account: string, provider: string, detail: string, at: number): Parsed {
  const reason = `${provider} does not let Recado ask for what its webhooks did not tell (${detail}): the account's token or key has to be renewed, or needs more permissions.`;
  return dailyAlert(account, "reconcile_denied", reason, at);
}

/** An alert of the account's log that stands there once a day, however often it is raised. @param at ms since 1970 */
export function dailyAlert(account: string, code: string, reason: string, at: number): Parsed {
  const day = new Date(at).toISOString().slice(0, 10);
  return { account, subject: `${code}#${day}#alert`, happening: { type: "account.alert", code, reason, raw: null } };
}
