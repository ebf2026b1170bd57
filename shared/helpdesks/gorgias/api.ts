/** The account's API (https://developers.gorgias.com/reference), with the credentials of Recado's user. */
import { everyKey } from "../../domain/rotating-secret.ts";
import { type Asked, ask, type Question } from "../ask.ts";
import type { Desk, DeskReach } from "../helpdesk.ts";
import type { Secrets, Settings } from "./settings.ts";

export type Reach = DeskReach<Settings, Secrets>;

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
