/**
 * How long to wait before the next try: 5, 10, 20, 40 … seconds.
 * @param received how often the queue has handed it out, this time included
 * @param longest never more than so many seconds
 */
export function doublingSeconds(received: number, longest: number): number {
  return Math.min(5 * 2 ** Math.max(received - 1, 0), longest);
}
