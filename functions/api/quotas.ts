/**
 * How many requests a key may make, counted over all instances of the function. An instance takes requests in lots from
 * the count that all share and spends them without asking again, so few requests write anything
 * (docs/decisions/0036-limits-in-lots.md). The count is exact: nobody spends what was not counted before. What an
 * instance has left over it may spend up to a minute later, and of a key's spans of time one may so hold a few more
 * than the limit, at most a lot for each instance.
 */
import { log } from "../../shared/log.ts";
import { type ApiKeys, type Clock, type RateLimit, WorldFault } from "../../shared/ports.ts";
import type { Caller } from "./route.ts";

/** Of the limit, so much at once at most. */
const LARGEST_LOT = 0.1;
/** What was taken is good for so long, and so is what an instance has learned of how much the key asks. */
const LEFT_OVER_MS = 60_000;
const MOST_REMEMBERED = 1_000;

/** `headers`: how much is left, as draft-ietf-httpapi-ratelimit-headers-10 writes it; none for a key without a limit. */
export interface Admission {
  headers: Record<string, string>;
  /** Seconds until it is worth asking again, where there is no room. */
  refusedFor?: number;
}

interface Share {
  /** Counted already and not yet spent. */
  left: number;
  /** The next lot: the first are small, since of many instances most see few requests. */
  lot: number;
  takenAt: number;
  /** Of the span that was counted last: its number, and what was left in it for all. */
  span: number;
  leftForAll: number;
}

/** One per process. */
export class Quotas {
  readonly #keys: ApiKeys;
  readonly #clock: Clock;
  readonly #shares = new Map<string, Share>();

  constructor({ keys, clock }: { keys: ApiKeys; clock: Clock }) {
    this.#keys = keys;
    this.#clock = clock;
  }

  /** Counts one request of the caller. */
  async admit({ id, limit }: Caller): Promise<Admission> {
    if (!limit) return { headers: {} };
    const now = this.#clock.now();
    const spanMs = limit.seconds * 1000;
    const span = { number: Math.floor(now / spanMs), endsAt: (Math.floor(now / spanMs) + 1) * spanMs };
    const share = this.#shareOf(id, now);
    if (share.left === 0 && !(share.span === span.number && share.leftForAll === 0)) {
      const isCounted = await this.#take(id, { share, span, limit, now });
      if (!isCounted) return { headers: {} };
    }
    const hasRoom = share.left > 0;
    if (hasRoom) share.left -= 1;
    const seconds = Math.max(1, Math.ceil((span.endsAt - now) / 1000));
    const leftForAll = share.span === span.number ? share.leftForAll : limit.requests;
    const headers = {
      "ratelimit-policy": `"key";q=${limit.requests};w=${limit.seconds}`,
      ratelimit: `"key";r=${Math.min(limit.requests, leftForAll + share.left)};t=${seconds}`,
    };
    return { headers, ...(!hasRoom && { refusedFor: seconds }) };
  }

  #shareOf(id: string, now: number): Share {
    const known = this.#shares.get(id);
    if (known && now - known.takenAt < LEFT_OVER_MS) return known;
    if (this.#shares.size >= MOST_REMEMBERED) this.#shares.clear();
    const share = { left: 0, lot: 1, takenAt: now, span: -1, leftForAll: 0 };
    this.#shares.set(id, share);
    return share;
  }

  /** False when the table could not be asked: better too many requests for a while than none. */
  async #take(
    id: string,
    {
      share,
      span,
      limit,
      now,
    }: { share: Share; span: { number: number; endsAt: number }; limit: RateLimit; now: number },
  ): Promise<boolean> {
    const lot = share.lot;
    try {
      const counted = await this.#keys.countRequests(id, span, lot);
      const before = counted - lot;
      share.left += Math.max(0, Math.min(lot, limit.requests - before));
      share.leftForAll = Math.max(0, limit.requests - counted);
      share.span = span.number;
      share.takenAt = now;
      share.lot = Math.min(lot * 2, Math.max(1, Math.floor(limit.requests * LARGEST_LOT)));
      return true;
    } catch (cause) {
      if (!(cause instanceof WorldFault)) throw cause;
      log("warn", "api_requests_not_counted", { caller: id, reason: cause.message });
      return false;
    }
  }
}
