/** The keys of a secret that may rotate: a list in the account's document, or a single one. Blank ones do not count. */
export function everyKey(secret: unknown): string[] {
  const keys: unknown[] = Array.isArray(secret) ? secret : [secret];
  return keys.filter((key) => typeof key === "string" && key.trim() !== "") as string[];
}
