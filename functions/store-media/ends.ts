/** What becomes of a file in the end, in the words of its event. The sentences are for agents. */
import type * as z from "zod";
import type { eventData } from "../../shared/domain/event.ts";

type Data<Type extends "media.stored" | "media.failed"> = Omit<z.infer<(typeof eventData)[Type]>, "message">;

export type MediaEnd =
  | { type: "media.stored"; data: Data<"media.stored"> }
  | { type: "media.failed"; data: Data<"media.failed"> };

const FAILURES = {
  expired: ["expired", "The provider no longer has the file."],
  refused: ["unavailable", "The provider does not hand the file to this account; its access token may be wrong."],
  wrong_type: ["wrong_type", "What came is not the kind of file that was announced."],
  wrong_checksum: ["wrong_checksum", "The file is not the one that was announced: its checksum differs."],
  forbidden_address: ["forbidden_address", "The file's address leads to a place that may not be asked."],
  unusable: ["unavailable", "The provider's answer is no file."],
  unavailable: ["unavailable", "The provider did not hand out the file within six hours."],
  not_configured: ["unavailable", "The account is not configured any more, so its files cannot be fetched."],
} as const satisfies Record<string, readonly [Data<"media.failed">["code"], string]>;

/** @param more a sentence that says what was found */
export function endOf(failure: keyof typeof FAILURES, more?: string): MediaEnd {
  const [code, sentence] = FAILURES[failure];
  return { type: "media.failed", data: { code, reason: more === undefined ? sentence : `${sentence} ${more}` } };
}

export function tooLarge(largestBytes: number): MediaEnd {
  const reason = `The file is larger than the ${Math.floor(largestBytes / 1_000_000)} MB that are kept.`;
  return { type: "media.failed", data: { code: "too_large", reason } };
}
