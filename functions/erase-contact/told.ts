/** What an entry tells of other places: files, and bodies that nobody could read. */
import type { Content } from "../../shared/domain/content.ts";
import { filesIn } from "../../shared/domain/content-files.ts";
import type { Entry } from "../../shared/domain/conversation-log.ts";
import type { Message, MessageReference } from "../../shared/domain/event.ts";

export interface Told {
  message?: Partial<Message> & MessageReference;
  media?: { id: string };
  content?: Content;
  parts?: Content[];
  fallback?: Content;
  helpdesk?: string;
  ticket?: string;
  /** Of an element that was too large for the log. */
  reference?: string;
}

/** Ids of the files of one entry, each once: its own, and those that a caller has uploaded and may have sent to many. */
export function filesOf({ data }: Pick<Entry, "data">): { own: string[]; uploads: string[] } {
  const told = data as Told;
  const named = [
    ...contentsIn(told)
      .flatMap(filesIn)
      .map(({ file }) => file.id),
    told.media?.id,
  ];
  const ids = [...new Set(named.flatMap((id) => id ?? []))];
  return { own: ids.filter((id) => !isUpload(id)), uploads: ids.filter(isUpload) };
}

/** Keys of what was set aside in the bucket. */
export function referencesOf({ data }: Pick<Entry, "data">): string[] {
  const told = data as Told;
  const raw = contentsIn(told).map((content) => (content.type === "unsupported" ? content.raw : undefined));
  const inside = raw.map((one) => (one as { reference?: unknown } | null | undefined)?.reference);
  return [told.reference, ...inside]
    .filter((key) => typeof key === "string")
    .filter((key) => key.startsWith("quarantine/"));
}

function contentsIn({ message, content, fallback, parts = [] }: Told): Content[] {
  return [message?.content, content, fallback, ...parts].flatMap((one) => one ?? []);
}

function isUpload(file: string): boolean {
  return file.length === "med_".length + 26;
}
