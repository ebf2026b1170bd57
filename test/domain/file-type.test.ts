import { expect, test } from "vitest";
import type { FileContent } from "../../shared/domain/file-content.ts";
import { judgeType } from "../../shared/domain/file-type.ts";

const HEADS = {
  jpeg: "\xff\xd8\xff\xe0",
  png: "\x89PNG\r\n\x1a\n",
  webp: "RIFF\x00\x00\x00\x00WEBPVP8 ",
  mp4: "\x00\x00\x00\x18ftypmp42",
  ogg: "OggS\x00\x02",
  pdf: "%PDF-1.7",
  docx: "PK\x03\x04",
  html: "\n<!DOCTYPE html><html>",
  json: '{"error":{"code":100}}',
  unknown: "\x01\x02\x03\x04",
} as const;

function judged(kind: FileContent["type"], promised: string, head: keyof typeof HEADS, ...announced: string[]) {
  const content: FileContent = { type: kind, media: { contentType: promised } };
  const found = judgeType(content, { head: Buffer.from(HEADS[head], "latin1"), announced });
  return "fault" in found ? "refused" : found.contentType;
}

test.each<[FileContent["type"], string, keyof typeof HEADS, string[], string]>([
  // What was promised holds, as long as nothing speaks against it.
  ["image", "image/jpeg", "jpeg", ["image/jpeg"], "image/jpeg"],
  ["audio", "audio/ogg; codecs=opus", "ogg", ["application/ogg"], "audio/ogg; codecs=opus"],
  ["video", "video/mp4", "mp4", [], "video/mp4"],
  [
    "document",
    "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
    "docx",
    [],
    "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
  ],
  ["image", "image/x-new", "unknown", ["binary/octet-stream"], "image/x-new"],
  // Containers carry sound and film alike.
  ["audio", "audio/mp4", "mp4", ["video/mp4"], "audio/mp4"],
  // Only the kind was promised: what came says more.
  ["image", "image/*", "png", ["image/png"], "image/png"],
  ["audio", "audio/*", "mp4", ["audio/mp4"], "audio/mp4"],
  ["audio", "audio/*", "mp4", [], "video/mp4"],
  ["document", "application/octet-stream", "pdf", [], "application/pdf"],
  ["document", "application/octet-stream", "unknown", ["text/plain"], "text/plain"],
  // A picture is what its bytes are.
  ["image", "image/jpeg", "png", ["image/jpeg"], "image/png"],
  ["sticker", "image/*", "webp", [], "image/webp"],
  // A customer may send a page as a document.
  ["document", "text/html", "html", ["text/html"], "text/html"],
  ["document", "application/octet-stream", "json", ["application/json"], "application/json"],
  // What no header can carry is not kept.
  ["document", 'text/x-vcard; name="José.vcf"', "unknown", ["text/x-vcard"], "text/x-vcard"],
  ["document", "application/pdf\r\nx: y", "pdf", [], "application/pdf"],
  // None of these is what was promised.
  ["image", "image/jpeg", "html", ["text/html; charset=utf-8"], "refused"],
  ["image", "image/jpeg", "html", ["image/jpeg"], "refused"],
  ["image", "image/jpeg", "json", ["application/json"], "refused"],
  ["video", "video/mp4", "unknown", ["application/problem+json"], "refused"],
  ["image", "image/jpeg", "pdf", ["image/jpeg"], "refused"],
  ["image", "image/jpeg", "mp4", [], "refused"],
  ["audio", "audio/mpeg", "jpeg", [], "refused"],
  ["sticker", "image/webp", "ogg", [], "refused"],
  ["document", "application/pdf", "html", ["application/pdf"], "refused"],
])("%s promised as %s, which is %s and was called %j, is %s", (kind, promised, head, announced, expected) => {
  expect(judged(kind, promised, head, ...announced)).toBe(expected);
});
