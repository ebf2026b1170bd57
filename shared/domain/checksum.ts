/** Checksums as providers write them: one and the same vendor in hexadecimal here and in base64 there. */

/** SHA-256 in lower-case hexadecimal; undefined for what is no such checksum, which then says nothing. */
export function sha256In(written: string | undefined): string | undefined {
  const text = written?.trim() ?? "";
  if (/^[0-9a-fA-F]{64}$/.test(text)) return text.toLowerCase();
  return /^[\w+/-]{43}=?$/.test(text) ? Buffer.from(text, "base64").toString("hex") : undefined;
}
