/** How long is waited for others, who mostly take a second and may stand still for hours. */
const SHORTEST_SECONDS = 1;
const LONGEST_SECONDS = 60;

/**
 * A tenth of the time that it has taken so far: a queue gives a message out a thousand times at most.
 * @param since when the wait began (ms since 1970)
 */
export function againSeconds(since: number, now: number): number {
  return Math.min(Math.max((now - since) / 10_000, SHORTEST_SECONDS), LONGEST_SECONDS);
}
