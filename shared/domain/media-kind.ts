/** Files of channels that say what a file is by its content type alone. */
import type { Content } from "./content.ts";

type MediaKind = "image" | "video" | "audio" | "document";
type File = Extract<Content, { type: MediaKind }>["media"];

const KINDS = ["image", "video", "audio"] as const;

/** What is no picture, film or sound is a document. An empty caption is none. */
export function mediaContent(media: File, caption?: string): Content {
  const kind = KINDS.find((one) => media.contentType.toLowerCase().startsWith(`${one}/`)) ?? "document";
  return { type: kind, media, ...(caption && { caption }) };
}

/** The file of a content that is nothing but a file and its caption; undefined for any other. */
export function fileIn(content: Content): { media: File; caption?: string | undefined } | undefined {
  return content.type === "document" || KINDS.some((kind) => kind === content.type) ? (content as WithFile) : undefined;
}
type WithFile = Extract<Content, { type: MediaKind }>;
