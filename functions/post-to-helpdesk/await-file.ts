/** A customer's file comes a moment after their message: it is waited for, so that an agent sees the two as one. */
import type { Entry } from "../../shared/domain/conversation-log.ts";
import { fetchedFiles, isFile } from "../../shared/domain/file-content.ts";
import { messageIn } from "../../shared/domain/message-status.ts";
import type { LogReader, Next } from "../../shared/ports.ts";
import type { FileFate } from "./tellings.ts";

/** Then the message is told without it, and the file when it is there. */
const WAITED_FOR_MS = 60_000;
const LOOK_AGAIN_SECONDS = 1;
const LOOKED_AT = 60;

type Fates = { kind: "known"; files: ReadonlyMap<string, FileFate> } | Extract<Next, { kind: "retry" }>;

/** @param ahead entries behind the first, as far as they were read */
export async function fateOf(
  entries: readonly Entry[],
  ahead: readonly Entry[],
  { log, table, now }: { log: string; table: Pick<LogReader, "entries">; now: number },
): Promise<Fates> {
  const waiting = entries.filter(isWithoutFile);
  if (waiting.length === 0) return { kind: "known", files: new Map() };
  const last = ahead.at(-1)?.sequence ?? entries.at(-1)?.sequence ?? 0;
  const known = fetchedFiles(ahead);
  const isKnown = (entry: Entry) => known.has(messageIn(entry)?.id ?? "");
  const files = waiting.every(isKnown)
    ? known
    : fetchedFiles([...ahead, ...(await table.entries(log, last, LOOKED_AT))]);
  const isMissing = waiting.some((entry) => !files.has(messageIn(entry)?.id ?? ""));
  const isYoung = waiting.some(({ at }) => now - at.recorded < WAITED_FOR_MS);
  return isMissing && isYoung ? { kind: "retry", afterSeconds: LOOK_AGAIN_SECONDS } : { kind: "known", files };
}

/** A file that is still the provider's. */
function isWithoutFile(entry: Entry): boolean {
  const message = entry.type === "message.received" || entry.type === "message.sent" ? messageIn(entry) : undefined;
  return message !== undefined && isFile(message.content) && message.content.media.id === undefined;
}
