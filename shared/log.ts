/**
 * One JSON line with a stable code. Codes and ids only: never a body, an address or a secret. Functions run at level
 * WARN, so `info` is for the local run.
 */
export function log(
  level: "info" | "warn" | "error",
  code: string,
  fields: Readonly<Record<string, string | number | boolean | undefined>> = {},
): void {
  console[level](JSON.stringify({ level, code, ...fields }));
}
