/** Brings the files of a reply from where the desk keeps them into the bucket; all of them, or none counts. */
import type { Content } from "../../shared/domain/content.ts";
import type { DeskFile } from "../../shared/domain/desk-happening.ts";
import type { Failure } from "../../shared/domain/event.ts";
import { judgeType } from "../../shared/domain/file-type.ts";
import { type IdSecret, mediaId } from "../../shared/domain/ids.ts";
import { mediaContent } from "../../shared/domain/media-kind.ts";
import type { DeskReconciler } from "../../shared/helpdesks/helpdesk.ts";
import type { Fetched, FetchedFile, FetchFile, MediaFiles } from "../../shared/ports.ts";

/** The code of a failure for want of a file. */
export const FILE_UNAVAILABLE = "file_unavailable";

export type ReplyFile = Extract<Content, { type: "document" }>["media"];

/** `later`: something that may pass. */
export type Brought =
  | { kind: "brought"; files: ReplyFile[] }
  | { kind: "failed"; failure: Failure }
  | { kind: "later"; detail: string; failure: Failure };

export interface FilePorts {
  fetchFile: FetchFile;
  files: Pick<MediaFiles, "keep">;
  idSecret: IdSecret;
  largestBytes: number;
  /** How the desk is asked where a file lies; undefined where its address is enough. */
  locateFile(desk: string): Promise<((file: DeskFile) => Promise<Located>) | undefined>;
}

type Located = Awaited<ReturnType<NonNullable<DeskReconciler["locate"]>>>;

/** Every step may be repeated: a file has the same name each time. @throws WorldFault */
export async function bringFiles(
  { id, files }: { id: string; files: readonly DeskFile[] },
  desk: string,
  ports: FilePorts,
): Promise<Brought> {
  const brought: ReplyFile[] = [];
  const locateFile = files.length > 0 ? await ports.locateFile(desk) : undefined;
  for (const [index, file] of files.entries()) {
    const fetched = await fetchOnce(file, locateFile, ports);
    if (fetched.kind !== "fetched") return endOf(fetched, file, ports);
    try {
      const kept = await keep(fetched.file, file, mediaId(ports.idSecret, desk, `${id}#${index}`), ports);
      if ("fault" in kept) return { kind: "failed", failure: failureOf(file, kept.fault) };
      brought.push(kept);
    } finally {
      await fetched.file.close();
    }
  }
  return { kind: "brought", files: brought };
}

/** What a file is before anything was fetched of it. */
export function announced({ contentType = "", fileName }: DeskFile): ReplyFile {
  return { contentType, ...(fileName !== undefined && { fileName }) };
}

/** A fault of ours is like one of the desk's: the agent never waits for ever. */
async function fetchOnce(
  file: DeskFile,
  locateFile: ((file: DeskFile) => Promise<Located>) | undefined,
  { fetchFile, largestBytes }: FilePorts,
): Promise<Fetched> {
  try {
    const place: Located = locateFile ? await locateFile(file) : { kind: "found", url: file.url };
    if (place.kind === "gone") return { kind: "dead", status: 404 };
    if (place.kind !== "found") return { kind: "unavailable", detail: place.detail };
    const { url, credentials } = place;
    return await fetchFile({ url, largestBytes, ...(credentials && { credentials }) });
  } catch (cause) {
    return { kind: "unavailable", detail: `a fault of ours: ${cause instanceof Error ? cause.name : typeof cause}` };
  }
}

async function keep(
  fetched: FetchedFile,
  file: DeskFile,
  id: string,
  { files }: FilePorts,
): Promise<ReplyFile | { fault: string }> {
  const { head, size, sha256 } = fetched;
  const promised = announced({ ...file, contentType: file.contentType ?? fetched.contentType });
  const { type } = mediaContent(promised);
  const kind = type === "image" || type === "video" || type === "audio" ? type : "document";
  const judged = judgeType({ type: kind, media: promised }, { head, announced: [fetched.contentType] });
  if ("fault" in judged) return judged;
  const { contentType } = judged;
  const named = file.fileName !== undefined ? { fileName: file.fileName } : {};
  await files.keep(`media/${id}`, fetched, { contentType, ...named });
  return { id, contentType, size, sha256, ...named };
}

function endOf(fetched: Exclude<Fetched, { kind: "fetched" }>, file: DeskFile, { largestBytes }: FilePorts): Brought {
  const failed = (sentence: string) => ({ kind: "failed" as const, failure: failureOf(file, sentence) });
  switch (fetched.kind) {
    case "too_large":
      return failed(`It is larger than the ${Math.floor(largestBytes / 1_000_000)} MB that are kept.`);
    case "forbidden_address":
      return failed("Its address leads to a place that may not be asked.");
    case "dead":
      return failed(`The helpdesk does not hand it out (HTTP ${fetched.status}).`);
    case "unusable":
      return failed("What the helpdesk answered is no file.");
    case "unavailable": {
      const { failure } = failed("The helpdesk did not hand it out in time.");
      return { kind: "later", detail: fetched.detail, failure };
    }
  }
}

/** The sentences are for the agent who attached it. */
function failureOf({ fileName }: DeskFile, sentence: string): Failure {
  const which = fileName === undefined ? "A file" : `The file “${fileName}”`;
  const reason = `${which} of this reply could not be fetched from the helpdesk, so nothing of the reply was sent. ${sentence}`;
  return { class: "payload", code: FILE_UNAVAILABLE, reason };
}
