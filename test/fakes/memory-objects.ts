import type { PassingObjects } from "../../shared/ports.ts";

/** The bucket in memory. */
export class MemoryObjects implements PassingObjects {
  readonly kept = new Map<string, Buffer>();
  async put(key: string, body: string | Uint8Array) {
    this.kept.set(key, Buffer.from(body));
  }
  async get(key: string) {
    return this.kept.get(key)?.toString("utf8");
  }
  async remove(key: string) {
    this.kept.delete(key);
  }
}
