/**
 * All subscriptions, as they were a moment ago: one small read for everything that this process does within that time,
 * which is all that a deployment without any subscription has of them.
 */
import { KNOWN_FOR_MS, type KnownSubscription } from "../../shared/domain/subscription.ts";
import type { Clock, Subscriptions } from "../../shared/ports.ts";

export class KnownSubscriptions {
  readonly #table: Pick<Subscriptions, "subscriptions">;
  readonly #clock: Clock;
  #read: { at: number; all: KnownSubscription[] } | undefined;

  constructor({ table, clock }: { table: Pick<Subscriptions, "subscriptions">; clock: Clock }) {
    this.#table = table;
    this.#clock = clock;
  }

  async all(): Promise<readonly KnownSubscription[]> {
    const now = this.#clock.now();
    // What was read counts from before it was read.
    if (!this.#read || now - this.#read.at >= KNOWN_FOR_MS)
      this.#read = { at: now, all: await this.#table.subscriptions() };
    return this.#read.all;
  }

  async one(id: string): Promise<KnownSubscription | undefined> {
    const known = await this.#find(id);
    if (known && !known.subscription.disabled) return known;
    // Whoever asks for it may know more: it may have been switched on a moment ago.
    this.forget();
    return this.#find(id);
  }

  async #find(id: string): Promise<KnownSubscription | undefined> {
    return (await this.all()).find(({ subscription }) => subscription.id === id);
  }

  /** What is read next is read anew. */
  forget(): void {
    this.#read = undefined;
  }
}
