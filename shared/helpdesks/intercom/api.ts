/** Requests to Intercom's REST API, version 2.16. */
import { everyKey } from "../../domain/rotating-secret.ts";
import { type Asked, ask } from "../ask.ts";
import type { DeskReach, TellOutcome } from "../helpdesk.ts";
import type { Secrets, Settings } from "./settings.ts";

export type Reach = DeskReach<Settings, Secrets>;

export const API_ORIGINS = {
  us: "https://api.intercom.io",
  eu: "https://api.eu.intercom.io",
  au: "https://api.au.intercom.io",
} as const;

/** @param path with its query; ids in it are encoded by the caller */
export async function request(
  { desk: { settings, secrets }, http }: Reach,
  method: "GET" | "POST" | "PUT",
  path: string,
  json?: unknown,
): Promise<Asked> {
  const [token] = everyKey(secrets.accessToken);
  if (token === undefined) return { isOk: false, outcome: { kind: "unavailable", detail: "no access token is set" } };
  return ask(http, {
    method,
    url: `${API_ORIGINS[settings.region]}${path}`,
    headers: { authorization: `Bearer ${token}`, "intercom-version": settings.apiVersion },
    ...(json !== undefined && { json }),
  });
}

/** Something of it is in the desk already, so that whoever tries again has to look first. */
export function halfDone(outcome: TellOutcome): TellOutcome {
  const isCertain = outcome.kind === "told" || outcome.kind === "closed" || outcome.kind === "refused";
  return isCertain ? outcome : { kind: "uncertain", detail: `${outcome.detail}, after a part of it was taken` };
}
