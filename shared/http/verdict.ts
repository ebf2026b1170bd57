/**
 * How a door judges who sent a webhook. Secrets rotate, so that any of several may fit; every one is tried, so that the
 * time tells nothing about which one does.
 */
import { createHash, timingSafeEqual } from "node:crypto";
import type { Verdict } from "../channels/connector.ts";

/** @param hint the likely cause, for the operator's log alone */
export function refused(hint: string): Verdict {
  return { ok: false, hint };
}

/** Nothing can be said about the request. @param hint which secret is missing */
export function unset(hint: string): Verdict {
  return { ok: false, isUnset: true, hint };
}

/** @param digestBy what the other side had to send if this was its key */
export function isByAnyKey(given: Uint8Array, keys: readonly string[], digestBy: (key: string) => Uint8Array): boolean {
  return keys.map((key) => isSame(digestBy(key), given)).includes(true);
}

/** For a secret that is sent as it is: words of any lengths, made comparable. */
export function isAnyWord(given: string, words: readonly string[]): boolean {
  const digest = sha256(given);
  return words.map((word) => timingSafeEqual(sha256(word), digest)).includes(true);
}

/** In constant time, but for the length, which is no secret of a digest's. */
export function isSame(one: Uint8Array, other: Uint8Array): boolean {
  return one.length === other.length && timingSafeEqual(one, other);
}

function sha256(text: string): Buffer {
  return createHash("sha256").update(text).digest();
}
