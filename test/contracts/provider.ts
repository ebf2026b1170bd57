/** How a provider's side looks in tests: recorded webhooks, signed as the provider signs them. */
import { createHash, createHmac } from "node:crypto";
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
  /** The raw body, or a value that Meta would write: what is not ASCII, and slashes, escaped. */
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
  "sms-twilio": {
    name: "sms",
    settings: { accountSid: "AC00000000000000000000000000000001", from: "+15550000002" },
    secrets: { authToken: ["new-auth-token", "old-auth-token"], apiKey: "SKkey", apiSecret: "api-secret" },
  },
};

export function keysOf(connector: ConnectorName): string[] {
  const { appSecret, authToken } = SAMPLE[connector].secrets as { appSecret?: string[]; authToken?: string[] };
  return appSecret ?? authToken ?? [];
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
  const url = HOST + path;
  const bytes = body instanceof Uint8Array ? body : Buffer.from(typeof body === "string" ? body : metaJson(body));
  const headers = connector === "sms-twilio" ? twilioHeaders(url, method, bytes, key) : metaHeaders(bytes, key);
  const query = Object.fromEntries(new URL(url).searchParams);
  return { method, url, query, headers, body: bytes };
}

function metaHeaders(body: Uint8Array, key: string): Record<string, string> {
  const hex = createHmac("sha256", key).update(body).digest("hex");
  return { "content-type": "application/json", "x-hub-signature-256": `sha256=${hex}` };
}

/** By Twilio's own library. */
function twilioHeaders(url: string, method: string, body: Uint8Array, key: string): Record<string, string> {
  const form: Record<string, string | string[]> = Object.create(null);
  const text = method === "GET" ? "" : Buffer.from(body).toString("utf8");
  for (const name of new Set(new URLSearchParams(text).keys())) form[name] = new URLSearchParams(text).getAll(name);
  const signature = twilio.getExpectedTwilioSignature(key, url, form);
  return { "content-type": "application/x-www-form-urlencoded", "x-twilio-signature": signature };
}

export function sha256(bytes: Uint8Array | string): string {
  return createHash("sha256").update(bytes).digest("hex");
}
