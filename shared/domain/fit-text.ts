/** Text as a channel takes it: cut into parts where it is too long, and in place of what is richer. */

import type { Limits } from "./capabilities.ts";
import type { Content } from "./content.ts";
import {
  asItIs,
  type Carries,
  type Change,
  changed,
  type Fitted,
  MOST_PARTS,
  notCarried,
  type Of,
  together,
  tooLong,
} from "./fitted.ts";
import { networkText } from "./segments.ts";
import { type Room, splitText } from "./split-text.ts";

export function fitText(content: Of<"text">, { text: limits }: Carries): Fitted {
  if (!limits) return notCarried("text");
  // Providers refuse a text of blanks as they refuse none at all.
  if (content.text.trim() === "") return { kind: "refused", code: "empty", text: "The message has no text." };
  const text = limits.segmented ? networkText(content.text) : content.text;
  const room = roomFor(limits);
  if (room.size(text) <= room.most) return asItIs({ ...content, text });
  // Judged before it is cut: a text of a megabyte is not worth the work.
  if (room.size(text) > room.most * MOST_PARTS) return tooLong(Math.ceil(room.size(text) / room.most));
  const parts = splitText(text, room).map((part): Content => ({ type: "text", text: part }));
  return { kind: "fits", parts, changes: [splitInto(parts.length, limits)] };
}

/** The text that stands for something richer. */
export function asText(text: string, words: string, carries: Carries, code: Change["code"] = "as_text"): Fitted {
  return changed(fitText({ type: "text", text }, carries), { code, text: words });
}

type WithBody = Of<"buttons" | "list" | "link" | "location-request"> | (Of<"carousel"> & { text: string });

/** A body that is too long begins as text; its end carries the buttons. */
export function withBody(content: WithBody, carries: Carries): Fitted {
  if (content.text.trim() === "") return { kind: "refused", code: "empty", text: "The message has no text." };
  const limits = carries[content.type] ?? {};
  const room = roomFor(limits);
  if (room.size(content.text) <= room.most) return asItIs(content);
  if (room.size(content.text) > room.most * MOST_PARTS) return tooLong(Math.ceil(room.size(content.text) / room.most));
  const bodies = splitText(content.text, room);
  const before = bodies.slice(0, -1).map((text) => fitText({ type: "text", text }, carries));
  const last: Content = { ...content, text: bodies.at(-1) ?? "" };
  return changed(together([...before, asItIs(last)]), splitInto(bodies.length, limits));
}

export function roomFor({ longestText, longestTextBytes }: Limits): Room {
  if (longestTextBytes !== undefined) return { most: longestTextBytes, size: (text) => Buffer.byteLength(text) };
  return { most: longestText ?? Number.POSITIVE_INFINITY, size: (text) => text.length };
}

function splitInto(count: number, { longestText, longestTextBytes }: Limits): Change {
  const most = longestTextBytes === undefined ? `${longestText} characters` : `${longestTextBytes} bytes`;
  return { code: "split", text: `The text is longer than ${most} and goes out as ${count} messages.` };
}

/** One below the other, without the empty ones. */
export function lines(...all: readonly (string | undefined)[]): string {
  return all.filter((line) => line !== undefined && line.trim() !== "").join("\n");
}
