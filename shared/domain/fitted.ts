/** What a message becomes on a channel, as a value: the parts that go out and how they differ, or why nothing does. */
import type { Capabilities } from "./capabilities.ts";
import type { Content } from "./content.ts";

export interface Change {
  code:
    | "split"
    | "caption_apart"
    | "numbered"
    | "as_buttons"
    | "as_list"
    | "as_text"
    | "as_link"
    | "as_image"
    | "as_document";
  text: string;
}

export interface Refusal {
  code: "not_carried" | "too_long" | "empty";
  text: string;
}

export type Fitted = { kind: "fits"; parts: Content[]; changes: Change[] } | ({ kind: "refused" } & Refusal);

export type Carries = Capabilities["carries"];
export type Kind = Content["type"];
export type Of<Type extends Kind> = Extract<Content, { type: Type }>;
export type Media = Of<"image">["media"];

/** More messages than this nobody reads, and on SMS somebody pays for each. */
export const MOST_PARTS = 20;

export function asItIs(content: Content): Fitted {
  return { kind: "fits", parts: [content], changes: [] };
}

/** With one more thing to say about it, in front. */
export function changed(fitted: Fitted, change: Change): Fitted {
  return fitted.kind === "refused" ? fitted : { ...fitted, changes: [change, ...fitted.changes] };
}

/** One after the other; refused as soon as one is. The same change is told once. */
export function together(all: readonly Fitted[]): Fitted {
  const parts: Content[] = [];
  const changes = new Map<string, Change>();
  for (const fitted of all) {
    if (fitted.kind === "refused") return fitted;
    parts.push(...fitted.parts);
    for (const change of fitted.changes) changes.set(change.text, change);
  }
  return { kind: "fits", parts, changes: [...changes.values()] };
}

export function notCarried(type: Kind): Fitted {
  const text = `This channel cannot carry messages of the kind “${type}”.`;
  return { kind: "refused", code: "not_carried", text };
}

export function tooLong(count: number): Fitted {
  const text = `The message would become ${count} messages, and at most ${MOST_PARTS} are sent at once.`;
  return { kind: "refused", code: "too_long", text };
}
