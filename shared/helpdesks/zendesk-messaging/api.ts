/** The Sunshine Conversations API (v2): where it is, the key, and what its refusals mean for a conversation. */

import { type Asked, ask, type Failed, type Question } from "../ask.ts";
import type { DeskReach, NotTold } from "../helpdesk.ts";
import { Errors } from "./payload.ts";
import type { Secrets, Settings } from "./settings.ts";

export type Reach = DeskReach<Settings, Secrets>;

const REGIONS = { us: "https://api.smooch.io", eu: "https://api.eu-1.smooch.io" } as const;

/** Without a slash at the end. */
export function baseOf({ subdomain, region = "us" }: Settings): string {
  return subdomain === undefined ? REGIONS[region] : `https://${subdomain}.zendesk.com/sc`;
}

/** Undefined as long as the key is not set. */
export function credentials({ keyId, keySecret }: Secrets): { authorization: string } | undefined {
  if (typeof keyId !== "string" || typeof keySecret !== "string" || keyId === "" || keySecret === "") return undefined;
  return { authorization: `Basic ${Buffer.from(`${keyId}:${keySecret}`).toString("base64")}` };
}

/** @param path below the app, with its query */
export async function askZendesk(
  { desk, http }: Reach,
  {
    path,
    headers,
    ...question
  }: Omit<Question, "url" | "headers"> & { path: string; headers?: Record<string, string> },
): Promise<Asked> {
  const key = credentials(desk.secrets);
  if (!key) return { isOk: false, outcome: { kind: "unavailable", detail: "no API key is set" } };
  const url = `${baseOf(desk.settings)}/v2/apps/${encodeURIComponent(desk.settings.appId)}${path}`;
  return ask(http, { ...question, url, headers: { ...key, ...headers } });
}

/** Names in brackets, as this API writes them: `page[size]`. */
export function query(parameters: Readonly<Record<string, string>>): string {
  return `?${new URLSearchParams(parameters)}`;
}

/**
 * Of a request about a conversation. One that is not there any more (404), and one that holds 30,000 messages (423),
 * take nothing more; that the app is not found is the configuration's fault.
 */
export function refusalOf({ status, json, outcome }: Failed): NotTold {
  const code = Errors.safeParse(json).data?.errors[0]?.code ?? "";
  const detail = /^\w{1,40}$/.test(code) ? `HTTP ${status} ${code}` : `HTTP ${status}`;
  if (status === 404) return { kind: code === "app_not_found" ? "unavailable" : "closed", detail };
  if (status === 423) return { kind: "closed", detail };
  return outcome.kind === "refused" ? { ...outcome, detail } : outcome;
}
