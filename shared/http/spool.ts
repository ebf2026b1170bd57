/** Where a file that is being fetched lies: on disk, since it may be larger than the memory that is left. */
import { createHash, randomBytes } from "node:crypto";
import { createReadStream } from "node:fs";
import { type FileHandle, open, unlink } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { HEAD_BYTES } from "../domain/file-type.ts";
import type { Spool } from "../ports.ts";

/** The file has no name from the start, so that nothing is left of it when its process ends in whatever way. */
export const spool: Spool = async (chunks, { largestBytes, contentType }) => {
  const handle = await nameless();
  try {
    const digest = createHash("sha256");
    let size = 0;
    let head = new Uint8Array();
    for await (const chunk of chunks) {
      size += chunk.length;
      if (size > largestBytes) {
        await handle.close();
        return undefined;
      }
      digest.update(chunk);
      if (head.length < HEAD_BYTES) head = Buffer.concat([head, chunk.subarray(0, HEAD_BYTES - head.length)]);
      await handle.writeFile(chunk);
    }
    return {
      size,
      sha256: digest.digest("hex"),
      head,
      ...(contentType !== undefined && { contentType }),
      read: () => createReadStream("", { fd: handle.fd, start: 0, autoClose: false }),
      close: () => handle.close(),
    };
  } catch (cause) {
    await handle.close();
    throw cause;
  }
};

async function nameless(): Promise<FileHandle> {
  const path = join(tmpdir(), `recado-${randomBytes(12).toString("hex")}`);
  const handle = await open(path, "wx+", 0o600);
  await unlink(path);
  return handle;
}
