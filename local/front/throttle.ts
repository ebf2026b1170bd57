/** A bucket of tokens, as API Gateway limits requests: refilled steadily, one token a request. */
import type { Throttle } from "../template/stack.ts";

/** @param now ms, never going back */
export function createThrottle({ ratePerSecond, burst }: Throttle, now: () => number): () => "admitted" | "refused" {
  let tokens = burst;
  let refilledAt = now();
  return () => {
    const at = now();
    tokens = Math.min(burst, tokens + ((at - refilledAt) / 1000) * ratePerSecond);
    refilledAt = at;
    if (tokens < 1) return "refused";
    tokens -= 1;
    return "admitted";
  };
}
