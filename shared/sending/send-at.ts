import { LONGEST_AHEAD_DAYS } from "../domain/sending-shapes.ts";

/** The clock of whoever calls may be behind ours. */
const TOLERANCE_MS = 60_000;
const DAY_MS = 86_400_000;

/** @returns when a message is to go out, in ms since 1970; undefined for a time that is over or too far ahead */
export function readSendAt(written: string, now: number): number | undefined {
  const at = Date.parse(written);
  return at >= now - TOLERANCE_MS && at <= now + LONGEST_AHEAD_DAYS * DAY_MS ? at : undefined;
}
