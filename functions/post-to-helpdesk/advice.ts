/** What an agent reads about a reply: what became of it, why, and what they can do. */
import type { Failure } from "../../shared/domain/event.ts";
import type { MessageView } from "../../shared/domain/message-status.ts";

/** @param templates names of the approved templates that may be sent when the window is closed */
export function adviceFor({ reason, class: kind }: Failure, templates: readonly string[]): string {
  const what = ADVICE[kind]?.(templates);
  return what === undefined ? reason : `${reason} ${what}`;
}

const ADVICE: Partial<Record<Failure["class"], (templates: readonly string[]) => string>> = {
  window: (templates) => {
    const list = templates.length > 0 ? ` (${templates.join(", ")})` : "";
    return `Until the customer writes again only an approved template can go out${list}: write “/template name”, and behind it what fills it, separated by |.`;
  },
  opted_out: () => "Only the customer can change that, by writing to you.",
  unreachable: () => "Check the number, or reach the customer on another channel.",
  payload: () => "Change what it says or the file, and send it again.",
  template: () => "Choose another template, or ask whoever looks after them.",
  rate: () => "Please send it again in a few minutes.",
  transient: () => "Please send it again in a few minutes.",
  auth: () => "Whoever looks after the channel has to connect it again.",
  account: () => "Whoever looks after the channel has to see to it.",
  expired: () => "Send it again if it still matters.",
};

/** A status in words, for a desk that can show it in no other way. @param quoted what the reply said, or a part of it */
export function statusText(
  status: NonNullable<MessageView["status"]>,
  { quoted, reason }: { quoted: string; reason?: string | undefined },
): string {
  switch (status) {
    case "failed":
      return `⚠️ Not delivered: ${quoted}\n${reason ?? ""}`.trim();
    case "uncertain":
      return `❔ Nobody knows yet whether this has arrived: ${quoted}\nYou will hear when it is known. Sending it again may make it arrive twice.`;
    case "read":
    case "played":
      return `✓✓ Read: ${quoted}`;
    case "delivered":
      return `✓✓ Delivered: ${quoted}`;
    default:
      return `✓ Sent: ${quoted}`;
  }
}

/** Characters. */
const LONGEST_QUOTE = 60;

/** The beginning of a text, in quotation marks. */
export function quote(text: string): string {
  const characters = [...text.replace(/\s+/g, " ").trim()];
  const isCut = characters.length > LONGEST_QUOTE;
  return `“${characters.slice(0, LONGEST_QUOTE).join("")}${isCut ? "…" : ""}”`;
}
