/** The list of contacts: by name, whatever the case and the accents; those without a name stand at the end. */
import { type Contact, contactAmong, type Kin, personBehind } from "./contact.ts";
import { plain } from "./plain-text.ts";

/** The key of an index holds 1,024 bytes, and a character takes up to four. */
const LONGEST = 200;
/** Behind everything that a name can begin with. */
export const LAST = "\u{10ffff}";

/** A name as it is looked for; empty where nothing of it is left. */
export function foldedName(name: string): string {
  const folded = plain(name.replace(/[\s\p{Cc}\p{Cn}\p{Co}#]+/gu, " ")).trim();
  return [...folded].slice(0, LONGEST).join("");
}

/** Where the contact stands in the list. `#` is in no folded name. */
export function placeInList(id: string, name: string | undefined): string {
  return `${foldedName(name ?? "") || LAST}#${id}`;
}

/**
 * A person has a row for each contact that they are, and is shown at the first of those that were asked for.
 * @param beginning of the folded name; empty for everybody
 * @returns the person, where this contact's row is that one
 */
export function shownAt(kin: Kin, id: string, beginning: string): Contact | undefined {
  const person = contactAmong(kin, personBehind(kin, id));
  if (!person) return undefined;
  const rows = [person.id, ...(person.absorbed ?? [])].flatMap((one) => {
    const { name, written, mergedInto, conversations = [] } = kin.get(one) ?? {};
    // Who turned out to be another stands in no list any more.
    const isListed = mergedInto === undefined && conversations.length > 0;
    return isListed ? [placeInList(one, written?.name ?? name)] : [];
  });
  const [first] = rows.filter((row) => row.startsWith(beginning)).sort(byBytes);
  return first?.endsWith(`#${id}`) ? person : undefined;
}

/** The order that the table has, whose texts are bytes. */
export function byBytes(one: string, other: string): number {
  return Buffer.compare(Buffer.from(one), Buffer.from(other));
}
