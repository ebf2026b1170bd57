import { createPublicKey, verify as isSignedBy, type KeyObject } from "node:crypto";
import type { Verdict, WebhookReply, WebhookRequest } from "../../channels/connector.ts";
import { everyKey } from "../../domain/rotating-secret.ts";
import { refused, unset } from "../../http/verdict.ts";
import type { Desk } from "../helpdesk.ts";
import type { Secrets, Settings } from "./settings.ts";

const TYPES = ["spki", "pkcs1"] as const;

/**
 * Base64 of an RSA signature (PKCS #1 v1.5, SHA-256) over the raw body, by the account's key, whose public half Freshchat
 * shows. No time is signed: that the same webhook does nothing twice is due to the ids of what it tells.
 */
export function verify({ headers, body }: WebhookRequest, { secrets }: Desk<Settings, Secrets>): Verdict {
  const given = everyKey(secrets.publicKey);
  if (given.length === 0) return unset("no public key is set");
  const keys = given.flatMap((text) => publicKeyIn(text) ?? []);
  if (keys.length === 0) return refused("publicKey is no RSA public key: copy all of it, with its first and last line");
  const header = headers["x-freshchat-signature"]?.trim();
  if (!header) return refused("the header X-Freshchat-Signature is missing");
  if (!/^[A-Za-z0-9+/]+={0,2}$/.test(header)) return refused("X-Freshchat-Signature is not base64");
  const signature = Buffer.from(header, "base64");
  const verdicts = keys.map((key) => isSignedBy("sha256", body, key, signature));
  return verdicts.includes(true) ? { ok: true } : refused("the signature is of another key, or of other bytes");
}

/** It is said to wait three seconds; nothing of the answer is read. */
export function reply(): WebhookReply {
  return { status: 200, contentType: "application/json", body: "{}" };
}

/**
 * Freshchat's page says `RSA PUBLIC KEY`, which stands for one form (PKCS #1), and shows another one (SPKI); whoever copies
 * it often ends up with a single line. So what is between the first and the last line counts, in either form.
 */
function publicKeyIn(pem: string): KeyObject | undefined {
  const body = pem
    .replaceAll("\\n", "\n")
    .replaceAll(/-----[^-]+-----/g, "")
    .replaceAll(/\s+/g, "");
  if (!/^[A-Za-z0-9+/]+={0,2}$/.test(body)) return undefined;
  const der = Buffer.from(body, "base64");
  for (const type of TYPES) {
    try {
      const key = createPublicKey({ key: der, format: "der", type });
      if (key.asymmetricKeyType === "rsa") return key;
    } catch {
      // Not of this form.
    }
  }
  return undefined;
}
