import type { KeptFile, MediaLinks } from "../../shared/ports.ts";

/** Files in memory, and links that say what they are for. */
export class MemoryMediaLinks implements MediaLinks {
  readonly kept = new Map<string, KeptFile>();
  async find(id: string) {
    return this.kept.get(id);
  }
  async linkToRead(id: string, { seconds, disposition = "" }: { seconds: number; disposition?: string | undefined }) {
    return `https://bucket.test/media/${id}?${new URLSearchParams({ seconds: String(seconds), disposition })}`;
  }
  async linkToWrite(
    id: string,
    { contentType, size }: KeptFile & { sha256?: string | undefined },
    { seconds }: { seconds: number },
  ) {
    const query = new URLSearchParams({ seconds: String(seconds), size: String(size) });
    return { url: `https://bucket.test/media/${id}?${query}`, headers: { "content-type": contentType } };
  }
  placeOf(id: string) {
    return `s3://bucket/media/${id}`;
  }
}
