/** Counts the elements of one of Meta's batches by hand, to hold parsers to. */

/**
 * @param lists of an entry
 * @param inner lists inside an element of `fields`, whose members are counted in its place
 */
export function metaElements(
  lists: readonly string[],
  { fields, inner }: { fields: readonly unknown[]; inner: readonly string[] } = { fields: [], inner: [] },
): (body: unknown) => number {
  return (body) =>
    sum(arrayIn(body, "entry").map((entry) => atLeastOne(lists.flatMap((list) => arrayIn(entry, list)))));

  function atLeastOne(elements: readonly unknown[]): number {
    return Math.max(sum(elements.map((element) => Math.max(innerOf(element).length, 1))), 1);
  }

  function innerOf(element: unknown): unknown[] {
    if (!fields.includes(member(element, "field"))) return [];
    return inner.flatMap((list) => arrayIn(member(element, "value"), list));
  }
}

function sum(counts: readonly number[]): number {
  return counts.reduce((total, count) => total + count, 0);
}

function arrayIn(parent: unknown, name: string): unknown[] {
  const value = member(parent, name);
  return Array.isArray(value) ? value : [];
}

function member(parent: unknown, name: string): unknown {
  if (typeof parent !== "object" || parent === null) return undefined;
  return Object.getOwnPropertyDescriptor(parent, name)?.value;
}
