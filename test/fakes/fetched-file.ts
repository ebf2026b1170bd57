import { createHash } from "node:crypto";
import type { Fetched, FetchedFile } from "../../shared/ports.ts";

/** A file as it was fetched; whether it was closed again is counted. */
export function fetchedFile(bytes: Buffer, contentType?: string): Fetched & { closed: number } {
  const file: FetchedFile = {
    size: bytes.length,
    sha256: createHash("sha256").update(bytes).digest("hex"),
    head: bytes.subarray(0, 1024),
    ...(contentType !== undefined && { contentType }),
    async *read() {
      yield bytes;
    },
    close: async () => void result.closed++,
  };
  const result = { kind: "fetched" as const, file, closed: 0 };
  return result;
}
