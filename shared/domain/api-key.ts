/**
 * The form of an API key: `rk_<stage>_` and 39 letters and digits, of which the last six are a checksum over all that
 * stands before them. Whoever searches text for secrets can tell a key from what only looks like one, and a key that
 * was copied wrong is refused without asking anybody.
 */
import { createHash } from "node:crypto";

/** Bytes of randomness in a key. */
export const KEY_BYTES = 24;

const DIGITS = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";
/** So many digits hold 192 bits. */
const SECRET_DIGITS = 33;
/** So many hold 32. */
const CHECKSUM_DIGITS = 6;
const PREFIX = "rk_";
const FORM = /^(rk_[a-z][a-z0-9-]{0,15}_[0-9A-Za-z]{33})([0-9A-Za-z]{6})$/;

/** @param random `KEY_BYTES` of cryptographic randomness */
export function newApiKey(stage: string, random: Uint8Array): string {
  const secret = random.subarray(0, KEY_BYTES).reduce((sum, byte) => (sum << 8n) | BigInt(byte), 0n);
  const body = `${PREFIX}${stage}_${digits(secret, SECRET_DIGITS)}`;
  return body + checksum(body);
}

/** Whether it begins like a key and cannot be one. */
export function isMistyped(key: string): boolean {
  if (!key.startsWith(PREFIX)) return false;
  const [, body, sum] = FORM.exec(key) ?? [];
  return body === undefined || checksum(body) !== sum;
}

/**
 * What is stored of a key. A key has 192 random bits, so one round of a plain hash is enough: there is no list of
 * likely keys to try. To look a hash up takes no comparison of secrets whose time could tell anything: who guesses a
 * part of a key gets another hash altogether.
 */
export function hashOfKey(key: string): string {
  return createHash("sha256").update(key).digest("hex");
}

function checksum(body: string): string {
  return digits(BigInt(crc32(body)), CHECKSUM_DIGITS);
}

function digits(value: bigint, length: number): string {
  let rest = value;
  let out = "";
  for (let position = 0; position < length; position++) {
    out = DIGITS.charAt(Number(rest % 62n)) + out;
    rest /= 62n;
  }
  return out;
}

/** CRC-32 as zlib, gzip and PNG have it. */
function crc32(text: string): number {
  let crc = 0xffffffff;
  for (const byte of new TextEncoder().encode(text)) {
    crc ^= byte;
    for (let bit = 0; bit < 8; bit++) crc = crc & 1 ? (crc >>> 1) ^ 0xedb88320 : crc >>> 1;
  }
  return (crc ^ 0xffffffff) >>> 0;
}
