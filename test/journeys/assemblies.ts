/** Before the first test: a folder for what the journeys synthesize, which goes after the last. */
import { existsSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import type { TestProject } from "vitest/node";

/** Where bundles are kept from one run to the next. */
const BUNDLES = fileURLToPath(new URL("../../node_modules/.cache/recado", import.meta.url));

declare module "vitest" {
  export interface ProvidedContext {
    assemblies: string;
  }
}

export async function setup(project: TestProject): Promise<() => void> {
  const folder = mkdtempSync(join(tmpdir(), "recado-assemblies-"));
  project.provide("assemblies", folder);
  if (!existsSync(BUNDLES)) await bundleOnce(folder);
  return () => rmSync(folder, { recursive: true, force: true, maxRetries: 5 });
}

/** In a fresh clone: else every worker would begin by making the same ones at the same time. */
async function bundleOnce(folder: string): Promise<void> {
  const { synthesizeLocal } = await import("../../local/start.ts");
  const { checkConfig } = await import("../../shared/config.ts");
  const { default: sample } = await import("../../recado.config.ts");
  synthesizeLocal(checkConfig(sample), join(folder, "first"));
}
