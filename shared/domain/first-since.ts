/**
 * The first entry of those up to `last` that was recorded at `time` or later; behind the last one when there is none. A
 * long log is not read for that, only looked into: the times of a log never go back.
 * @param recordedAt when the entry with this number was recorded
 */
export async function firstSince(
  time: number,
  last: number,
  recordedAt: (sequence: number) => Promise<number | undefined>,
): Promise<number> {
  let [low, high] = [1, last + 1];
  while (low < high) {
    const middle = Math.floor((low + high) / 2);
    const recorded = await recordedAt(middle);
    if (recorded !== undefined && recorded >= time) high = middle;
    else low = middle + 1;
  }
  return low;
}
