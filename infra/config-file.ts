import { readFileSync } from "node:fs";
import { resolve } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import { type Config, checkConfig } from "../shared/config.ts";

const usual = fileURLToPath(new URL("../recado.config.ts", import.meta.url));

/**
 * The owner's configuration, checked: `file` (TypeScript with a default export, or JSON; relative to the working
 * directory), else `recado.config.ts` at the root. @throws Error that names every field at fault
 */
export async function readConfig(file: string | undefined): Promise<Config> {
  const path = file ? resolve(file) : usual;
  if (path.endsWith(".json")) return checkConfig(JSON.parse(readFileSync(path, "utf8")));
  const module: { default?: unknown } = await import(pathToFileURL(path).href);
  return checkConfig(module.default);
}
