/** When nothing proactive is sent, by the clock on the customers' wall; summer time included. */

/** Times of day like `21:00`; `to` is the next morning's where it is the earlier of the two. */
export interface QuietHours {
  from: string;
  to: string;
  timeZone: string;
}

const MINUTE_MS = 60_000;
/** Steps of the search; what is not quiet for less than that is not worth waiting for. */
const STEP_MINUTES = 15;
/** Longer than any night, the one with an hour more included. */
const LONGEST_MINUTES = 26 * 60;

/**
 * When the quiet hours that are on now are over.
 * @param now ms since 1970
 * @returns ms since 1970, on the minute; undefined when it is not quiet
 */
export function quietUntil({ from, to, timeZone }: QuietHours, now: number): number | undefined {
  const wall = new Intl.DateTimeFormat("en-GB", { timeZone, hour: "2-digit", minute: "2-digit", hourCycle: "h23" });
  const [begins, ends] = [from, to].map(minutesOf) as [number, number];
  const isQuiet = (time: number) => {
    const minutes = minutesOf(wall.format(time));
    return begins < ends ? minutes >= begins && minutes < ends : begins > ends && (minutes >= begins || minutes < ends);
  };
  if (!isQuiet(now)) return undefined;
  // Clocks go forward and back on the full minute, wherever they do: so the wall is asked, nothing is added up.
  const start = Math.floor(now / MINUTE_MS) * MINUTE_MS;
  const isOver = (minutes: number) => !isQuiet(start + minutes * MINUTE_MS);
  let minutes = STEP_MINUTES;
  while (!isOver(minutes) && minutes < LONGEST_MINUTES) minutes += STEP_MINUTES;
  while (isOver(minutes - 1)) minutes -= 1;
  return start + minutes * MINUTE_MS;
}

function minutesOf(time: string): number {
  const [hours, minutes] = time.split(":").map(Number);
  return (hours ?? 0) * 60 + (minutes ?? 0);
}
