/**
 * What the comments in front of shapes and their fields say, for readers of the contract: so a field is described in one
 * place, beside the field. Reads source as Biome formats it, and no TypeScript beyond that.
 */

/** What of one source file is needed to describe its shapes. */
export interface Comments {
  /** By path, e.g. `ApiMessage.statusAt` or `Content.#6.url` for the seventh of several. */
  words: Map<string, string>;
  /** What a path is made of: another const (`...withMedia`, `media: Media`, `Media.extend(…)`), or a field of one. */
  sameAs: Map<string, string[]>;
}

interface Frame {
  bracket: string;
  /** In braces the field that is being written, in square brackets the place. */
  key?: string | undefined;
  place: number;
}

const TOKEN =
  /\/\*\*(?<doc>[\s\S]*?)\*\/|\/\*[\s\S]*?\*\/|\/\/.*|\.\.\.(?<spread>\w+)(?:\["(?<member>[^"]+)"\])?(?:\.shape)?|"(?<text>(?:[^"\\\n]|\\.)*)"|`(?:[^`\\]|\\.)*`|(?<=[(,=:]\s*)\/(?![*/])(?:\[(?:[^\]\\\n]|\\.)*\]|[^/\\\n[]|\\.)+\/\w*|(?<word>[A-Za-z_$][\w$]*)|(?<mark>[{}()[\],;:])/g;

export function readComments(source: string): Comments {
  const words = new Map<string, string>();
  const sameAs = new Map<string, string[]>();
  const frames: Frame[] = [];
  let root: string | undefined;
  let doc: string | undefined;
  let before = "";
  const path = () => [root, ...frames.flatMap(labelOf)].filter((label) => label !== undefined).join(".");
  const alias = (at: string, target: string) => sameAs.set(at, [...(sameAs.get(at) ?? []), target]);

  for (const token of source.matchAll(TOKEN)) {
    const { doc: said, spread, member, text, word, mark } = token.groups ?? {};
    const frame = frames.at(-1);
    const next = /^\s*(\S?)/.exec(source.slice(token.index + token[0].length))?.[1] ?? "";
    if (said !== undefined) doc = cleaned(said);
    else if (spread !== undefined) alias(path(), member === undefined ? spread : `${spread}.${member}`);
    else if (frames.length === 0 && word !== undefined && before === "const") {
      root = word;
      if (doc !== undefined) words.set(root, doc);
      doc = undefined;
    } else if (frames.length === 0 && root !== undefined && before === root && next === ".") alias(root, word ?? "");
    else if (frame?.bracket === "[" && word !== undefined && (before === "," || before === "[")) {
      if (doc !== undefined) words.set(path(), doc);
      if ([",", "]", "."].includes(next)) alias(path(), word);
      doc = undefined;
    } else if (frame?.bracket === "{" && frame.key === undefined && (word ?? text) !== undefined) {
      frame.key = word ?? text;
      if (doc !== undefined) words.set(path(), doc);
      doc = undefined;
      if (next === "," || next === "}") alias(path(), frame.key ?? "");
    } else if (word !== undefined && word !== "z" && before === ":") alias(path(), word);
    else if (mark !== undefined) {
      if ("{([".includes(mark)) frames.push({ bracket: mark, place: 0 });
      else if ("})]".includes(mark)) frames.pop();
      else if (mark === "," && frame) {
        frame.key = undefined;
        frame.place += 1;
      } else if (mark === ";" && frames.length === 0) [root, doc] = [undefined, undefined];
    }
    if (said === undefined) before = mark ?? word ?? "";
  }
  return { words, sameAs };
}

/** Comments of several files as one. */
export function joined(all: readonly Comments[]): Comments {
  return {
    words: new Map(all.flatMap(({ words }) => [...words])),
    sameAs: new Map(all.flatMap(({ sameAs }) => [...sameAs])),
  };
}

/** What is said of `label` inside of `places`, which are all that one shape is made of. */
export function stepInto({ sameAs }: Comments, places: readonly string[], label: string): string[] {
  return expanded(
    sameAs,
    places.map((place) => `${place}.${label}`),
  );
}

/** The places themselves, and what they are made of. */
export function expanded(sameAs: Comments["sameAs"], places: readonly string[]): string[] {
  const known = new Set<string>();
  const visit = (place: string): void => {
    if (known.has(place)) return;
    known.add(place);
    for (const other of sameAs.get(place) ?? []) visit(other);
  };
  for (const place of places) visit(place);
  return [...known];
}

function labelOf({ bracket, key, place }: Frame): string[] {
  if (bracket === "[") return [`#${place}`];
  return key === undefined ? [] : [key];
}

function cleaned(comment: string): string {
  return comment
    .replace(/^\s*\* ?/gm, "")
    .replace(/\s+/g, " ")
    .trim();
}
