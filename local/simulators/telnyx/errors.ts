import type { Answer } from "../http.ts";

/** Titles of Telnyx's codes (https://developers.telnyx.com/docs/messaging/messages/error-codes). */
const TITLES: Record<number, string> = {
  10004: "Missing required parameter",
  10005: "Resource not found",
  10007: "Unexpected error",
  10009: "Authentication failed",
  10011: "Too many requests",
  10015: "Bad Request",
  40001: "Not routable",
  40008: "Undeliverable",
  40300: "Blocked due to STOP message",
  40302: "Message too large",
  40304: "Invalid combination of message content arguments",
  40305: "Invalid 'from' address",
  40310: "Invalid 'to' address",
  40316: "No content provided for message",
  40317: "Invalid MMS content",
  40318: "Message queue full",
};

/** One member of `errors`, of answers and of webhooks. */
export function telnyxFault(code: number, detail?: string): { code: string; title: string; detail: string } {
  const title = TITLES[code] ?? "Error";
  return { code: String(code), title, detail: detail ?? `${title}.` };
}

export function telnyxError(status: number, code: number, detail?: string): Answer {
  return { status, body: { errors: [telnyxFault(code, detail)] } };
}
