/** How a provider's side looks in tests: recorded webhooks, signed as the provider signs them. */
import { createHash, createHmac, createPrivateKey, createPublicKey, type KeyObject, sign } from "node:crypto";
import { readdirSync, readFileSync } from "node:fs";
import twilio from "twilio";
import type { Account, Parsed, WebhookRequest } from "../../shared/channels/connector.ts";
import type { connectors } from "../../shared/channels/registry.ts";

export type ConnectorName = keyof typeof connectors;
const HOST = "https://hooks.example.test";

export interface Fixture {
  name: string;
  about: string;
  /** Path and query; `/webhooks/<connector>` when left out. */
  path?: string;
  method?: string;
  /**
   * The raw body, or a value that Meta would write: what is not ASCII, and slashes, escaped. AWS puts JSON into strings:
   * a notification's `Message`, and the entry in it, stand here as what they hold.
   */
  body: unknown;
  parsed: Parsed[];
}

export function fixturesOf(connector: string): Fixture[] {
  const folder = new URL(`../fixtures/${connector}/`, import.meta.url);
  const files = readdirSync(folder).filter((file) => file.endsWith(".json"));
  return files.map((file) => {
    const fixture = JSON.parse(readFileSync(new URL(file, folder), "utf8")) as Omit<Fixture, "name">;
    return { ...fixture, name: file.replace(".json", "") };
  });
}

/** What stands before the 32 bytes of an Ed25519 private key in DER (RFC 8410). */
const PKCS8_HEAD = Buffer.from("302e020100300506032b657004220420", "hex");

/** An Ed25519 key pair, always the same of the same seed. `publicKey` as Telnyx shows it: base64 of 32 bytes. */
export function ed25519(seed: string): { publicKey: string; privateKey: KeyObject } {
  const key = Buffer.concat([PKCS8_HEAD, createHash("sha256").update(seed).digest()]);
  const privateKey = createPrivateKey({ key, format: "der", type: "pkcs8" });
  const der = createPublicKey(privateKey).export({ format: "der", type: "spki" });
  return { publicKey: der.subarray(-32).toString("base64"), privateKey };
}

const TELNYX_KEYS = [ed25519("new key"), ed25519("old key")];

/** The accounts of the sample configuration, with two keys each where keys may rotate. */
export const SAMPLE: Record<ConnectorName, Account> = {
  "whatsapp-cloud": {
    name: "whatsapp",
    settings: { phoneNumberId: "100000000000001", displayPhoneNumber: "+15550000001", graphVersion: "v26.0" },
    secrets: {
      appSecret: ["new-app-secret", "old-app-secret"],
      verifyToken: ["new-word", "old-word"],
      accessToken: "wa-token",
    },
  },
  messenger: {
    name: "messenger",
    settings: { pageId: "200000000000001", graphVersion: "v26.0" },
    secrets: { appSecret: ["new-app-secret", "old-app-secret"], verifyToken: "word", accessToken: "page-token" },
  },
  instagram: {
    name: "instagram",
    settings: { instagramId: "300000000000001", host: "graph.facebook.com", graphVersion: "v26.0" },
    secrets: { appSecret: ["new-app-secret", "old-app-secret"], verifyToken: "word", accessToken: "page-token" },
  },
  "sms-twilio": {
    name: "sms",
    settings: { accountSid: "AC00000000000000000000000000000001", from: "+15550000002" },
    secrets: { authToken: ["new-auth-token", "old-auth-token"], apiKey: "SKkey", apiSecret: "api-secret" },
  },
  "sms-vonage": {
    name: "vonage",
    settings: { apiKey: "abcd1234", from: "+15550000003" },
    secrets: {
      signatureSecret: ["new-signature-secret", "old-signature-secret"],
      apiSecret: "api-secret",
      privateKey: "private-key",
    },
  },
  "sms-telnyx": {
    name: "telnyx",
    settings: { from: "+15550000004" },
    secrets: { publicKey: TELNYX_KEYS.map(({ publicKey }) => publicKey), apiKey: "KEY-api-key" },
  },
  "whatsapp-aws": {
    name: "whatsapp-by-aws",
    settings: {
      phoneNumberId: "100000000000002",
      originationPhoneNumberId: "phone-number-id-0123456789abcdef0123456789abcdef",
      metaApiVersion: "v20.0",
    },
    secrets: {},
  },
  "sms-aws": {
    name: "sms-by-aws",
    settings: {
      from: "+15550000005",
      originationIdentity: "phone-0123456789abcdef0123456789abcdef",
      configurationSet: "recado",
      messageType: "TRANSACTIONAL",
    },
    secrets: {},
  },
};

/** Where a connector's news are published, where they are not posted. */
export const TOPICS: Partial<Record<ConnectorName, string>> = {
  "whatsapp-aws": "arn:aws:sns:eu-west-1:111122223333:recado-test-whatsapp-aws",
  "sms-aws": "arn:aws:sns:eu-west-1:111122223333:recado-test-sms-aws",
};

