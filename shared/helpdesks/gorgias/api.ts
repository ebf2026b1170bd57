/** The account's API (https://developers.gorgias.com/reference), with the credentials of Recado's user. */
import { everyKey } from "../../domain/rotating-secret.ts";
import type { Http } from "../../ports.ts";
import { type Asked, ask, type Question, type Refusal } from "../ask.ts";
import type { Desk, TellOutcome } from "../helpdesk.ts";
import type { Secrets, Settings } from "./settings.ts";

/** How the desk is reached; a place is one, too. */
export interface Reach {
  desk: Desk<Settings, Secrets>;
  http: Http;
}

export type Failed = Extract<Asked, { isOk: false }>;
/** Asked in vain, for now. */
export type NotNow = Extract<Refusal, { kind: "throttled" }> | { kind: "unavailable"; detail: string };
type ApiQuestion = Omit<Question, "url" | "headers"> & { path: string; headers?: Record<string, string> };

export function originOf({ domain }: Settings): string {
  return `https://${domain}.gorgias.com`;
}

/** Undefined where no API key is set. */
export function credentialsOf({ settings, secrets }: Desk<Settings, Secrets>): Record<string, string> | undefined {
  const [key] = everyKey(secrets.apiKey);
  if (key === undefined) return undefined;
  return { authorization: `Basic ${Buffer.from(`${settings.email}:${key}`).toString("base64")}` };
}

/** @param question `path` behind `/api`, with its query */
export async function askGorgias({ desk, http }: Reach, { path, headers, ...question }: ApiQuestion): Promise<Asked> {
  const credentials = credentialsOf(desk);
  if (!credentials) return { isOk: false, outcome: { kind: "unavailable", detail: "no API key is set" } };
  return ask(http, {
    ...question,
    url: `${originOf(desk.settings)}/api${path}`,
    headers: { ...headers, ...credentials },
  });
}

export function ticketPath(ticket: string, below = ""): string {
  return `/tickets/${encodeURIComponent(ticket)}${below}`;
}

/** What came of a write before anything was said: it may be made again without harm. */
export function harmless({ outcome }: Failed): Refusal {
  return outcome.kind === "uncertain" ? { kind: "unavailable", detail: outcome.detail } : outcome;
}

/** Of what concerns the desk alone, and not what was to be told: nothing that is told is refused for it. */
export function notNow({ outcome }: Failed): NotNow {
  return outcome.kind === "throttled" ? outcome : { kind: "unavailable", detail: outcome.detail };
}

/** A ticket that is not there any more is as good as closed. */
export function ofTicket({ status, outcome }: Failed): Exclude<TellOutcome, { kind: "told" }> {
  return status === 404 ? { kind: "closed", detail: "HTTP 404" } : outcome;
}
