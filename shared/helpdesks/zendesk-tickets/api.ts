/** The account's API (https://developer.zendesk.com/api-reference/ticketing/introduction/), with its credentials. */
import { everyKey } from "../../domain/rotating-secret.ts";
import type { Http } from "../../ports.ts";
import { type Asked, ask, type Question } from "../ask.ts";
import type { Desk } from "../helpdesk.ts";
import type { Secrets, Settings } from "./settings.ts";

/** `path` begins behind `/api/v2`. */
export type Api = (
  question: Omit<Question, "url" | "headers"> & { path: string; headers?: Record<string, string> },
) => Promise<Asked>;

export function originOf({ subdomain }: Settings): string {
  return `https://${subdomain}.zendesk.com`;
}

/** Undefined where no token is set. */
export function credentialsOf({ settings, secrets }: Desk<Settings, Secrets>): Record<string, string> | undefined {
  const [token] = everyKey(secrets.apiToken);
  if (token === undefined) return undefined;
  return { authorization: `Basic ${Buffer.from(`${settings.email}/token:${token}`).toString("base64")}` };
}

/** Two writers at once are told 409, and nothing of the second was written. */
export function createApi(desk: Desk<Settings, Secrets>, http: Http): Api {
  const credentials = credentialsOf(desk);
  return async ({ path, headers, ...question }) => {
    if (!credentials) return { isOk: false, outcome: { kind: "unavailable", detail: "no API token is set" } };
    const url = `${originOf(desk.settings)}/api/v2${path}`;
    const answer = await ask(http, { ...question, url, headers: { ...headers, ...credentials } });
    if (answer.isOk || answer.status !== 409) return answer;
    return { ...answer, outcome: { kind: "unavailable", detail: "HTTP 409" } };
  };
}

/** The account's limits are by the minute. */
const LONGEST_ACCOUNT_WAIT_SECONDS = 60;

/**
 * What came of an update of one ticket, of which there are 30 in ten minutes. A refusal does not say which limit it is by:
 * where the account has requests left, or the wait is longer than its limits know, it is the ticket's.
 */
export function ofOneTicket(answer: Asked): Asked {
  if (answer.isOk || answer.status !== 429 || answer.outcome.kind !== "throttled") return answer;
  const left = Number(answer.headers?.["x-rate-limit-remaining"] ?? answer.headers?.["ratelimit-remaining"] ?? 0);
  if (!(left > 0) && answer.outcome.retryAfterSeconds <= LONGEST_ACCOUNT_WAIT_SECONDS) return answer;
  return { ...answer, outcome: { ...answer.outcome, scope: "ticket" } };
}
