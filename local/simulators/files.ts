/** The files that customers send: small ones with the right first bytes, kept in memory and given out as the vendor does. */
import { createHash, randomBytes } from "node:crypto";
import { Readable } from "node:stream";
import { setTimeout as sleep } from "node:timers/promises";
import type { Faults } from "./faults.ts";
import type { Answer } from "./http.ts";

export interface CustomerFile {
  id: string;
  customer: string;
  contentType: string;
  bytes: Buffer;
  sha256: Buffer;
}

export interface Files {
  keep(file: { customer: string; contentType: string; id?: string }): CustomerFile;
  find(id: string): CustomerFile | undefined;
  /** What a request for the file gets, as it was ordered. @param dead what the vendor says when a link has died */
  give(file: CustomerFile, dead: Answer): Promise<Answer>;
}

/** How files of a type begin; of any other type they are text. */
const BEGINNINGS: Record<string, string> = {
  "image/jpeg": "\xff\xd8\xff\xe0\x00\x10JFIF\x00\x01",
  "image/png": "\x89PNG\r\n\x1a\n",
  "image/webp": "RIFF\x00\x08\x00\x00WEBPVP8 ",
  "video/mp4": "\x00\x00\x00\x18ftypmp42\x00\x00\x00\x00",
  "audio/mp4": "\x00\x00\x00\x18ftypM4A \x00\x00\x00\x00",
  "audio/mpeg": "ID3\x04\x00\x00\x00\x00\x00\x00",
  "audio/ogg": "OggS\x00\x02",
  "application/pdf": "%PDF-1.7\n",
};
const SIZE = 2_048;

const PAGE = "<!DOCTYPE html><html><head><title>Log in</title></head><body>Please log in.</body></html>";
/** Where no request from outside should ever lead: what a server in a cloud is told about itself. */
const INSIDE = "http://169.254.169.254/latest/meta-data/iam/security-credentials/";
const ANNOUNCED_HUGE = 2_000_000_000;

export function createFiles(faults: Faults, closing: AbortSignal): Files {
  const files = new Map<string, CustomerFile>();
  return {
    keep({ customer, contentType, id = String(randomBytes(6).readUIntBE(0, 6)) }) {
      const beginning = BEGINNINGS[contentType.split(";")[0] ?? ""] ?? "BEGIN:VCARD\n";
      const bytes = Buffer.concat([Buffer.from(beginning, "latin1"), randomBytes(SIZE)]);
      const sha256 = createHash("sha256").update(bytes).digest();
      const file = { id, customer, contentType, bytes, sha256 };
      files.set(id, file);
      return file;
    },
    find: (id) => files.get(id),
    async give({ customer, contentType, bytes }, dead) {
      const about = { customer };
      const whole = (body: Buffer, type = contentType): Answer => ({
        status: 200,
        headers: { "content-type": type, "content-length": String(body.length) },
        body,
      });
      if (faults.take("dead_link", about)) return dead;
      if (faults.take("link_inside", about)) return { status: 302, headers: { location: INSIDE }, body: "" };
      if (faults.take("page_for_file", about)) return whole(Buffer.from(PAGE), "text/html; charset=utf-8");
      if (faults.take("other_file", about)) return whole(Buffer.concat([bytes, Buffer.from("!")]));
      if (faults.take("file_announced_huge", about)) {
        const headers = { "content-type": contentType, "content-length": String(ANNOUNCED_HUGE) };
        return { status: 200, headers, body: endless(bytes) };
      }
      if (faults.take("endless_file", about))
        return { status: 200, headers: { "content-type": contentType }, body: endless(bytes) };
      const slow = faults.take("slow_file", about);
      if (slow) await sleep(slow.delayMs, undefined, { signal: closing }).catch(() => {});
      return whole(bytes);
    },
  };
}

/** The same again and again, as long as somebody reads. */
function endless(bytes: Buffer): Readable {
  const piece = Buffer.concat(Array.from({ length: 32 }, () => bytes));
  return new Readable({
    read() {
      this.push(piece);
    },
  });
}
