import type { Content } from "../shared/domain/content.ts";
import type { Envelope } from "../shared/domain/envelope.ts";

interface About {
  message?: { id?: string; providerMessageId?: string; content?: Content; author?: { type: string; name?: string } };
  content?: Content;
  author?: { type: string; name?: string };
  media?: { id: string; contentType: string };
  emoji?: string;
  watermark?: string;
  topic?: string;
  state?: string;
  failure?: { reason?: string; code?: string };
  reason?: string;
  text?: string;
}

/** One event on one line, for people: time, account, conversation and number, what happened. */
export function eventLine(event: Envelope): string {
  const time = clock(event.time);
  const place = `${event.subject}#${Number(event.sequence)}`;
  return printable(
    `${time}  ${event.data.account.padEnd(10)}  ${place}  ${event.type.padEnd(18)}  ${words(event)}`.trimEnd(),
  );
}

function clock(time: string): string {
  return new Date(time).toTimeString().slice(0, 8);
}

function words({ type, data }: Envelope): string {
  const { message, failure, reason, media, ...about } = data as About;
  const { content = about.content, author = about.author, id = message?.providerMessageId } = message ?? {};
  const who = author?.name ?? author?.type ?? "somebody";
  if (content) return `${who}: ${said(content)}`;
  if (type === "message.reacted") return `${who}: ${about.emoji ?? "takes the reaction back"}`;
  if (failure) return `${failure.reason ?? ""}${failure.code ? ` (${failure.code})` : ""}`;
  if (media) return `${media.id} (${media.contentType})`;
  if (about.state) return `${about.topic}: ${about.state}`;
  if (about.watermark) return `all up to ${clock(about.watermark)}`;
  return reason ?? (about.text || id) ?? "";
}

/** Text as it is; of anything else its kind, and the first words that it has. */
function said(content: Content): string {
  if (content.type === "text") return `“${content.text}”`;
  const place = content.type === "location" && `${content.latitude}, ${content.longitude}`;
  const file = "media" in content && content.media?.fileName;
  const names = ["text", "caption", "title", "name", "reason", "kind", "emoji", "url"];
  const told = names.map((name) => Object.entries(content).find(([key]) => key === name)?.[1]);
  const first = told.find((one) => typeof one === "string" && one !== "") ?? (file || place);
  return first ? `[${content.type}] ${first}` : `[${content.type}]`;
}

/** What customers write must not steer the terminal, nor break the line. */
export function printable(text: string): string {
  return text.replace(/[\p{Cc}\p{Zl}\p{Zp}\u202a-\u202e\u2066-\u2069]+/gu, " ");
}
