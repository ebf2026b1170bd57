/** Who answers in a vendor's place: in the local run alone, where the variable is set. */
import type { Connector } from "../channels/connector.ts";

/** Requests to `origins` (scheme, host and port) go to `by` instead; path and query stay. */
export interface StandIn {
  origins: readonly string[];
  by: string;
}

/** For a connector. @returns for `createHttp` and `createFetchFile`; undefined on AWS */
export function vendorStandIn({ word, origin, otherOrigins = [] }: Connector["vendor"]): StandIn | undefined {
  return standInFor(word, [origin, ...otherOrigins]);
}

/** For a desk. @returns the same */
export function standInFor(name: string, origins: readonly string[]): StandIn | undefined {
  const by = process.env[`RECADO_${name.replaceAll("-", "_").toUpperCase()}_URL`];
  return by ? { origins, by } : undefined;
}

/** Whether this is the local run, which alone names its own address to functions. */
export function isLocalRun(): boolean {
  return process.env.RECADO_PUBLIC_URL !== undefined;
}
