/**
 * `recado export`: everything that is kept about a contact, in a folder or as lines. A folder that is not complete says so
 * by a file called UNFINISHED.json, and is gone on with by the same command.
 */
import { createWriteStream, existsSync } from "node:fs";
import { appendFile, chmod, mkdir, readdir, readFile, rename, rm, stat, truncate, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import type { ReadableStream } from "node:stream/web";
import { RecadoError } from "../shared/client/error.ts";
import { request } from "../shared/client/request.ts";
import type { ExportItem, Page } from "../shared/domain/api-shapes.ts";
import { type Access, clientAccess, withRecado } from "./api.ts";
import { printable } from "./event-line.ts";
import { Failure } from "./failure.ts";
import { counted, type Progress, startProgress } from "./progress.ts";

export interface ExportOptions extends Access {
  /** Folder; `-` for the standard output. */
  out?: string;
}

type Item<Kind extends ExportItem["kind"]> = Extract<ExportItem, { kind: Kind }>;
type ExportedFile = Item<"file">["file"];

const LINES = { message: "messages.ndjson", event: "events.ndjson" } as const;
const UNFINISHED = "UNFINISHED.json";
/** At the end of a name: half a file. */
const PART = ".part";

/** How far a folder has come. What stands behind the sizes was written by a run that died, and is written again. */
interface Progressed {
  about: string;
  contact: string;
  cursor?: string | undefined;
  sizes: Record<keyof typeof LINES, number>;
  told: { messages: number; events: number; files: number; ofEvents: number };
}

/** @throws Failure with a sentence that says what to do */
export async function exportContact(contact: string, options: ExportOptions): Promise<void> {
  const { out = contact, ...access } = options;
  await withRecado(access, async () => {
    if (out === "-") return printLines(contact, access);
    const state = await unfinishedOrNew(out, contact);
    const first = await readPage(state, access, out);
    await prepare(out, state);
    const progress = startProgress();
    await fillFolder(out, { state, first, access, progress }).finally(() => progress.end());
    console.log(`${printable(out)}: ${wordsFor(state.told)}.`);
  });
}

function wordsFor({ messages, events, files }: Progressed["told"]): string {
  return [counted(messages, "message"), counted(events, "event"), counted(files, "file")].join(", ");
}

async function readPage(
  { contact, cursor }: Pick<Progressed, "contact" | "cursor">,
  access: Access,
  out: string,
): Promise<Page<ExportItem>> {
  const path = `/v1/contacts/${encodeURIComponent(contact)}/export`;
  try {
    return await request<Page<ExportItem>>(clientAccess(access), { path, query: { cursor }, isRepeatable: true });
  } catch (error) {
    if (!(error instanceof RecadoError) || error.field !== "cursor") throw error;
    throw new Failure(`${contact} was merged, split or erased meanwhile. Remove ${printable(out)} and begin again.`);
  }
}

async function printLines(contact: string, access: Access): Promise<void> {
  // Whoever reads the pipe may go away.
  process.stdout.on("error", () => process.exit(0));
  let cursor: string | undefined;
  do {
    const { data, nextCursor }: Page<ExportItem> = await readPage({ contact, cursor }, access, "what was written");
    for (const item of data) console.log(JSON.stringify(item));
    cursor = nextCursor ?? undefined;
  } while (cursor !== undefined);
}

async function unfinishedOrNew(out: string, contact: string): Promise<Progressed> {
  const place = join(out, UNFINISHED);
  if (existsSync(place)) {
    const state = JSON.parse(await readFile(place, "utf8")) as Progressed;
    if (state.contact !== contact)
      throw new Failure(`${printable(out)} is the unfinished export of ${state.contact}. Name another with --out.`);
    console.error(`Going on with ${printable(out)}, which an earlier run has not finished.`);
    return state;
  }
  if (existsSync(out) && (await readdir(out)).length > 0)
    throw new Failure(`${printable(out)} is there already. Name another folder with --out, or remove this one.`);
  return {
    about: "This export is not complete. The same command goes on with it.",
    contact,
    sizes: { message: 0, event: 0 },
    told: { messages: 0, events: 0, files: 0, ofEvents: 0 },
  };
}

/** Everything in it is about one person: nobody else on this machine is to read it. */
async function prepare(out: string, state: Progressed): Promise<void> {
  await mkdir(join(out, "files"), { recursive: true, mode: 0o700 });
  // One that was there has the mode that it was made with.
  await chmod(out, 0o700);
  state.told.files = (await readdir(join(out, "files"))).filter((name) => !name.endsWith(PART)).length;
  await keep(out, state);
  for (const kind of ["message", "event"] as const) {
    await appendFile(join(out, LINES[kind]), "");
    await truncate(join(out, LINES[kind]), state.sizes[kind]);
  }
}

async function fillFolder(
  out: string,
  {
    state,
    first,
    access,
    progress,
  }: { state: Progressed; first: Page<ExportItem>; access: Access; progress: Progress },
): Promise<void> {
  const { told } = state;
  const show = () => progress.show({ done: told.events, total: told.ofEvents, words: wordsFor(told) });
  for (let page: Page<ExportItem> | undefined = first; page; ) {
    const { data, nextCursor }: Page<ExportItem> = page;
    await keepPerson(out, data);
    for (const kind of ["message", "event"] as const) await append(out, kind, { data, state });
    for (const { file } of data.filter((item) => item.kind === "file")) {
      // Several messages may carry the same one.
      if (await download(join(out, "files"), file)) told.files += 1;
      show();
    }
    told.ofEvents += data.reduce((sum, item) => sum + (item.kind === "conversation" ? item.events : 0), 0);
    state.cursor = nextCursor ?? undefined;
    show();
    // The page is in its place before it counts.
    if (nextCursor !== null) await keep(out, state);
    page = nextCursor === null ? undefined : await readPage(state, access, out);
  }
  await rm(join(out, UNFINISHED));
}

/** Who they are and where they are spoken to. Few conversations are all on the first page, more come with later ones. */
async function keepPerson(out: string, data: readonly ExportItem[]): Promise<void> {
  const contact = data.find((item) => item.kind === "contact")?.contact;
  const conversations = data.flatMap((item) => (item.kind === "conversation" ? [item.conversation] : []));
  if (!contact && conversations.length === 0) return;
  const place = join(out, "contact.json");
  const known = contact ? { contact, conversations: [] } : JSON.parse(await readFile(place, "utf8"));
  const all = new Map([...known.conversations, ...conversations].map((one) => [one.id, one]));
  await replace(place, { ...known, conversations: [...all.values()] });
}

async function append(
  out: string,
  kind: keyof typeof LINES,
  { data, state }: { data: readonly ExportItem[]; state: Progressed },
): Promise<void> {
  const lines = data.flatMap((item) => {
    if (item.kind !== kind) return [];
    const { kind: _, ...rest } = item;
    return [JSON.stringify("message" in rest ? rest.message : rest)];
  });
  const text = lines.map((line) => `${line}\n`).join("");
  await appendFile(join(out, LINES[kind]), text);
  state.sizes[kind] += Buffer.byteLength(text);
  state.told[kind === "message" ? "messages" : "events"] += lines.length;
}

/** One that is there is not fetched again. @returns whether the folder holds one more */
async function download(folder: string, { url, ...file }: ExportedFile): Promise<boolean> {
  const { id, size } = file;
  const place = join(folder, nameOf(file));
  const there = await stat(place).catch(() => undefined);
  if (there?.size === size) return false;
  try {
    const answer = await fetch(url);
    if (!answer.ok || !answer.body) throw new Error(`The bucket answered ${answer.status}.`);
    await pipeline(Readable.fromWeb(answer.body as ReadableStream), createWriteStream(`${place}${PART}`));
  } catch (error) {
    const why = error instanceof Error ? error.message : "";
    throw new Failure(`The file ${id} could not be fetched. The same command goes on where it stopped. ${why}`.trim());
  }
  await rename(`${place}${PART}`, place);
  return there === undefined;
}

/** Its own name behind its id; where it has none, an ending that says what it is. */
function nameOf({ id, fileName, contentType }: Omit<ExportedFile, "url">): string {
  if (fileName !== undefined) return `${id}-${fileName.replace(/[^\p{L}\p{N}._ -]/gu, "_").slice(-100)}`;
  const [, ending] = /^\w+\/(\w{2,5})(;|$)/.exec(contentType) ?? [];
  return ending === undefined ? id : `${id}.${ending}`;
}

function keep(out: string, state: Progressed): Promise<void> {
  return replace(join(out, UNFINISHED), state);
}

/** There is always a whole one. */
async function replace(place: string, content: object): Promise<void> {
  await writeFile(`${place}${PART}`, `${JSON.stringify(content, null, 2)}\n`);
  await rename(`${place}${PART}`, place);
}
