/**
 * The door of a custom channel and of the app's own webhooks. HubSpot's pages promise signatures for apps' webhooks and
 * say nothing of those of custom channels; others have seen version 3 on them, and version 2. So the address must carry a
 * word that nobody can guess, and one signature that fits must be there, whichever version it is of.
 * Facts: https://developers.hubspot.com/docs/apps/developer-platform/build-apps/authentication/request-validation
 */
import { createHash, createHmac } from "node:crypto";
import type { Verdict, WebhookReply, WebhookRequest } from "../../channels/connector.ts";
import { everyKey } from "../../domain/rotating-secret.ts";
import { isAnyWord, isByAnyKey, refused, unset } from "../../http/verdict.ts";
import type { Desk } from "../helpdesk.ts";
import type { Secrets, Settings } from "./settings.ts";

/** How far the two clocks may be apart. */
const TOLERANCE_MS = 300_000;

export function verify(request: WebhookRequest, { secrets }: Desk<Settings, Secrets>): Verdict {
  const tokens = everyKey(secrets.pathToken);
  const keys = everyKey(secrets.clientSecret);
  if (tokens.length === 0) return unset("no path token is set");
  if (keys.length === 0) return unset("no client secret is set");
  if (!isAnyWord(request.query.key ?? "", tokens))
    return refused("the webhook's address ends with no ?key=, or with another word than the path token");
  const { headers, receivedAt } = request;
  const timestamp = headers["x-hubspot-request-timestamp"];
  if (timestamp !== undefined && !isFresh(timestamp, receivedAt))
    return refused(
      "X-HubSpot-Request-Timestamp is more than five minutes away: an old webhook, or a clock that is wrong",
    );
  const signatures = signaturesOf(request);
  if (signatures.length === 0) return refused("there is no X-HubSpot-Signature-v3, and no older signature either");
  const fits = signatures.map(({ value, expected }) => isByAnyKey(value, keys, expected));
  return fits.includes(true)
    ? { ok: true }
    : refused("the signature is of another client secret, or of another address");
}

export function reply(): WebhookReply {
  return { status: 200, contentType: "application/json", body: "{}" };
}

interface Candidate {
  value: Buffer;
  expected(key: string): Buffer;
}

/** Every signature that the request carries. Of the older ones, a header says the version, and not on all of them. */
function signaturesOf({ method, url, headers, body }: WebhookRequest): Candidate[] {
  const timestamp = headers["x-hubspot-request-timestamp"];
  const third = headers["x-hubspot-signature-v3"];
  const older = headers["x-hubspot-signature"];
  const second = headers["x-hubspot-signature-v2"] ?? older;
  const addresses = [...new Set([url, decoded(url)])];
  return [
    ...(third === undefined || timestamp === undefined ? [] : addresses).map((address) => ({
      value: Buffer.from(third ?? "", "base64"),
      expected: (key: string) =>
        createHmac("sha256", key)
          .update(`${method}${address}`)
          .update(body)
          .update(timestamp ?? "")
          .digest(),
    })),
    ...(second === undefined ? [] : addresses).map((address) => ({
      value: Buffer.from(second ?? "", "hex"),
      expected: (key: string) => createHash("sha256").update(`${key}${method}${address}`).update(body).digest(),
    })),
    ...(older === undefined
      ? []
      : [
          {
            value: Buffer.from(older, "hex"),
            expected: (key: string) => createHash("sha256").update(key).update(body).digest(),
          },
        ]),
  ];
}

/** The characters that version 3 wants decoded in the address, and no others. */
const DECODED: Readonly<Record<string, string>> = {
  ...{ "%3A": ":", "%2F": "/", "%3F": "?", "%40": "@", "%21": "!", "%24": "$", "%27": "'", "%28": "(", "%29": ")" },
  ...{ "%2A": "*", "%2C": ",", "%3B": ";" },
};

function decoded(url: string): string {
  return url.replace(/%[0-9A-F]{2}/gi, (code) => DECODED[code.toUpperCase()] ?? code);
}

/** In ms since 1970, as HubSpot writes it. */
function isFresh(timestamp: string, now: number): boolean {
  return /^\d{1,16}$/.test(timestamp) && Math.abs(now - Number(timestamp)) <= TOLERANCE_MS;
}
