/** Text of others that ought to be JSON. */
import { isRecord } from "./raw-element.ts";

/** Undefined where it is none, which no JSON is. */
export function jsonIn(text: string | Uint8Array): unknown {
  try {
    return JSON.parse(typeof text === "string" ? text : Buffer.from(text).toString("utf8"));
  } catch {
    return undefined;
  }
}

/** The object that it is; undefined for anything else. */
export function jsonObjectIn(text: string | Uint8Array): Record<string, unknown> | undefined {
  const value = jsonIn(text);
  return isRecord(value) ? value : undefined;
}
