/**
 * What would become of a message if it were sent now: pure, asked at the call (`dryRun`, refusals) and once more right
 * before every send, with the state of then.
 */
import type { Capabilities } from "./capabilities.ts";
import type { Content } from "./content.ts";
import type { Author } from "./event.ts";
import { type Change, fitToChannel, type Refusal } from "./fit.ts";
import { type Segments, segments } from "./segments.ts";

interface Part {
  content: Content;
  /** Only where the network charges by segments. */
  segments?: number;
  encoding?: Segments["encoding"];
}

export interface Plan {
  allowed: boolean;
  /** Why not, in words an agent understands. Empty when it is allowed. */
  reasons: { code: "window_closed" | Refusal["code"]; text: string }[];
  /** What really goes out, one request to the provider each. Empty when nothing would. */
  parts: Part[];
  /** How that differs from what was given, in words an agent understands. */
  changes: Change[];
  /** Of all parts together; like the next, only where the network charges by segments. */
  segments?: number;
  /** `mms` when any part is more than text. */
  priceClass?: "sms" | "mms";
  /** The template that goes out. */
  template?: { name: string; language: string };
  /** Allowed only because a person wrote it, long after the customer: the provider is told so. */
  tag?: "human_agent";
  /** Until when free replies are possible (ms since 1970); undefined when for ever, or when the customer never wrote. */
  replyUntil?: number;
}

interface Question {
  content: Content;
  /** Who wrote it: a person may answer for longer on some channels. */
  author: Pick<Author, "type">;
  capabilities: Capabilities;
  /** When the customer last wrote, by the provider's clock (ms since 1970): `after.inbound` of the newest entry. */
  lastInboundAt: number | undefined;
  now: number;
}

const HOUR_MS = 3_600_000;

export function plan(question: Question): Plan {
  const { content, capabilities, lastInboundAt } = question;
  const fitted = fitToChannel(content, capabilities.carries);
  const window = windowFor(question);
  const until = replyUntil(capabilities, lastInboundAt);
  const reasons: Plan["reasons"] = [
    ...(fitted.kind === "refused" ? [{ code: fitted.code, text: fitted.text }] : []),
    ...(window.kind === "closed" ? [{ code: "window_closed" as const, text: window.text }] : []),
  ];
  return {
    allowed: reasons.length === 0,
    reasons,
    ...(fitted.kind === "fits" && reasons.length === 0
      ? goingOut(fitted.parts, fitted.changes, capabilities)
      : { parts: [], changes: [] }),
    ...(window.kind === "human_agent" && reasons.length === 0 && { tag: window.kind }),
    ...(until !== undefined && { replyUntil: until }),
  };
}

/** When the window for free replies closes (ms since 1970); undefined without a window, or before the customer wrote. */
export function replyUntil(capabilities: Capabilities, lastInboundAt: number | undefined): number | undefined {
  const { windowHours } = capabilities;
  return windowHours === undefined || lastInboundAt === undefined ? undefined : lastInboundAt + windowHours * HOUR_MS;
}

/**
 * The parts as the log keeps them beside the message: only where they are not the message itself. What was begun under
 * one release is then sent on in the same parts by the next.
 */
export function partsToKeep({ parts }: Plan, content: Content): { parts?: Content[] } {
  const contents = parts.map((part) => part.content);
  return JSON.stringify(contents) === JSON.stringify([content]) ? {} : { parts: contents };
}

function goingOut(contents: readonly Content[], changes: Change[], { carries }: Capabilities) {
  const isSegmented = carries.text?.segmented === true;
  const parts = contents.map((content): Part => {
    if (!isSegmented || content.type !== "text") return { content };
    const { segments: count, encoding } = segments(content.text);
    return { content, segments: count, encoding };
  });
  const [template] = contents.flatMap((one) => (one.type === "template" ? [one] : []));
  return {
    parts,
    changes,
    ...(isSegmented && {
      segments: parts.reduce((sum, part) => sum + (part.segments ?? 0), 0),
      priceClass: contents.every(({ type }) => type === "text") ? ("sms" as const) : ("mms" as const),
    }),
    ...(template && { template: { name: template.name, language: template.language } }),
  };
}

type Window = { kind: "open" | "human_agent" } | { kind: "closed"; text: string };

/** A person may answer for longer, where the channel knows that; an approved template goes at any time. */
function windowFor({ content, author, capabilities, lastInboundAt, now }: Question): Window {
  const { windowHours, humanAgentHours = 0, carries } = capabilities;
  if (windowHours === undefined || content.type === "template") return { kind: "open" };
  const isWithin = (hours: number) => lastInboundAt !== undefined && now < lastInboundAt + hours * HOUR_MS;
  if (isWithin(windowHours)) return { kind: "open" };
  const isPerson = author.type === "agent";
  if (isPerson && isWithin(humanAgentHours)) return { kind: "human_agent" };

  const hours = isPerson ? Math.max(windowHours, humanAgentHours) : windowHours;
  const why =
    lastInboundAt === undefined
      ? "The customer has not written yet"
      : `The customer last wrote more than ${hours} hours ago`;
  const sentences = [
    `${why}: this channel takes replies only within ${hours} hours after a message from the customer.`,
    ...(isPerson || !isWithin(humanAgentHours) ? [] : ["A reply that a person writes is still possible."]),
    ...(carries.template ? ["A template is possible at any time."] : []),
  ];
  return { kind: "closed", text: sentences.join(" ") };
}
