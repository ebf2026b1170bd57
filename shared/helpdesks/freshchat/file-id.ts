/**
 * By what a file of a message is found again. Freshchat tells of some files without an address, and its addresses are good
 * for a while only: both are in the conversation's list of messages.
 */
import { apiUrl, conversationPath } from "./addresses.ts";
import type { Settings } from "./settings.ts";

/** Which file of which message; `at`: when that was written, ms since 1970. */
export interface FilePlace {
  ticket: string;
  message: string;
  index: number;
  at: number | undefined;
}

export function fileId({ ticket, message, index, at }: FilePlace): string {
  return [ticket, message, String(index), String(at ?? "")].map(encodeURIComponent).join("/");
}

/** Undefined for what is no such id. */
export function placeIn(id: string): FilePlace | undefined {
  const [ticket, message, index, at] = id.split("/").map(decoded);
  if (!ticket || !message || !index || at === undefined) return undefined;
  return { ticket, message, index: Number(index), at: at === "" ? undefined : Number(at) };
}

/** What stands for the address of a file that has none: where it is asked for. */
export function lookUpUrl(ticket: string, settings: Settings): string {
  return apiUrl(settings, `${conversationPath(ticket)}/messages`);
}

function decoded(part: string): string {
  try {
    return decodeURIComponent(part);
  } catch {
    return "";
  }
}
