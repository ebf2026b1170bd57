import type { Batch, BatchResult } from "../../shared/domain/batch.ts";
import type { Batches, BatchQueue } from "../../shared/ports.ts";

/** What is kept of batches, in memory. */
export class MemoryBatches implements Batches {
  readonly kept = new Map<string, Batch>();
  readonly results = new Map<string, BatchResult>();

  async batch(id: string) {
    return structuredClone(this.kept.get(id));
  }
  async beginBatch(batch: Batch) {
    if (!this.kept.has(batch.id)) this.kept.set(batch.id, structuredClone(batch));
  }
  async cancelBatch(id: string, now: number) {
    this.#change(id, (batch) => batch.cancelledAt === undefined && { cancelledAt: now });
  }
  async putBatchResults({ id }: Batch, from: number, results: readonly BatchResult[]) {
    for (const [at, result] of results.entries()) this.results.set(`${id} ${from + at}`, structuredClone(result));
  }
  async moveBatch(id: string, from: number, counts: { accepted: number; refused: number }) {
    this.#change(id, ({ position, accepted, refused }) => {
      if (position !== from) return false;
      const more = counts.accepted + counts.refused;
      return { position: from + more, accepted: accepted + counts.accepted, refused: refused + counts.refused };
    });
  }
  async stopBatch(id: string, from: number, to: number) {
    this.#change(id, ({ stopped = 0 }) => stopped === from && { stopped: to });
  }
  async batchResults(id: string, from: number, limit: number) {
    const indexes = Array.from({ length: limit }, (_, at) => from + at);
    return new Map(
      indexes.flatMap((index): [number, BatchResult][] => {
        const result = this.results.get(`${id} ${index}`);
        return result ? [[index, result]] : [];
      }),
    );
  }
  async batches({ limit, cursor }: { limit: number; cursor?: string }) {
    const newestFirst = [...this.kept.values()].sort((a, b) => (a.id < b.id ? 1 : -1));
    const rest = newestFirst.filter(({ id }) => cursor === undefined || id < cursor);
    const page = rest.slice(0, limit);
    const last = page.at(-1);
    return { batches: structuredClone(page), ...(last && rest.length > limit && { nextCursor: last.id }) };
  }

  #change(id: string, change: (batch: Batch) => Partial<Batch> | false): void {
    const batch = this.kept.get(id);
    const changed = batch && change(batch);
    if (batch && changed) this.kept.set(id, { ...batch, ...changed });
  }
}

/** The queue of batches as lists: one of those that follow one another, one of those to be stopped, who wait for nobody. */
export class MemoryBatchQueue implements BatchQueue {
  readonly waiting: string[] = [];
  readonly stops: string[] = [];
  async queueBatch(batch: string) {
    this.waiting.push(batch);
  }
  async queueStop(batch: string) {
    this.stops.push(batch);
  }
}
