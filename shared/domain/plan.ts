/**
 * What would become of a message if it were sent now: pure, asked at the call (`dryRun`, refusals) and once more right
 * before every send, with the state of then.
 */
import type { Capabilities } from "./capabilities.ts";
import type { Content } from "./content.ts";

export interface Plan {
  allowed: boolean;
  /** Why not, in words an agent understands. Empty when it is allowed. */
  reasons: { code: "window_closed" | "not_carried" | "too_long" | "empty"; text: string }[];
  /** What really goes out, one request to the provider each. Empty when nothing would. */
  parts: { content: Content }[];
  /** Until when free replies are possible (ms since 1970); undefined when for ever, or when the customer never wrote. */
  replyUntil?: number;
}

const HOUR_MS = 3_600_000;

/**
 * @param lastInboundAt when the customer last wrote, by the provider's clock (ms since 1970): `after.inbound` of the
 *   conversation's newest entry
 */
export function plan(input: {
  content: Content;
  capabilities: Capabilities;
  lastInboundAt: number | undefined;
  now: number;
}): Plan {
  const { content, capabilities, lastInboundAt, now } = input;
  const until = replyUntil(capabilities, lastInboundAt);
  const reasons = [...contentReasons(content, capabilities), ...windowReasons(capabilities, until, now)];
  const isAllowed = reasons.length === 0;
  return {
    allowed: isAllowed,
    reasons,
    parts: isAllowed ? [{ content }] : [],
    ...(until !== undefined && { replyUntil: until }),
  };
}

/** When the window for free replies closes (ms since 1970); undefined without a window, or before the customer wrote. */
export function replyUntil(capabilities: Capabilities, lastInboundAt: number | undefined): number | undefined {
  const { windowHours } = capabilities;
  return windowHours === undefined || lastInboundAt === undefined ? undefined : lastInboundAt + windowHours * HOUR_MS;
}

function contentReasons(content: Content, { text }: Capabilities): Plan["reasons"] {
  if (content.type !== "text" || text.level === "none") {
    return [{ code: "not_carried", text: `This channel cannot carry messages of the kind “${content.type}”.` }];
  }
  // Providers refuse a text of blanks as they refuse none at all.
  if (content.text.trim() === "") return [{ code: "empty", text: "The message has no text." }];
  if (text.longest !== undefined && content.text.length > text.longest) {
    const by = content.text.length - text.longest;
    return [
      {
        code: "too_long",
        text: `The text is ${by} characters too long: this channel carries at most ${text.longest}.`,
      },
    ];
  }
  return [];
}

function windowReasons({ windowHours }: Capabilities, until: number | undefined, now: number): Plan["reasons"] {
  if (windowHours === undefined || (until !== undefined && now < until)) return [];
  const why =
    until === undefined
      ? "The customer has not written yet"
      : `The customer last wrote more than ${windowHours} hours ago`;
  const text = `${why}: this channel takes replies only within ${windowHours} hours after a message from the customer.`;
  return [{ code: "window_closed", text }];
}
