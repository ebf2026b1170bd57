/** The file that an entry brings, as long as only the provider has it. */
import type { Entry } from "./conversation-log.ts";
import type { Message } from "./event.ts";
import { type FileContent, isFile } from "./file-content.ts";
import { messageIn } from "./message-status.ts";

/**
 * What a customer sent, or what the business sent elsewhere (phone app, Page inbox). Stories are no files of a message:
 * Instagram shows them for a day and does not let them be kept.
 */
export function fileToFetch(
  entry: Pick<Entry, "type" | "data" | "erased">,
): { message: Message; content: FileContent } | undefined {
  if (entry.erased || entry.type === "message.queued") return undefined;
  const message = messageIn(entry);
  if (!message || !isFile(message.content)) return undefined;
  const { id, providerMediaId, url } = message.content.media;
  const isWithProvider = id === undefined && (providerMediaId ?? url) !== undefined;
  return isWithProvider ? { message, content: message.content } : undefined;
}
