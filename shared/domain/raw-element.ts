/**
 * What a provider sent and we keep as it came. All of it is iterative: an authentic body may be nested so deeply that a
 * recursive walk, `JSON.stringify` included, runs out of stack.
 */
import { createHash } from "node:crypto";

/** Levels that every later hop carries without harm. */
const MOST_LEVELS = 20;

/** JSON with the keys of every object in order: the same element always gives the same text. @param value parsed JSON */
function canonicalJson(value: unknown): string {
  const written: string[] = [];
  const waiting: ({ text: string } | { value: unknown })[] = [{ value }];
  for (let next = waiting.pop(); next; next = waiting.pop()) {
    if ("text" in next) written.push(next.text);
    else if (Array.isArray(next.value)) {
      const members = next.value.flatMap((value, index) => [{ text: index ? "," : "[" }, { value }]);
      pushBackwards(waiting, [...members, { text: members.length ? "]" : "[]" }]);
    } else if (isRecord(next.value)) {
      const entries = Object.entries(next.value).sort(([one], [other]) => (one < other ? -1 : 1));
      const members = entries.flatMap(([name, value], index) => [
        { text: `${index ? "," : "{"}${JSON.stringify(name)}:` },
        { value },
      ]);
      pushBackwards(waiting, [...members, { text: members.length ? "}" : "{}" }]);
    } else written.push(JSON.stringify(next.value) ?? "null");
  }
  return written.join("");
}

/** The element itself; as JSON text where it is nested deeper than the hops behind us carry. */
export function keptRaw(element: unknown): unknown {
  return isShallow(element) ? element : canonicalJson(element);
}

/** Tells one element from another where the provider gives no id. */
export function rawHash(element: unknown): string {
  return createHash("sha256").update(canonicalJson(element)).digest("base64url");
}

export function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function isShallow(element: unknown): boolean {
  let level: unknown[] = [element];
  for (let depth = 0; depth < MOST_LEVELS; depth++) {
    level = level
      .filter((value) => typeof value === "object" && value !== null)
      .flatMap((value) => Object.values(value as object));
    if (level.length === 0) return true;
  }
  return false;
}

/** One after another, since an argument list of a million would overflow the stack too. */
function pushBackwards<Member>(stack: Member[], members: readonly Member[]): void {
  for (const member of members.toReversed()) stack.push(member);
}
