/** What is told to the owner of the account instead of standing in a conversation. */

import type { Parsed } from "../channels/connector.ts";
import { keptRaw, rawHash } from "../domain/raw-element.ts";

/** @param raw its hash is the key: the same news, however often it comes, is one alert */
export function notice(account: string | undefined, code: string, raw: unknown, reason = UNREADABLE): Parsed {
  return {
    account,
    subject: `${rawHash(raw)}#alert`,
    happening: { type: "account.alert", code, reason, raw: keptRaw(raw) },
  };
}

const UNREADABLE = "WhatsApp sent something that this release cannot read; it is kept.";

/** Unix seconds, as text or number, → the provider's time. */
export function timed(timestamp: unknown): { time?: number } {
  const time = typeof timestamp === "string" || typeof timestamp === "number" ? Number(timestamp) * 1000 : 0;
  return time > 0 && time < 253_402_300_800_000 ? { time } : {};
}
