/** What one saying becomes: messages of Zendesk's, each with a text or a file. */
import { splitText } from "../../domain/split-text.ts";
import type { Saying, SayingFile } from "../../domain/telling.ts";
import { capabilities } from "./capabilities.ts";

export type Part =
  | { kind: "text"; text: string }
  | { kind: "file"; file: SayingFile; text?: string }
  | { kind: "location"; location: NonNullable<Saying["location"]> };

/** Zendesk's `content` of a message. */
type MessageContent =
  | { type: "text"; text: string }
  | { type: "image" | "file"; mediaUrl: string; altText: string; text?: string }
  | {
      type: "location";
      coordinates: { lat: number; long: number };
      location?: { name?: string; address?: string };
    };

const LONGEST_ALT_TEXT = 128;
/** Shown as pictures; any other kind is a file to download. */
const PICTURES = new Set(["image/jpeg", "image/png", "image/gif", "image/webp"]);

/** The first file takes the words with it, as a caption. A place is told in words, and only without any as one. */
export function partsOf({ isPrivate, author, from, text, files, location }: Saying): Part[] {
  const begin = isPrivate || from === "recado" ? `🔒 ${(author ?? "Recado").slice(0, 60)}: ` : "";
  const texts =
    text === "" ? [] : splitText(`${begin}${text}`, { most: capabilities.longestText, size: ({ length }) => length });
  const [only] = texts;
  if (only !== undefined && texts.length === 1 && files.length > 0)
    return files.map((file, index) => ({ kind: "file", file, ...(index === 0 && { text: only }) }));
  const words: Part[] = texts.map((one) => ({ kind: "text", text: one }));
  const place: Part[] = location && texts.length === 0 ? [{ kind: "location", location }] : [];
  return [...words, ...place, ...files.map((file) => ({ kind: "file" as const, file }))];
}

/** @param mediaUrl where the uploaded file is; undefined where it could not be brought */
export function contentOf(part: Part, mediaUrl?: string): MessageContent {
  if (part.kind === "text") return { type: "text", text: part.text };
  if (part.kind === "location") {
    const { latitude: lat, longitude: long, name, address } = part.location;
    const about = { ...(name !== undefined && { name }), ...(address !== undefined && { address }) };
    return { type: "location", coordinates: { lat, long }, ...(Object.keys(about).length > 0 && { location: about }) };
  }
  const { file, text } = part;
  if (mediaUrl === undefined) {
    const lines = [text, `📎 ${file.fileName}: this file could not be brought here.`];
    return { type: "text", text: lines.filter((line) => line !== undefined).join("\n") };
  }
  return {
    type: PICTURES.has(file.contentType) ? "image" : "file",
    mediaUrl,
    altText: file.fileName.slice(0, LONGEST_ALT_TEXT),
    ...(text !== undefined && { text }),
  };
}
