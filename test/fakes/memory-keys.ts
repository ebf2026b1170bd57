/** API keys in memory, and what was written about them. */
import type { ApiKey, ApiKeys } from "../../shared/ports.ts";

export class MemoryKeys implements ApiKeys {
  readonly #keys = new Map<string, ApiKey>();
  readonly #counts = new Map<string, number>();
  /** Every call, oldest first. */
  readonly looked: string[] = [];
  readonly used: { key: string; now: number }[] = [];
  readonly counted: { key: string; span: number; requests: number }[] = [];

  add(sha256: string, key: ApiKey) {
    this.#keys.set(sha256, key);
  }
  remove(id: string) {
    for (const [sha256, key] of this.#keys) if (key.id === id) this.#keys.delete(sha256);
  }

  async apiKey(sha256: string) {
    this.looked.push(sha256);
    return this.#keys.get(sha256);
  }
  async noteUse(key: string, now: number) {
    this.used.push({ key, now });
  }
  async countRequests(key: string, { number: span }: { number: number }, requests: number) {
    this.counted.push({ key, span, requests });
    const total = (this.#counts.get(`${key} ${span}`) ?? 0) + requests;
    this.#counts.set(`${key} ${span}`, total);
    return total;
  }
}
