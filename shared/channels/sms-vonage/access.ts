import { createPrivateKey, type KeyObject, randomUUID } from "node:crypto";
import { everyKey } from "../../domain/rotating-secret.ts";
import { rs256Token } from "../../http/json-web-token.ts";
import type { Account } from "../connector.ts";
import type { Secrets, Settings } from "./settings.ts";

type Access = { ok: true; authorization: string } | { ok: false; detail: string };

/** How requests of the account are authorized. */
export function accessOf({ settings: { apiKey, applicationId }, secrets }: Account<Settings, Secrets>): Access {
  if (applicationId === undefined) {
    const [secret] = everyKey(secrets.apiSecret);
    if (!secret) return { ok: false, detail: "no API secret is set for this account" };
    return { ok: true, authorization: `Basic ${Buffer.from(`${apiKey}:${secret}`).toString("base64")}` };
  }
  const [pem] = everyKey(secrets.privateKey);
  const key = pem === undefined ? undefined : keyIn(pem);
  if (!key) return { ok: false, detail: "no private key of the application is set, or it is no PEM of an RSA key" };
  return { ok: true, authorization: `Bearer ${token(applicationId, key)}` };
}

const TOKEN_SECONDS = 300;

/** https://developer.vonage.com/en/getting-started/concepts/authentication: RS256, a fresh one for every request. */
function token(applicationId: string, key: KeyObject): string {
  const iat = Math.floor(Date.now() / 1000);
  const claims = { application_id: applicationId, iat, exp: iat + TOKEN_SECONDS, jti: randomUUID() };
  return rs256Token(claims, key);
}

/** A PEM that was pasted into one line has `\n` for its line ends. */
function keyIn(pem: string): KeyObject | undefined {
  try {
    const key = createPrivateKey(pem.replaceAll("\\n", "\n"));
    return key.asymmetricKeyType === "rsa" ? key : undefined;
  } catch {
    return undefined;
  }
}
