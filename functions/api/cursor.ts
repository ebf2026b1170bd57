/**
 * Cursors of lists. Callers get them sealed: what comes back was given out by us, for this very list, so no invented
 * position reaches the table.
 */
import { createHmac, timingSafeEqual } from "node:crypto";
import { PublicError } from "./problem.ts";

/** @param list what the cursor is good for, e.g. `messages:conv_…` */
export function sealCursor(secret: string, list: string, position: string): string {
  return `${Buffer.from(position).toString("base64url")}.${seal(secret, list, position).toString("base64url")}`;
}

/** @throws PublicError `bad_parameter` for anything that `sealCursor` did not write for this list */
export function openCursor(secret: string, list: string, cursor: string): string {
  const [written = "", sealed = ""] = cursor.split(".");
  const position = Buffer.from(written, "base64url").toString();
  const given = Buffer.from(sealed, "base64url");
  const expected = seal(secret, list, position);
  if (given.byteLength === expected.byteLength && timingSafeEqual(given, expected)) return position;
  throw new PublicError("bad_parameter", "This is no cursor of this list: take nextCursor from the page before.", {
    field: "cursor",
  });
}

function seal(secret: string, list: string, position: string): Buffer {
  return createHmac("sha256", secret)
    .update(JSON.stringify(["cursor", list, position]))
    .digest()
    .subarray(0, 12);
}
