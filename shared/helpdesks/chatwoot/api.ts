/** Chatwoot's APIs: one of an account, for its users, and one of an inbox, for whoever makes contacts in it. */
import { isRecord } from "../../domain/raw-element.ts";
import { everyKey } from "../../domain/rotating-secret.ts";
import { type Asked, ask, type Failed, type Question } from "../ask.ts";
import type { DeskReach, NotTold } from "../helpdesk.ts";
import type { Secrets, Settings } from "./settings.ts";

export type Reach = DeskReach<Settings, Secrets>;

type Asking = Omit<Question, "url" | "headers"> & { path: string; headers?: Record<string, string> };

/** 200 messages of a conversation a minute are the most; the next minute has room again. */
const FLOOD_WAIT_SECONDS = 60;

/** @param path behind `/api/v1/accounts/<account>` */
export function askAccount({ desk, http }: Reach, { path, headers, ...question }: Asking): Promise<Asked> {
  const { baseUrl, accountId } = desk.settings;
  const [token] = everyKey(desk.secrets.apiToken);
  if (token === undefined) {
    return Promise.resolve({ isOk: false, outcome: { kind: "unavailable", detail: "no API token is set" } });
  }
  return ask(http, {
    ...question,
    url: `${rootOf(baseUrl)}/api/v1/accounts/${accountId}${path}`,
    headers: { ...headers, api_access_token: token },
  });
}

/** Nobody is asked who they are here: the inbox's identifier is what one has to know. @param path behind the inbox's */
export function askInbox({ desk, http }: Reach, inbox: string, { path, ...question }: Asking): Promise<Asked> {
  const url = `${rootOf(desk.settings.baseUrl)}/public/api/v1/inboxes/${encodeURIComponent(inbox)}${path}`;
  return ask(http, { ...question, url, headers: question.headers ?? {} });
}

/**
 * What a refusal of something in a conversation means. A 404 in Chatwoot's own form: there is no such conversation any
 * more; any other comes from whatever stands in front of it, and says nothing.
 */
export function refusalOf(asked: Failed): NotTold {
  const { status, json, outcome } = asked;
  const error = wordsOf(json);
  if (status === 404) {
    // The router's own answer to a path that it does not know has the number in it.
    const isByChatwoot = error !== undefined && isRecord(json) && json.status !== 404;
    return isByChatwoot
      ? { kind: "closed", detail: "HTTP 404" }
      : { kind: "unavailable", detail: "HTTP 404, and not by Chatwoot: is the address right?" };
  }
  if (status === 422 && error !== undefined && /too many messages/i.test(error))
    return { kind: "throttled", scope: "ticket", retryAfterSeconds: FLOOD_WAIT_SECONDS, detail: "too many messages" };
  return outcome;
}

/** Where a 404 can only mean that the settings are wrong: what was to be told keeps until they are right. */
export function unlessMissing(asked: Failed, what: string): NotTold {
  const { status, outcome } = asked;
  return status === 404 ? { kind: "unavailable", detail: `HTTP 404: ${what}` } : outcome;
}

function wordsOf(json: unknown): string | undefined {
  if (!isRecord(json)) return undefined;
  const { error, message } = json;
  return [error, message].find((words) => typeof words === "string");
}

function rootOf(baseUrl: string): string {
  return baseUrl.replace(/\/+$/, "");
}