/** The secrets that webhooks are verified with, the newest first. */
export function keysOf(connector: ConnectorName): string[] {
  const { appSecret, authToken, signatureSecret, publicKey } = SAMPLE[connector].secrets as Record<string, string[]>;
  return appSecret ?? authToken ?? signatureSecret ?? publicKey ?? [];
}

/** JSON as Meta puts it on the wire. */
export function metaJson(value: unknown): string {
  const escaped = (unit: string) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, "0")}`;
  return JSON.stringify(value)
    .replace(/[\u0080-\uffff]/g, escaped)
    .replaceAll("/", "\\/");
}

/** A signed webhook. */
export function webhook(
  connector: ConnectorName,
  { body, path = `/webhooks/${connector}`, method = "POST" }: Pick<Fixture, "body" | "path" | "method">,
  key = keysOf(connector)[0] ?? "",
): WebhookRequest {
  const topic = TOPICS[connector];
  if (topic !== undefined) return notification(`sns:${topic}`, body);
  const url = HOST + path;
  const query = Object.fromEntries(new URL(url).searchParams);
  const isMeta = !connector.startsWith("sms-");
  const text = typeof body === "string" ? body : isMeta ? metaJson(body) : JSON.stringify(body);
  const bytes = body instanceof Uint8Array ? body : Buffer.from(text ?? "");
  const receivedAt = Date.now();
  const headers = headersFor(connector, { url, method, body: bytes, key, at: Math.floor(receivedAt / 1000) });
  return { method, url, query, headers, body: bytes, receivedAt };
}

function notification(url: string, body: unknown): WebhookRequest {
  const text = typeof body === "string" ? body : JSON.stringify(inStrings(body, ["Message", "whatsAppWebhookEntry"]));
  const bytes = body instanceof Uint8Array ? body : Buffer.from(text ?? "");
  return { method: "POST", url, query: {}, headers: {}, body: bytes, receivedAt: Date.now() };
}

/** What stands under the first of `names` as JSON in a string, with what stands under the next inside it likewise. */
function inStrings(value: unknown, [name = "", ...names]: readonly string[]): unknown {
  const inner = typeof value === "object" && value !== null && name in value && Reflect.get(value, name);
  if (typeof inner !== "object" || inner === null) return names.length > 0 && !inner ? inStrings(value, names) : value;
  return { ...(value as object), [name]: JSON.stringify(inStrings(inner, names)) };
}

/** What a provider signs. `at`: seconds since 1970. */
interface Signing {
  url: string;
  method: string;
  body: Uint8Array;
  key: string;
  at: number;
}

function headersFor(connector: ConnectorName, signing: Signing): Record<string, string> {
  switch (connector) {
    case "sms-twilio":
      return twilioHeaders(signing);
    case "sms-vonage":
      return vonageHeaders(signing);
    case "sms-telnyx":
      return telnyxHeaders(signing);
    default:
      return metaHeaders(signing);
  }
}

function metaHeaders({ body, key }: Signing): Record<string, string> {
  const hex = createHmac("sha256", key).update(body).digest("hex");
  return { "content-type": "application/json", "x-hub-signature-256": `sha256=${hex}` };
}

/** By Twilio's own library. */
function twilioHeaders({ url, method, body, key }: Signing): Record<string, string> {
  const form: Record<string, string | string[]> = Object.create(null);
  const text = method === "GET" ? "" : Buffer.from(body).toString("utf8");
  for (const name of new Set(new URLSearchParams(text).keys())) form[name] = new URLSearchParams(text).getAll(name);
  const signature = twilio.getExpectedTwilioSignature(key, url, form);
  return { "content-type": "application/x-www-form-urlencoded", "x-twilio-signature": signature };
}

function vonageHeaders({ body, key, at }: Signing): Record<string, string> {
  const claims = { iat: at, jti: "1", iss: "Vonage", payload_hash: sha256(body), api_key: "abcd1234" };
  return { "content-type": "application/json", authorization: `Bearer ${hs256(claims, key)}` };
}

export function hs256(claims: object, key: string, head: object = { typ: "JWT", alg: "HS256" }): string {
  const signed = [head, claims].map((part) => Buffer.from(JSON.stringify(part)).toString("base64url")).join(".");
  return `${signed}.${createHmac("sha256", key).update(signed).digest("base64url")}`;
}

/** `key` names the pair by its public half; any other word is the seed of somebody else's. */
function telnyxHeaders({ body, key, at }: Signing): Record<string, string> {
  const { privateKey } = TELNYX_KEYS.find(({ publicKey }) => publicKey === key) ?? ed25519(key);
  const signature = sign(null, Buffer.concat([Buffer.from(`${at}|`), body]), privateKey).toString("base64");
  return {
    "content-type": "application/json",
    "telnyx-signature-ed25519": signature,
    "telnyx-timestamp": String(at),
  };
}

export function sha256(bytes: Uint8Array | string): string {
  return createHash("sha256").update(bytes).digest("hex");
}
