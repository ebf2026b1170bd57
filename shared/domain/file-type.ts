/** What kind of file the bytes are, held against what was promised. Content types are compared without parameters. */
import type { FileContent } from "./file-content.ts";

/** So many bytes tell. */
export const HEAD_BYTES = 1024;

/** Formats by their first bytes. Containers carry sound and film alike, and only what is told of them says which. */
const MAGIC: readonly { type: string; at: number; bytes: string }[] = [
  { type: "image/jpeg", at: 0, bytes: "\xff\xd8\xff" },
  { type: "image/png", at: 0, bytes: "\x89PNG\r\n\x1a\n" },
  { type: "image/gif", at: 0, bytes: "GIF8" },
  { type: "image/webp", at: 8, bytes: "WEBP" },
  { type: "image/heic", at: 4, bytes: "ftyphei" },
  { type: "image/heic", at: 4, bytes: "ftypmif1" },
  { type: "image/avif", at: 4, bytes: "ftypavif" },
  { type: "application/pdf", at: 0, bytes: "%PDF-" },
  { type: "application/zip", at: 0, bytes: "PK\x03\x04" },
  { type: "audio/mpeg", at: 0, bytes: "ID3" },
  { type: "audio/amr", at: 0, bytes: "#!AMR" },
  { type: "audio/wav", at: 8, bytes: "WAVE" },
  { type: "video/mp4", at: 4, bytes: "ftyp" },
  { type: "video/webm", at: 0, bytes: "\x1aE\xdf\xa3" },
  { type: "video/ogg", at: 0, bytes: "OggS" },
];

/** A page or an error in JSON, where a file should be. */
const WORDS = /^\s*(<!doctype html|<html|<head|<\?xml[^>]*>\s*<error|\{\s*("|\}))/i;

/** The format that the first bytes show; undefined where they do not. */
function sniffed(head: Uint8Array): string | undefined {
  const bytes = Buffer.from(head).toString("latin1");
  return MAGIC.find(({ at, bytes: magic }) => bytes.startsWith(magic, at))?.type;
}

/**
 * @param announced what the provider's look-up and the answer said, the more trusted first
 * @returns the content type that the file is to be kept with, or why it cannot be what was promised
 */
export function judgeType(
  { type: kind, media: { contentType: promised } }: FileContent,
  { head, announced }: { head: Uint8Array; announced: readonly (string | undefined)[] },
): { contentType: string } | { fault: string } {
  const found = sniffed(head);
  const given = announced.flatMap((one) => one?.trim() || []);
  if (kind === "document") {
    const isWords = WORDS.test(Buffer.from(head).toString("latin1"));
    if (isWords && BINARY.test(bare(promised))) return { fault: `It is no ${bare(promised)} but a page or an error.` };
    return { contentType: [promised, ...given].find(isExact) ?? found ?? GENERIC };
  }
  const wordy = given.find((one) => /^(text\/|application\/(json|xml|problem))/.test(bare(one)));
  if (wordy !== undefined) return { fault: `It was announced as ${kind} and came as ${bare(wordy)}.` };
  if (WORDS.test(Buffer.from(head).toString("latin1"))) return { fault: `It is no ${kind} but a page or an error.` };
  if (found !== undefined && !fits(found, kind)) return { fault: `It was announced as ${kind} and is ${found}.` };
  // A picture is what it is, whatever it was called; of a container only its maker knows more.
  const isPicture = found?.startsWith("image/") === true;
  const told = [promised, ...given].find((one) => isExact(one) && fits(bare(one), kind));
  return { contentType: (isPicture && bare(told) !== found ? found : told) ?? found ?? GENERIC };
}

const GENERIC = "application/octet-stream";
const BINARY = /^(image|audio|video)\/|^application\/(pdf|zip|msword|vnd\.(openxmlformats|ms-))/;

function fits(type: string, kind: FileContent["type"]): boolean {
  const isPicture = type.startsWith("image/");
  if (kind === "image" || kind === "sticker") return isPicture;
  // What carries film carries sound.
  return !isPicture && /^(audio|video)\//.test(type);
}

/** `image/*` and the name for any bytes at all are promises of the kind alone; what is kept goes into a header. */
function isExact(type: string): boolean {
  return /^[\w.+-]+\/[\w.+-]+[\x20-\x7e]*$/.test(type) && bare(type) !== GENERIC;
}

function bare(type: string | undefined): string {
  return type?.split(";")[0]?.trim().toLowerCase() ?? "";
}
