/** Who answers in a vendor's place: in the local run alone, where the variable is set. */

/** @returns for `createHttp` and `createFetchFile`; undefined on AWS */
export function standInFor(
  name: string,
  origins: readonly string[],
): { origins: readonly string[]; by: string } | undefined {
  const by = process.env[`RECADO_${name.replaceAll("-", "_").toUpperCase()}_URL`];
  return by ? { origins, by } : undefined;
}

/** Whether this is the local run, which alone names its own address to functions. */
export function isLocalRun(): boolean {
  return process.env.RECADO_PUBLIC_URL !== undefined;
}
