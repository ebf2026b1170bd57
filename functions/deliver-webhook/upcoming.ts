/** The entries of a log that a subscription has still to get. */
import type { Entry } from "../../shared/domain/conversation-log.ts";
import { type Delivery, isWanted, type Subscription } from "../../shared/domain/subscription.ts";
import type { LogReader } from "../../shared/ports.ts";
import { LogAccount } from "./log-account.ts";

const PAGE = 50;

export class Upcoming {
  readonly #log: string;
  readonly #table: LogReader;
  readonly #account: LogAccount;
  #page: { after: number; entries: Entry[] } = { after: -1, entries: [] };

  constructor(log: string, table: LogReader) {
    this.#log = log;
    this.#table = table;
    this.#account = new LogAccount(log, table);
  }

  /**
   * What goes out next, and the delivery with everything passed over that lies before it.
   * @param isLate asked from page to page: the rest is left to another invocation
   */
  async next(
    delivery: Delivery,
    subscription: Subscription,
    isLate: () => boolean,
  ): Promise<{ delivery: Delivery; entry?: Entry; isMore?: true }> {
    let at = delivery;
    for (;;) {
      const [replay, ...others] = at.replays;
      const entry = await this.#behind(replay ? replay.next - 1 : at.position);
      if (replay && (!entry || entry.sequence > replay.until)) {
        at = { ...at, replays: others };
        continue;
      }
      if (!entry) return { delivery: at };
      const candidate = await this.#account.with(entry, [subscription]);
      if (isWanted(subscription, candidate, replay !== undefined)) return { delivery: at, entry };
      at = past(at, entry.sequence);
      if (isLate()) return { delivery: at, isMore: true };
    }
  }

  async #behind(sequence: number): Promise<Entry | undefined> {
    const { after, entries } = this.#page;
    const found = sequence >= after ? entries.find((entry) => entry.sequence > sequence) : undefined;
    // A page that was not full was the end; what is written since rings for itself.
    if (found || (after >= 0 && sequence >= after && entries.length < PAGE)) return found;
    this.#page = { after: sequence, entries: await this.#table.entries(this.#log, sequence, PAGE) };
    return this.#page.entries[0];
  }
}

/** The delivery when this entry is done with. */
export function past(delivery: Delivery, sequence: number): Delivery {
  const { failing: _failing, dueAt: _dueAt, ...rest } = delivery;
  const [replay, ...others] = delivery.replays;
  if (!replay) return { ...rest, position: sequence };
  const next = { ...replay, next: sequence + 1 };
  return { ...rest, replays: next.next > replay.until ? others : [next, ...others] };
}
