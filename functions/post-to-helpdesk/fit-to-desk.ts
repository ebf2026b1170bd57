/** A saying as the desk can take it: cut where it is too long, files that are too large or too many as links. */
import { splitText } from "../../shared/domain/split-text.ts";
import type { Saying, SayingFile } from "../../shared/domain/telling.ts";
import type { DeskCapabilities } from "../../shared/helpdesks/helpdesk.ts";

/** Where a file is opened in a browser. */
type LinkOf = (id: string) => string;

/** In order; the files go with the last of them. */
export function fitToDesk(
  saying: Saying,
  { files: room, longestText }: Pick<DeskCapabilities, "files" | "longestText">,
  linkOf: LinkOf,
): Saying[] {
  const taken = saying.files.filter(({ size }) => size <= room.largestBytes).slice(0, room.most);
  const linked = saying.files.filter((file) => !taken.includes(file));
  const text = [saying.text, ...linked.map((file) => linkLine(file, linkOf))].filter(Boolean).join("\n");
  const texts =
    text.length > longestText ? splitText(text, { most: longestText, size: (part) => part.length }) : [text];
  return texts.map((part, index) => ({
    ...saying,
    text: part,
    files: index === texts.length - 1 ? taken : [],
    ...(index > 0 && { id: `${saying.id}#${index}` }),
  }));
}

/** Without its files, which stand in the text as links. */
export function withLinks(saying: Saying, linkOf: LinkOf): Saying {
  const lines = saying.files.map((file) => linkLine(file, linkOf));
  return { ...saying, text: [saying.text, ...lines].filter(Boolean).join("\n"), files: [] };
}

function linkLine({ id, fileName, size }: SayingFile, linkOf: LinkOf): string {
  const megabytes = size / 1_000_000;
  const amount = megabytes < 1 ? `${Math.ceil(size / 1000)} kB` : `${megabytes.toFixed(1)} MB`;
  return `📎 ${fileName} (${amount}): ${linkOf(id)}`;
}
