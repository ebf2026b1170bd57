/** What a saying is in Freshchat: the parts of one message, its files uploaded before. */
import type { Saying, SayingFile } from "../../domain/telling.ts";
import { multipart } from "../../http/multipart.ts";
import { notNow, type Refusal } from "../ask.ts";
import type { Place } from "../helpdesk.ts";
import { request } from "./api.ts";
import { Uploaded } from "./payload.ts";
import type { Secrets, Settings } from "./settings.ts";

type Here = Place<Settings, Secrets>;

/** Which are shown; every other file is one to open. */
const PICTURES = new Set(["image/jpeg", "image/png", "image/gif"]);
const LOSS = "⚠️ ";

/**
 * Uploads are done anew each time: what no message shows does no harm.
 * @returns `refused` where Freshchat does not take a file; it is never `uncertain`, since nothing was told yet
 */
export async function partsOf(
  saying: Saying,
  place: Here,
): Promise<{ isOk: true; parts: object[] } | { isOk: false; outcome: Refusal }> {
  const parts: object[] = [];
  const losses: string[] = [];
  for (const file of saying.files) {
    const bytes = await place.files.read(file.id);
    if (!bytes) {
      losses.push(`${LOSS}${file.fileName}: the file is not there any more.`);
      continue;
    }
    const uploaded = await upload(file, bytes, place);
    if (!uploaded.isOk) return uploaded;
    parts.push(uploaded.part);
  }
  const text = [wordsOf(saying), ...losses].filter((line) => line !== "").join("\n");
  if (text !== "") parts.unshift({ text: { content: text } });
  return { isOk: true, parts: parts.length > 0 ? parts : [{ text: { content: "…" } }] };
}

/** What the business said elsewhere stands in a note, and begins with who said it. */
function wordsOf({ from, text, author }: Saying): string {
  return from === "business" ? `${author ?? "The business"}: ${text}` : text;
}

/** Whether a message says this, whatever became of its files; of the same files there are as many. */
export function isSameSaying(saying: Saying, { text, files }: { text: string; files: readonly unknown[] }): boolean {
  const isLossy = text.split("\n").some((line) => line.startsWith(LOSS));
  const areAll = files.length === saying.files.length || (isLossy && files.length < saying.files.length);
  return areAll && linesOf(text).join() === linesOf(wordsOf(saying)).join();
}

function linesOf(text: string): string[] {
  const lines = text.split("\n").filter((line) => !line.startsWith(LOSS));
  return lines.map((line) => line.replace(/\s+/g, " ").trim()).filter((line) => line !== "" && line !== "…");
}

async function upload(
  file: SayingFile,
  bytes: Uint8Array,
  place: Here,
): Promise<{ isOk: true; part: object } | { isOk: false; outcome: Refusal }> {
  const { fileName, contentType } = file;
  const kind = PICTURES.has(contentType.split(";")[0]?.trim().toLowerCase() ?? "") ? "image" : "file";
  const { body, contentType: form } = multipart([{ name: kind, fileName, contentType, bytes }]);
  const headers = { "content-type": form };
  const asked = await request(place, { method: "POST", path: `/${kind}s/upload`, body, headers });
  if (!asked.isOk) {
    const { outcome } = asked;
    return { isOk: false, outcome: outcome.kind === "refused" ? outcome : notNow(outcome) };
  }
  const part = kind === "image" ? pictureIn(asked.json) : fileIn(asked.json, file, bytes.length);
  return part
    ? { isOk: true, part }
    : { isOk: false, outcome: { kind: "refused", detail: "a file was taken without a name" } };
}

function pictureIn(json: unknown): object | undefined {
  const url = storedIn(json)?.url;
  return url ? { image: { url } } : undefined;
}

function fileIn(json: unknown, { fileName, contentType }: SayingFile, size: number): object | undefined {
  const stored = storedIn(json);
  const { url, fileHash, file_hash, hash, fileId, file_id } = stored ?? {};
  const key = fileHash || file_hash || hash;
  const id = fileId || file_id;
  if (!key && !id && !url) return undefined;
  const [, extension] = /\.([A-Za-z0-9]{1,10})$/.exec(fileName) ?? [];
  return {
    file: {
      ...{ name: fileName, content_type: contentType, file_size_in_bytes: size },
      ...(extension && { file_extension: extension }),
      ...(key && { fileHash: key }),
      ...(!key && id && { fileId: id }),
      ...(url && { url }),
    },
  };
}

function storedIn(json: unknown) {
  const { success, data } = Uploaded.safeParse(json);
  return success ? (data.file ?? data.image ?? data.data ?? data) : undefined;
}
