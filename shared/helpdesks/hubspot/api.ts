/** HubSpot's API as this desk uses it: paths of one dated version, and requests that carry the app's token. */
import { everyKey } from "../../domain/rotating-secret.ts";
import { type Asked, ask, type Question } from "../ask.ts";
import type { DeskReach } from "../helpdesk.ts";
import type { Secrets, Settings } from "./settings.ts";

export const API = "https://api.hubapi.com";

const VERSION = "2026-09";

/** Messages of the custom channel. */
export function channelMessagesPath({ channelId }: Settings, message?: string): string {
  const messages = `/conversations/custom-channels/${VERSION}/${channelId}/messages`;
  return message === undefined ? messages : `${messages}/${encodeURIComponent(message)}`;
}

export function threadsPath(): string {
  return `/conversations/conversations/${VERSION}/threads`;
}

export function threadPath(thread: string): string {
  return `${threadsPath()}/${encodeURIComponent(thread)}`;
}

export function filesPath(file?: string): string {
  return file === undefined ? "/files/v3/files" : `/files/v3/files/${encodeURIComponent(file)}`;
}

export type Reach = DeskReach<Settings, Secrets>;

type HubspotQuestion = Omit<Question, "headers"> & { headers?: Record<string, string> };

/** @param question its `url` is the path, with the query if there is one */
export async function askHubspot(
  { desk, http }: Reach,
  { url, headers, ...question }: HubspotQuestion,
): Promise<Asked> {
  const [token] = everyKey(desk.secrets.accessToken);
  if (token === undefined) return { isOk: false, outcome: { kind: "unavailable", detail: "no access token is set" } };
  return ask(http, { ...question, url: `${API}${url}`, headers: { ...headers, authorization: `Bearer ${token}` } });
}
