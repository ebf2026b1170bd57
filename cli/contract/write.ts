/**
 * `docs/contract/`: what others build on, written from the routes, the shapes and their comments.
 * `npm run docs:contract` writes it anew; with `-- --release` it is also kept as what was promised under its version.
 */
import { cpSync, existsSync, mkdirSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { dirname } from "node:path";
import { CONTRACT_VERSION } from "../../shared/domain/contract-version.ts";
import { ASYNCAPI_PATH, asyncApi, busSchemas } from "./asyncapi.ts";
import type { JsonObject } from "./json-schema.ts";
import { OPENAPI_PATH, openApi } from "./openapi.ts";

export const SCHEMAS_PATH = "docs/contract/schemas";
export const RELEASED_PATH = "docs/contract/released";

/** The versions that were promised. */
export function releases(): string[] {
  return existsSync(RELEASED_PATH) ? readdirSync(RELEASED_PATH).sort() : [];
}

/** Path → text of every file that is generated. */
export function contractFiles(): Map<string, string> {
  const schemas = Object.entries(busSchemas()).map(([type, schema]): [string, JsonObject] => [
    `${SCHEMAS_PATH}/${type}.json`,
    schema,
  ]);
  const all: [string, JsonObject][] = [[OPENAPI_PATH, openApi()], [ASYNCAPI_PATH, asyncApi()], ...schemas];
  return new Map(all.map(([path, document]) => [path, `${JSON.stringify(document, null, 2)}\n`]));
}

function write(): void {
  rmSync(SCHEMAS_PATH, { recursive: true, force: true });
  for (const [path, text] of contractFiles()) {
    mkdirSync(dirname(path), { recursive: true });
    writeFileSync(path, text);
  }
}

function release(): void {
  const folder = `${RELEASED_PATH}/${CONTRACT_VERSION}`;
  for (const path of [OPENAPI_PATH, ASYNCAPI_PATH]) cpSync(path, path.replace("docs/contract", folder));
}

if (import.meta.main) {
  write();
  if (process.argv.includes("--release")) release();
}
