/** Where Freshchat's API is. */
import type { Settings } from "./settings.ts";

export function originOf({ domain }: Pick<Settings, "domain">): string {
  return `https://${domain}.freshchat.com`;
}

/** @param path behind the version, with its query; ids in it are encoded by the caller */
export function apiUrl(settings: Pick<Settings, "domain">, path: string): string {
  return `${originOf(settings)}/v2${path}`;
}

export function conversationPath(id: string): string {
  return `/conversations/${encodeURIComponent(id)}`;
}
