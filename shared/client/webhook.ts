/**
 * Verifies what Recado sends to a subscription, as Standard Webhooks says: `webhook-id`, `webhook-timestamp` and
 * `webhook-signature` over the exact bytes. With WebCrypto, which every runtime has; it compares in constant time.
 */
import type { Envelope } from "../domain/envelope.ts";
import { RecadoError } from "./error.ts";

/** How far the two clocks may be apart, in seconds. */
const TOLERANCE_SECONDS = 300;

/** What carries the headers: a `Request`, `Headers`, or the plain object of `node:http`. */
export type Signed = { headers: Headers } | Headers | Readonly<Record<string, string | readonly string[] | undefined>>;

/**
 * @param body as it came, before anything has parsed it
 * @param secret of the subscription; several while it is being changed
 * @returns the event; of what comes twice, `webhook-id` and the event's `id` are the same
 * @throws RecadoError `webhook_refused`: answer 401, and act on nothing of it
 */
export async function verifyWebhook(
  signed: Signed,
  body: string | Uint8Array | ArrayBuffer,
  secret: string | readonly string[],
  { now = Date.now() }: { now?: number } = {},
): Promise<Envelope> {
  const header = readerOf(signed);
  const [id, timestamp, signature] = [header("webhook-id"), header("webhook-timestamp"), header("webhook-signature")];
  if (!id || !timestamp || !signature) throw refused("webhook-id, webhook-timestamp or webhook-signature is missing");
  if (!/^\d{1,12}$/.test(timestamp) || Math.abs(now / 1000 - Number(timestamp)) > TOLERANCE_SECONDS)
    throw refused("webhook-timestamp is more than five minutes away");
  const bytes = typeof body === "string" ? new TextEncoder().encode(body) : new Uint8Array(body);
  const content = joined(new TextEncoder().encode(`${id}.${timestamp}.`), bytes);
  const candidates = signature
    .split(" ")
    .flatMap((one) => (one.startsWith("v1,") ? (fromBase64(one.slice(3)) ?? []) : []));
  let isSigned = false;
  for (const one of typeof secret === "string" ? [secret] : secret) {
    const key = await keyOf(one);
    for (const candidate of candidates) {
      if (await crypto.subtle.verify("HMAC", key, candidate, content)) isSigned = true;
    }
  }
  if (!isSigned) throw refused("the signature is of another secret, or of other bytes");
  return JSON.parse(new TextDecoder().decode(bytes)) as Envelope;
}

function readerOf(signed: Signed): (name: string) => string | undefined {
  const headers = "headers" in signed && signed.headers instanceof Headers ? signed.headers : signed;
  if (headers instanceof Headers) return (name) => headers.get(name) ?? undefined;
  const values = new Map(Object.entries(headers).map(([name, value]) => [name.toLowerCase(), value]));
  return (name) => {
    const value = values.get(name);
    return typeof value === "string" ? value : undefined;
  };
}

/** A secret that begins with `whsec_` is base64, any other is used as its bytes. */
async function keyOf(secret: string) {
  const bytes = secret.startsWith("whsec_")
    ? fromBase64(secret.slice("whsec_".length))
    : new TextEncoder().encode(secret);
  // An empty key would let in whoever leaves the secret out.
  if (!bytes || bytes.byteLength === 0)
    throw new RecadoError("There is no webhook secret.", { code: "webhook_refused" });
  return crypto.subtle.importKey("raw", bytes, { name: "HMAC", hash: "SHA-256" }, false, ["verify"]);
}

function fromBase64(text: string): Uint8Array<ArrayBuffer> | undefined {
  try {
    return Uint8Array.from(atob(text), (letter) => letter.charCodeAt(0));
  } catch {
    return undefined;
  }
}

function joined(first: Uint8Array, second: Uint8Array): Uint8Array<ArrayBuffer> {
  const whole = new Uint8Array(first.byteLength + second.byteLength);
  whole.set(first);
  whole.set(second, first.byteLength);
  return whole;
}

function refused(why: string): RecadoError {
  return new RecadoError(`The webhook is refused: ${why}.`, { code: "webhook_refused" });
}
