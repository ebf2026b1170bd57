import { spawnSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { connectors } from "../../shared/channels/registry.ts";
import { functionsOf, sample, templateOf, written } from "./synthesized.ts";

const { template, outdir } = templateOf(sample);
const bundles = functionsOf(template).map(({ name, folder, Environment, Code }) => {
  const path = join(outdir, `asset.${Code.S3Key.replace(/\.zip$/, "")}`, "index.js");
  const variables = Object.entries(Environment.Variables).map(([variable, value]) => [variable, written(value)]);
  return { name, folder, variables: Object.fromEntries(variables), path, code: readFileSync(path, "utf8") };
});

describe("every bundle", () => {
  it.each(bundles)("$name starts with its own variables and nothing beside itself but Node", ({ path, variables }) => {
    const script = `console.log(typeof require(${JSON.stringify(path)}).handler)`;
    const env = { ...variables, AWS_REGION: "us-east-1" };
    const { stdout, stderr } = spawnSync(process.execPath, ["-e", script], { cwd: outdir, env, encoding: "utf8" });
    expect({ stdout, stderr }).toEqual({ stdout: "function\n", stderr: "" });
  });

  it("holds one connector alone where it is deployed per connector", () => {
    for (const { name, folder, code } of bundles.filter((bundle) => bundle.folder === "send-message")) {
      const own = Object.values(connectors).find((connector) => name === `${folder}-${connector.name}`);
      const foreign = Object.values(connectors).filter(({ vendor }) => vendor.origin !== own?.vendor.origin);
      expect(code).toContain(own?.vendor.origin);
      for (const { vendor } of foreign) expect(code).not.toContain(vendor.origin);
    }
  });
});

it("starts a receiver without an SDK client: it stays below 100 kB", () => {
  for (const { folder, code } of bundles) {
    if (folder === "receive-webhook") expect(code.length).toBeLessThanOrEqual(60 * 1024);
  }
});
