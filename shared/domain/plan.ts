/**
 * What would become of a message if it were sent now: pure, asked at the call (`dryRun`, refusals) and once more right
 * before every send, with the state of then.
 */
import type { Capabilities } from "./capabilities.ts";
import { PROACTIVE } from "./consent.ts";
import type { Content } from "./content.ts";
import type { Author } from "./event.ts";
import { standIn, type Template } from "./fallback.ts";
import { type Change as ChannelChange, fitToChannel, type Refusal } from "./fit.ts";
import { type QuietHours, quietUntil } from "./quiet-hours.ts";
import { type Segments, segments } from "./segments.ts";

type Change = ChannelChange | { code: "template_fallback"; text: string };

interface Part {
  content: Content;
  /** Only where the network charges by segments. */
  segments?: number;
  encoding?: Segments["encoding"];
}

export interface Plan {
  allowed: boolean;
  /** Why not, in words an agent understands. Empty when it is allowed. */
  reasons: { code: "opted_out" | "window_closed" | "quiet_hours" | Refusal["code"]; text: string }[];
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
  /** When the quiet hours end that speak against it now (ms since 1970). */
  notBefore?: number;
}

export interface Question {
  content: Content;
  /** Who wrote it: a person may answer for longer on some channels. */
  author: Pick<Author, "type">;
  capabilities: Capabilities;
  /** When the customer last wrote, by the provider's clock (ms since 1970): `after.inbound` of the newest entry. */
  lastInboundAt: number | undefined;
  now: number;
  /** The customer's address, where it may be a group's. */
  address?: string | undefined;
  /** What it is about, where it is no part of the conversation. */
  topic?: string | undefined;
  /** Topics that the customer wants nothing about, by the conversation and by the contact on this channel. */
  optedOut?: readonly string[] | undefined;
  quietHours?: QuietHours | undefined;
  /** Goes out in its place when the window is closed; `{text}` in a parameter stands for what the message says. */
  fallback?: Template | undefined;
  /** It is the one answer to a stop word, which the customer is owed. */
  confirmsOptOut?: boolean;
}

const HOUR_MS = 3_600_000;

export function plan(question: Question): Plan {
  const { capabilities, lastInboundAt, fallback, confirmsOptOut = false } = question;
  const window = windowFor(question);
  const carries = carriesTo(question);
  const isStoodIn = window.kind === "closed" && fallback && carries.template;
  const template = isStoodIn ? standIn(fallback, question.content) : undefined;
  const content = template ?? question.content;
  const fitted = fitToChannel(content, carries);
  const until = replyUntil(capabilities, lastInboundAt);
  const planned: Question = { ...question, content };
  const unwanted = confirmsOptOut ? undefined : unwantedBy(planned);
  const notBefore = confirmsOptOut ? undefined : endOfQuiet(planned);
  const reasons: Plan["reasons"] = [
    ...(unwanted ? [{ code: "opted_out" as const, text: unwanted }] : []),
    ...(fitted.kind === "refused" ? [{ code: fitted.code, text: fitted.text }] : []),
    ...(window.kind === "closed" && !template ? [{ code: "window_closed" as const, text: window.text }] : []),
    ...(notBefore === undefined ? [] : [{ code: "quiet_hours" as const, text: quietText(notBefore) }]),
  ];
  return {
    allowed: reasons.length === 0,
    reasons,
    ...(fitted.kind === "fits" && reasons.length === 0
      ? goingOut(fitted.parts, [...(template ? [FALLBACK] : []), ...fitted.changes], capabilities)
      : { parts: [], changes: [] }),
    ...(window.kind === "human_agent" && reasons.length === 0 && { tag: window.kind }),
    ...(until !== undefined && { replyUntil: until }),
    ...(notBefore !== undefined && { notBefore }),
  };
}

const FALLBACK: Change = {
  code: "template_fallback",
  text: "The customer last wrote too long ago for a free reply: an approved template goes out in its place.",
};

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

/** To a group less is carried. */
function carriesTo({ capabilities: { carries, groups }, address }: Question): Capabilities["carries"] {
  if (!groups || !address?.startsWith(groups.addressPrefix)) return carries;
  return Object.fromEntries(groups.kinds.flatMap((kind) => (carries[kind] ? [[kind, carries[kind]]] : [])));
}

/** Why the customer does not want it, in words for the agent. */
function unwantedBy(question: Question): string | undefined {
  const { topic, optedOut = [] } = question;
  if (optedOut.includes("all"))
    return "The customer has said that they want no more messages from us. They get none until they write START, or until somebody notes that they asked for messages again.";
  // Right after the word that stopped them the window is open: a template is then no answer unless it is said to be one.
  const isBegunByUs =
    isAbout(topic) || isTemplateOutside(question) || (question.content.type === "template" && topic === undefined);
  if (isBegunByUs && optedOut.includes(PROACTIVE))
    return "The customer has said that they want no messages that we begin ourselves. What they ask can be answered; anything more once they write START, or once somebody notes that they asked for it.";
  if (topic !== undefined && isAbout(topic) && optedOut.includes(topic))
    return `The customer has said that they want no messages about “${topic}”. They get none until they ask for them again.`;
  return undefined;
}

/** Only what we begin ourselves keeps to quiet hours; who writes at night is answered at night. */
function endOfQuiet(question: Question): number | undefined {
  const { quietHours, topic, now } = question;
  if (!quietHours || !(isAbout(topic) || isTemplateOutside(question))) return undefined;
  return quietUntil(quietHours, now);
}

function quietText(notBefore: number): string {
  const from = new Date(notBefore).toISOString();
  return `It is too late or too early at the customer's for a message that we begin ourselves: possible from ${from}.`;
}

function isAbout(topic: string | undefined): boolean {
  return topic !== undefined && topic !== "conversation";
}

function isTemplateOutside({ content, capabilities: { windowHours }, lastInboundAt, now }: Question): boolean {
  const isOpen =
    windowHours === undefined || (lastInboundAt !== undefined && now < lastInboundAt + windowHours * HOUR_MS);
  return content.type === "template" && !isOpen;
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
