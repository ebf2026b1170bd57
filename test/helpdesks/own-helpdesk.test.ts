/**
 * docs/own-helpdesk.md says of its code that it is the whole of a desk, and runs. So it is taken out of the page, compiled
 * against what is here, and held to the contract that the page ends with.
 */
import { execFileSync } from "node:child_process";
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join, relative, resolve } from "node:path";
import { afterAll, describe, expect, it } from "vitest";
import { deskSimulators } from "../../local/simulators/desks.ts";
import { helpdesks } from "../../shared/helpdesks/registry.ts";

const ROOT = resolve(import.meta.dirname, "../..");

const code = codeOf(readFileSync(join(ROOT, "docs/own-helpdesk.md"), "utf8"));
// Below the repository, whose packages are found from there; git knows nothing of it.
mkdirSync(join(ROOT, ".recado"), { recursive: true });
const folder = mkdtempSync(join(ROOT, ".recado/own-helpdesk-"));
afterAll(() => rmSync(folder, { recursive: true }));
for (const [path, text] of code) write(path, text);

describe("the page", () => {
  it("has the code of every file that a desk needs", () => {
    const names = ["settings", "capabilities", "payload", "verify", "parse", "api", "post", "reconcile", "index"];
    expect([...code.keys()]).toEqual([
      ...names.map((name) => `shared/helpdesks/mydesk/${name}.ts`),
      "shared/helpdesks/registry.ts",
      "local/simulators/mydesk/index.ts",
      "local/simulators/desks.ts",
      "test/helpdesks/mydesk.test.ts",
      "test/journeys/desks/mydesk.test.ts",
    ]);
  });

  it("has code that compiles, and would be told if it did not", () => {
    write("shared/wrong.ts", 'import { mydesk } from "./helpdesks/mydesk/index.ts";\nmydesk.nothing;\n');
    expect(complaints()).toEqual([expect.stringMatching(/^shared\/wrong\.ts\(2,8\)/)]);
  });
});

// The contract finds a desk by its name, and declares the tests of it here.
const { helpdesks: more } = await import(join(folder, "shared/helpdesks/registry.ts"));
const { deskSimulators: played } = await import(join(folder, "local/simulators/desks.ts"));
Object.assign(helpdesks, more);
Object.assign(deskSimulators, played);
afterAll(() => {
  for (const registered of [helpdesks, deskSimulators]) Reflect.deleteProperty(registered, "mydesk");
});
await import(join(folder, "test/helpdesks/mydesk.test.ts"));

/** By the file that it belongs to, which is named in front of it, or was for the block before. */
function codeOf(page: string): Map<string, string> {
  const found = new Map<string, string>();
  let path = "";
  for (const [, named, block] of page.matchAll(/`([\w/-]+[\w.]*\.ts)`[:;]|^```ts\n([\s\S]*?)^```$/gm)) {
    if (named !== undefined) path = named;
    else if (block !== undefined && path !== "") found.set(path, (found.get(path) ?? "") + block);
  }
  return found;
}

/** What is not of the page is the repository's. A line for a list of many is one of a list by itself. */
function write(path: string, text: string): void {
  const at = join(folder, path);
  mkdirSync(dirname(at), { recursive: true });
  const whole = text.replace(
    /\n\/\/ … and in `(\w+)`:(.*)\n([\s\S]*)$/,
    (_, list, one, others) => `\nexport const ${list} = {${one}${others}};\n`,
  );
  const linked = whole.replace(/ from "(\.[^"]+)"/g, (given, specifier) => {
    const target = join(dirname(path), specifier);
    return code.has(target) ? given : ` from "${relative(dirname(at), join(ROOT, target))}"`;
  });
  writeFileSync(at, linked);
}

/** What the compiler has to say of the page's sources. */
function complaints(): string[] {
  const { compilerOptions } = JSON.parse(readFileSync(join(ROOT, "tsconfig.json"), "utf8"));
  const include = ["shared", "local/simulators/mydesk"];
  writeFileSync(join(folder, "tsconfig.json"), JSON.stringify({ compilerOptions, include }));
  try {
    const tsc = join(ROOT, "node_modules/typescript/bin/tsc");
    execFileSync(process.execPath, [tsc, "-p", ".", "--pretty", "false"], { cwd: folder, encoding: "utf8" });
    return [];
  } catch (cause) {
    return String((cause as { stdout?: string }).stdout)
      .trim()
      .split("\n");
  }
}
