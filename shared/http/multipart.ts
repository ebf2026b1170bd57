/** `multipart/form-data` (RFC 7578), for the APIs that take files in no other way. */
import { randomBytes } from "node:crypto";

/** One field: a text, or a file. */
export type Part =
  | { name: string; value: string }
  | { name: string; fileName: string; contentType: string; bytes: Uint8Array };

/** @returns the body, and the `content-type` that belongs to it */
export function multipart(parts: readonly Part[]): { contentType: string; body: Uint8Array } {
  const boundary = `recado-${randomBytes(18).toString("hex")}`;
  const pieces = parts.flatMap((part) => {
    const isText = "value" in part;
    const about = isText ? "" : `; filename="${quoted(part.fileName)}"\r\nContent-Type: ${part.contentType}`;
    const head = `--${boundary}\r\nContent-Disposition: form-data; name="${quoted(part.name)}"${about}\r\n\r\n`;
    return [Buffer.from(head), isText ? Buffer.from(part.value) : part.bytes, Buffer.from("\r\n")];
  });
  return {
    contentType: `multipart/form-data; boundary=${boundary}`,
    body: Buffer.concat([...pieces, Buffer.from(`--${boundary}--\r\n`)]),
  };
}

/** As browsers write it. */
function quoted(name: string): string {
  return name.replaceAll("\r", "%0D").replaceAll("\n", "%0A").replaceAll('"', "%22");
}
