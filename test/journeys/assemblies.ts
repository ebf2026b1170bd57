/** Before the first test: a folder for what the journeys synthesize, which goes after the last. */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { TestProject } from "vitest/node";

declare module "vitest" {
  export interface ProvidedContext {
    assemblies: string;
  }
}

export function setup(project: TestProject): () => void {
  const folder = mkdtempSync(join(tmpdir(), "recado-assemblies-"));
  project.provide("assemblies", folder);
  return () => rmSync(folder, { recursive: true, force: true, maxRetries: 5 });
}
