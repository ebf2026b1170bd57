/**
 * The link under which a customer opens a file that the channel does not take: an address of our own, short enough for an
 * SMS, that leads to the file while its time lasts. What it says is signed, so nothing has to be kept of it. A link that
 * S3 presigns is no substitute: with a function's session token it is longer than a text message may be.
 */
import { createHmac, timingSafeEqual } from "node:crypto";
import { type IdSecret, isMediaId } from "./ids.ts";

export const LINK_DAYS = 7;
const LINK_MS = LINK_DAYS * 86_400_000;

/** What the address of an API in the region with the longest name and the code behind it come to. */
const LONGEST_LINK = 130;

/**
 * Stands in a text where the link will be, and is as long, so that what fits with it still fits with the link. The log
 * keeps this: a link lets in whoever reads it.
 */
export function placeholderOf(id: string): string {
  return `https://media.invalid/${id}/`.padEnd(LONGEST_LINK, "0");
}

/** @returns the code behind `/v1/links/`; opens the file until seven days after `now` (ms since 1970) */
export function linkCode(secret: IdSecret, id: string, now: number): string {
  const said = `${id}.${Math.ceil((now + LINK_MS) / 1000).toString(36)}`;
  return `${said}.${signature(secret, said)}`;
}

/** The file that a code opens; undefined where it is none of ours, or its time is over. */
export function fileBehind(secret: IdSecret, code: string, now: number): string | undefined {
  const [, said = "", id = "", until = "", signed = ""] = /^(([^.]+)\.([0-9a-z]{1,10}))\.([\w-]{22})$/.exec(code) ?? [];
  if (!isMediaId(id) || !timingSafeEqual(Buffer.from(signed), Buffer.from(signature(secret, said)))) return undefined;
  return Number.parseInt(until, 36) * 1000 > now ? id : undefined;
}

function signature(secret: IdSecret, said: string): string {
  return createHmac("sha256", secret).update(`media link ${said}`).digest("base64url").slice(0, 22);
}
