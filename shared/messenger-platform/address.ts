import type { ReadAddress } from "../channels/connector.ts";

/** The customer's id for this one Page or account, which comes with their first message. */
export function readScopedId(written: string): ReadAddress | undefined {
  return /^\d{5,25}$/.test(written) ? { address: written, isGiven: true } : undefined;
}
