/**
 * Cursors of lists. Callers get them sealed: what comes back was given out by us, for this very list, so no invented
 * position reaches the table; and nobody reads in it where in the list it stands, which may be at a conversation of an
 * account that the caller does not see.
 */
import { createCipheriv, createDecipheriv, createHmac } from "node:crypto";
import { PublicError } from "./problem.ts";

const CIPHER = "aes-256-gcm";
const NONCE_BYTES = 12;
const TAG_BYTES = 16;

/** @param list what the cursor is good for, e.g. `messages:conv_…` */
export function sealCursor(secret: string, list: string, position: string): string {
  // Made of what is sealed: one nonce never stands for two texts.
  const nonce = keyed(secret, ["cursor nonce", list, position]).subarray(0, NONCE_BYTES);
  const cipher = createCipheriv(CIPHER, keyed(secret, ["cursor"]), nonce).setAAD(Buffer.from(list));
  const sealed = Buffer.concat([cipher.update(position, "utf8"), cipher.final()]);
  return Buffer.concat([nonce, cipher.getAuthTag(), sealed]).toString("base64url");
}

/** @throws PublicError `bad_parameter` for anything that `sealCursor` did not write for this list */
export function openCursor(secret: string, list: string, cursor: string): string {
  const bytes = Buffer.from(cursor, "base64url");
  const tag = bytes.subarray(NONCE_BYTES, NONCE_BYTES + TAG_BYTES);
  if (tag.byteLength < TAG_BYTES) throw foreign();
  const decipher = createDecipheriv(CIPHER, keyed(secret, ["cursor"]), bytes.subarray(0, NONCE_BYTES));
  decipher.setAAD(Buffer.from(list)).setAuthTag(tag);
  try {
    const opened = decipher.update(bytes.subarray(NONCE_BYTES + TAG_BYTES));
    return Buffer.concat([opened, decipher.final()]).toString();
  } catch {
    throw foreign();
  }
}

function foreign(): PublicError {
  return new PublicError("bad_parameter", "This is no cursor of this list: take nextCursor from the page before.", {
    field: "cursor",
  });
}

function keyed(secret: string, parts: readonly string[]): Buffer {
  return createHmac("sha256", secret).update(JSON.stringify(parts)).digest();
}
