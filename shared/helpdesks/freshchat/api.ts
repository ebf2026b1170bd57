/** Freshchat's API, version 2. */
import { everyKey } from "../../domain/rotating-secret.ts";
import { type Asked, ask, type Failed, type Question } from "../ask.ts";
import type { Desk, DeskReach, NotTold } from "../helpdesk.ts";
import { apiUrl } from "./addresses.ts";
import { Complaint } from "./payload.ts";
import type { Secrets, Settings } from "./settings.ts";

export type Reach = DeskReach<Settings, Secrets>;

type ApiQuestion = Omit<Question, "url" | "headers"> & { path: string; headers?: Record<string, string> };

/** @param question `path` behind `/v2`, with its query; ids in it are encoded by the caller */
export async function request(reach: Reach, { path, headers, ...question }: ApiQuestion): Promise<Asked> {
  const authorization = credentialsOf(reach.desk);
  if (authorization === undefined)
    return { isOk: false, outcome: { kind: "unavailable", detail: "no API token is set" } };
  const url = apiUrl(reach.desk.settings, path);
  return ask(reach.http, { ...question, url, headers: { authorization, ...headers } });
}

/** The header by which the account is known; undefined where no token is set. */
export function credentialsOf({ secrets }: Desk<Settings, Secrets>): string | undefined {
  const [token] = everyKey(secrets.apiToken);
  return token === undefined ? undefined : `Bearer ${token.trim()}`;
}

/**
 * Of a request about a conversation. One that is gone takes nothing, and neither does one that was resolved, for an
 * account that then wants another one: this shows as a 400 whose sentence says that it is not the latest conversation.
 */
export function outcomeIn({ status, json, outcome }: Failed): NotTold {
  const isOver = status === 400 && /not the latest conversation|resolved/i.test(complaintIn(json));
  return status === 404 || isOver ? { kind: "closed", detail: outcome.detail } : outcome;
}

/** What Freshchat says about a request that it refused; for looking at, never for a log. */
export function complaintIn(json: unknown): string {
  const { success, data } = Complaint.safeParse(json);
  return success ? [data.status, data.message, data.error].filter((word) => typeof word === "string").join(" ") : "";
}
