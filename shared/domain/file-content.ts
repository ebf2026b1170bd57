/** Messages that are a file, and what became of it. */
import type * as z from "zod";
import type { Content } from "./content.ts";
import type { Entry } from "./conversation-log.ts";
import type { eventData, MessageReference } from "./event.ts";

const KINDS = ["image", "video", "audio", "document", "sticker"] as const;

/** A content that is a file. */
export type FileContent = Extract<Content, { type: (typeof KINDS)[number] }>;

export function isFile(content: Content): content is FileContent {
  return KINDS.some((kind) => kind === content.type);
}

type StoredFile = z.infer<(typeof eventData)["media.stored"]>["media"];
/** Why the file of a message could not be kept. */
export type MediaFailure = Omit<z.infer<(typeof eventData)["media.failed"]>, "message">;

/** By message: its file as it lies in the bucket, or why it does not. */
export function fetchedFiles(
  entries: readonly Entry[],
): Map<string, { stored: StoredFile } | { mediaFailure: MediaFailure }> {
  const found = entries.flatMap(
    ({ type, data }): [string, { stored: StoredFile } | { mediaFailure: MediaFailure }][] => {
      const { message, media, code, reason } = data as {
        message?: MessageReference;
        media?: StoredFile;
      } & Partial<MediaFailure>;
      if (message?.id === undefined) return [];
      if (type === "media.stored" && media) return [[message.id, { stored: media }]];
      const isFailure = type === "media.failed" && code !== undefined && reason !== undefined;
      return isFailure ? [[message.id, { mediaFailure: { code, reason } }]] : [];
    },
  );
  return new Map(found);
}

/** Our id of the file that this entry says is stored. An erased entry says nothing any more. */
export function storedIn({ type, data, erased }: Pick<Entry, "type" | "data" | "erased">): string | undefined {
  return type === "media.stored" && !erased ? (data as { media?: StoredFile }).media?.id : undefined;
}

/** The content with its file under our id; what the provider said of it stays beside. */
export function withStored(content: Content, { id, contentType, size, sha256 }: StoredFile): Content {
  return isFile(content) ? { ...content, media: { ...content.media, id, contentType, size, sha256 } } : content;
}
