/**
 * The older SMS API's webhooks: the same fields by GET, as a form or as JSON, signed by a field among them
 * (https://developer.vonage.com/en/messaging/sms/guides/inbound-sms).
 */
import { isRecord } from "../../domain/raw-element.ts";
import type { WebhookRequest } from "../connector.ts";

export type SmsFields = ReadonlyMap<string, string>;

/** Undefined when the request is none of the SMS API's: every one of those is signed. */
export function smsFieldsOf({ method, url, headers, body }: WebhookRequest): SmsFields | undefined {
  const text = Buffer.from(body).toString("utf8");
  const isJson = headers["content-type"]?.startsWith("application/json");
  const fields = method === "GET" ? query(new URL(url).search) : isJson ? ofJson(text) : query(text);
  return fields?.has("sig") ? fields : undefined;
}

function query(text: string): Map<string, string> {
  const fields = new Map<string, string>();
  for (const [name, value] of new URLSearchParams(text)) if (!fields.has(name)) fields.set(name, value);
  return fields;
}

/** Only values that read the same in a signature are taken; Vonage sends no others. */
function ofJson(text: string): Map<string, string> | undefined {
  try {
    const value: unknown = JSON.parse(text);
    const entries = isRecord(value) ? Object.entries(value) : [];
    const isFlat = entries.every(([, one]) => one !== null && typeof one !== "object");
    return isFlat ? new Map(entries.map(([name, one]) => [name, String(one)])) : undefined;
  } catch {
    return undefined;
  }
}
