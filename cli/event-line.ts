import type { Envelope } from "../shared/domain/envelope.ts";

interface About {
  message?: {
    id?: string;
    providerMessageId?: string;
    content?: { type: string; text?: unknown };
    author?: { type: string; name?: string };
  };
  failure?: { reason?: string; code?: string };
  reason?: string;
}

/** One event on one line, for people: time, account, conversation and number, what happened. */
export function eventLine(event: Envelope): string {
  const time = new Date(event.time).toTimeString().slice(0, 8);
  const place = `${event.subject}#${Number(event.sequence)}`;
  return printable(
    `${time}  ${event.data.account.padEnd(10)}  ${place}  ${event.type.padEnd(18)}  ${words(event)}`.trimEnd(),
  );
}

function words({ data }: Envelope): string {
  const { message, failure, reason } = data as About;
  if (message?.content) {
    const { type, text } = message.content;
    const said = typeof text === "string" ? `“${text}”` : `[${type}]`;
    return `${message.author?.name ?? message.author?.type ?? "somebody"}: ${said}`;
  }
  if (failure) return `${failure.reason ?? ""}${failure.code ? ` (${failure.code})` : ""}`;
  return reason ?? message?.id ?? message?.providerMessageId ?? "";
}

/** What customers write must not steer the terminal, nor break the line. */
export function printable(text: string): string {
  return text.replace(/[\p{Cc}\p{Zl}\p{Zp}\u202a-\u202e\u2066-\u2069]+/gu, " ");
}
