/** Times as commands take them. */
import { printable } from "./event-line.ts";
import { Failure } from "./failure.ts";

const UNITS: Readonly<Record<string, number>> = { m: 60_000, h: 3_600_000, d: 86_400_000 };

/** ISO 8601. @param text a time, or so long ago: `2h` @throws Failure */
export function timeOf(text: string, now: number): string {
  const [, number, unit = ""] = /^(\d+)([mhd])$/.exec(text) ?? [];
  const time = number === undefined ? Date.parse(text) : now - Number(number) * (UNITS[unit] ?? 0);
  if (Number.isNaN(time))
    throw new Failure(
      `${printable(text)} is no time. Write 2026-11-22T09:00:00Z, 2026-11-22, or 2h for two hours ago.`,
    );
  return new Date(time).toISOString();
}
