/** Signed JSON Web Tokens (RFC 7519), by which some vendors want to know who asks. */
import { createHmac, type KeyObject, sign } from "node:crypto";

/** HMAC-SHA256. */
export function hs256Token(claims: object, key: string): string {
  return token("HS256", claims, (signed) => createHmac("sha256", key).update(signed).digest());
}

/** RSA (PKCS #1 v1.5) with SHA-256. */
export function rs256Token(claims: object, key: KeyObject): string {
  return token("RS256", claims, (signed) => sign("sha256", Buffer.from(signed), key));
}

function token(alg: string, claims: object, signatureOf: (signed: string) => Buffer): string {
  const signed = [{ alg, typ: "JWT" }, claims]
    .map((part) => Buffer.from(JSON.stringify(part)).toString("base64url"))
    .join(".");
  return `${signed}.${signatureOf(signed).toString("base64url")}`;
}
