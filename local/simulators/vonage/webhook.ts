/** How Vonage signs and repeats the webhooks of its Messages API. */
import { createHash, createHmac, randomUUID } from "node:crypto";
import type { Webhook } from "../webhooks.ts";

export interface SigningAccount {
  apiKey: string;
  signatureSecret: string;
}

/** `Authorization`: a token with the hash of the body in it, signed with the account's signature secret. */
export function vonageToken({ apiKey, signatureSecret }: SigningAccount, body: string): string {
  const claims = {
    iat: Math.floor(Date.now() / 1000),
    jti: randomUUID(),
    iss: "Vonage",
    payload_hash: createHash("sha256").update(body).digest("hex"),
    api_key: apiKey,
  };
  const signed = [{ typ: "JWT", alg: "HS256" }, claims]
    .map((part) => Buffer.from(JSON.stringify(part)).toString("base64url"))
    .join(".");
  return `Bearer ${signed}.${createHmac("sha256", signatureSecret).update(signed).digest("base64url")}`;
}

export function vonageHeaders(token: string | undefined): Record<string, string> {
  return {
    "content-type": "application/json",
    "user-agent": "Apache-HttpAsyncClient/4.1.4",
    ...(token !== undefined && { authorization: token }),
  };
}

/** Waits between attempts. Vonage goes on for a day; nobody wants to watch that here. */
export const RETRY_AFTER_MS: readonly number[] = [1000, 5000, 10_000, 30_000, 60_000];

export interface VonageWebhook {
  url: string;
  account: SigningAccount;
  payload: object;
  customer: string;
  about: Webhook["about"];
}

export function vonageWebhook(
  { url, account, payload, customer, about }: VonageWebhook,
  retryAfterMs: readonly number[],
): Webhook {
  const body = JSON.stringify(payload);
  return {
    url,
    headers: vonageHeaders(vonageToken(account, body)),
    body,
    customer,
    about,
    retryAfterMs: (outcome, attempt) =>
      outcome.kind === "answered" && outcome.status >= 200 && outcome.status < 300
        ? undefined
        : retryAfterMs[attempt - 1],
  };
}
