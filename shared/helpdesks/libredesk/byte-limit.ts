/** LibreDesk counts a text's bytes (UTF-8) where it has a limit. */

/** As many whole characters as fit into so many bytes, and what is left. */
export function cut(text: string, bytes: number): { first: string; rest: string } {
  let first = "";
  let taken = 0;
  for (const character of text) {
    taken += Buffer.byteLength(character);
    if (taken > bytes) return { first, rest: text.slice(first.length) };
    first += character;
  }
  return { first, rest: "" };
}
