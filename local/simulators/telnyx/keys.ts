/** Key pairs as Telnyx signs with them: always the same of the same words, so that nothing has to be kept. */
import { createHash, createPrivateKey, createPublicKey, type KeyObject } from "node:crypto";

/** What stands before the 32 bytes of an Ed25519 private key in DER (RFC 8410). */
const PKCS8_HEAD = Buffer.from("302e020100300506032b657004220420", "hex");

export function signingKeyOf(words: string): KeyObject {
  const seed = createHash("sha256").update(words).digest();
  return createPrivateKey({ key: Buffer.concat([PKCS8_HEAD, seed]), format: "der", type: "pkcs8" });
}

/** As Mission Control shows it: the base64 of 32 bytes. */
export function publicKeyOf(words: string): string {
  const der = createPublicKey(signingKeyOf(words)).export({ format: "der", type: "spki" });
  return der.subarray(-32).toString("base64");
}
