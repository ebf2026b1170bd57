/**
 * One bundle per function: everything inside, the AWS SDK too, so that what runs is what was tested. CommonJS, because an
 * ESM `import` of `node:http` costs some 30 ms at every cold start where `require` costs 5.
 */
import { createHash } from "node:crypto";
import { existsSync, mkdirSync, readFileSync, renameSync, rmSync, statSync, writeFileSync } from "node:fs";
import { basename, join } from "node:path";
import { fileURLToPath } from "node:url";
import { AssetCode, type Code } from "aws-cdk-lib/aws-lambda";
import { type BuildOptions, buildSync, version } from "esbuild";

const root = fileURLToPath(new URL("../..", import.meta.url));
const cache = join(root, "node_modules/.cache/recado");

const OPTIONS = {
  bundle: true,
  platform: "node",
  target: "node24",
  format: "cjs",
  // The SDK imports node:http when it is first asked for something, which costs the same; as `require` it does not.
  supported: { "dynamic-import": false },
  mainFields: ["module", "main"],
  minify: true,
  legalComments: "none",
  logLevel: "silent",
} satisfies BuildOptions;

/**
 * The bundle whose entry is `functions/<name>/handler.ts`.
 * @param beside files that lie beside it under their own names, by their paths from the root
 */
export function handlerOf(name: string, beside: readonly string[] = []): Code {
  return bundle(name, `export { handler } from "./functions/${name}/handler.ts";`, beside);
}

/**
 * Bundles the TypeScript `entry`, whose imports start at the root of the repository and which exports `handler`.
 * The same source always gives the same asset. @throws what esbuild says about a source that does not build
 */
export function bundle(name: string, entry: string, beside: readonly string[] = []): Code {
  const record = join(cache, `${name}-${digest(JSON.stringify([version, OPTIONS, entry, ...beside]))}.json`);
  const known = folderOf(record);
  if (known) return new AssetCode(known);

  const { outputFiles, metafile } = buildSync({
    ...OPTIONS,
    stdin: { contents: entry, resolveDir: root, sourcefile: `${name}.entry.ts`, loader: "ts" },
    absWorkingDir: root,
    write: false,
    metafile: true,
  });
  const code = outputFiles[0]?.contents ?? new Uint8Array();
  const files = beside.map((path): [string, Buffer] => [basename(path), readFileSync(join(root, path))]);
  const folder = join(cache, digest([code, ...files.flat()].map(digest).join()));
  put(folder, { "index.js": code, "package.json": '{"type":"commonjs"}\n', ...Object.fromEntries(files) });
  const sources = [...Object.keys(metafile.inputs).filter((path) => path !== `${name}.entry.ts`), ...beside];
  putFile(record, JSON.stringify({ folder, stamps: Object.fromEntries(sources.map((path) => [path, stamp(path)])) }));
  return new AssetCode(folder);
}

/** What the same entry gave last time, if none of the files that went into it was touched since. */
function folderOf(record: string): string | undefined {
  if (!existsSync(record)) return undefined;
  const { folder, stamps }: { folder: string; stamps: Record<string, string> } = JSON.parse(
    readFileSync(record, "utf8"),
  );
  const isFresh = Object.entries(stamps).every(([path, known]) => stamp(path) === known);
  return isFresh && existsSync(folder) ? folder : undefined;
}

function stamp(path: string): string | undefined {
  const found = statSync(join(root, path), { throwIfNoEntry: false });
  return found && `${found.mtimeMs} ${found.size}`;
}

function digest(bytes: string | Uint8Array): string {
  return createHash("sha256").update(bytes).digest("hex").slice(0, 32);
}

/**
 * Written aside and moved into place: several runs may bundle at once, and none may see half of it. The package.json of a
 * bundle keeps `index.js` CommonJS wherever the asset is unpacked.
 */
function put(folder: string, files: Record<string, string | Uint8Array>): void {
  if (existsSync(folder)) return;
  const aside = `${folder}.${process.pid}`;
  mkdirSync(aside, { recursive: true });
  for (const [name, bytes] of Object.entries(files)) writeFileSync(join(aside, name), bytes);
  try {
    renameSync(aside, folder);
  } catch (error) {
    rmSync(aside, { recursive: true });
    if (!existsSync(folder)) throw error;
  }
}

function putFile(path: string, text: string): void {
  const aside = `${path}.${process.pid}`;
  writeFileSync(aside, text);
  renameSync(aside, path);
}
