/**
 * Cuts a long text into parts where a reader would pause: after a sentence, else between words, and only where a single
 * word is too long inside it; never inside a character that is put together from several (emoji families, accents).
 */

/** How much of a text fits into one part. Sizes add up: that of two texts together is the sum of theirs. */
export interface Room {
  most: number;
  size(text: string): number;
}

const sentence = new Intl.Segmenter(undefined, { granularity: "sentence" });
const grapheme = new Intl.Segmenter(undefined, { granularity: "grapheme" });

/** Ever smaller pieces of a text; together they are the text. */
const PIECES: readonly ((text: string) => readonly string[])[] = [
  sentences,
  (text) => text.match(/\s*\S+\s*/g) ?? [text],
  (text) => [...grapheme.segment(text)].map(({ segment }) => segment),
  (text) => [...text],
];

/** The parts in order, none larger than the room. Blanks where two parts meet are left out, and nothing else. */
export function splitText(text: string, { most, size }: Room): string[] {
  const parts = [""];
  let used = 0;
  const put = (piece: string, level: number): void => {
    const smaller = PIECES[level];
    if (used + size(piece.trimEnd()) <= most) {
      parts.push(`${parts.pop() ?? ""}${piece}`);
      used += size(piece);
    } else if (size(piece.trim()) <= most || !smaller) {
      parts.push(piece.trimStart());
      used = size(piece.trimStart());
    } else {
      for (const one of smaller(piece)) put(one, level + 1);
    }
  };
  put(text, 0);
  return parts.map((part) => part.trim()).filter((part) => part !== "");
}

/** A mark without a blank behind it, as in the middle of a web address, ends no sentence. */
function sentences(text: string): string[] {
  const found: string[] = [];
  for (const { segment } of sentence.segment(text)) {
    const before = found.at(-1);
    if (before !== undefined && /[!-~]$/.test(before)) found.push(`${found.pop()}${segment}`);
    else found.push(segment);
  }
  return found;
}
