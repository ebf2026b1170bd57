/** The provider's time in ISO 8601, as ms since 1970; nothing where it is none. To be spread into a happening. */
export function isoTime(timestamp: string | undefined): { time?: number } {
  const time = Date.parse(timestamp ?? "");
  return Number.isNaN(time) ? {} : { time };
}
