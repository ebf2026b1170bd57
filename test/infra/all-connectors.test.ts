/** A stack with an account on every connector that there is. */
import { spawnSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { connectors } from "../../shared/channels/registry.ts";
import { SAMPLE } from "../contracts/provider.ts";
import { configured, functionsOf, templateOf, written } from "./synthesized.ts";

const accounts = Object.fromEntries(
  Object.entries(SAMPLE).map(([connector, { name, settings }]) => [name, { connector, ...(settings as object) }]),
);
const { template, outdir } = templateOf(configured({ accounts }));
const functions = functionsOf(template);

describe.each(Object.values(connectors))("$name in the stack", ({ name, vendor }) => {
  const own = functions.filter((deployed) => deployed.name.endsWith(`-${name}`));

  it("has a receiver and a sender, each with its own account", () => {
    expect(own.map((deployed) => deployed.name)).toEqual([`receive-webhook-${name}`, `send-message-${name}`]);
    for (const { Environment } of own) {
      const given = JSON.parse(written(Environment.Variables.ACCOUNTS)) as { name: string }[];
      expect(given.map((account) => account.name)).toEqual([SAMPLE[name as keyof typeof SAMPLE].name]);
    }
  });

  it("has a webhook of its own, below its name", () => {
    const urls = Object.values(template.Outputs ?? {}).map(({ Value }) => written(Value));
    expect(urls.filter((url) => url.endsWith(`}webhooks/${name}`))).toHaveLength(1);
  });

  it.each(own.map(({ folder, Code, Environment }) => ({ folder, Code, Environment })))(
    "starts its $folder, which knows no other vendor",
    ({ folder, Code, Environment }) => {
      const path = join(outdir, `asset.${Code.S3Key.replace(/\.zip$/, "")}`, "index.js");
      const variables = Object.entries(Environment.Variables).map(([key, value]) => [key, written(value)]);
      const env = { ...Object.fromEntries(variables), AWS_REGION: "us-east-1" };
      const script = `console.log(typeof require(${JSON.stringify(path)}).handler)`;
      const { stdout, stderr } = spawnSync(process.execPath, ["-e", script], { cwd: outdir, env, encoding: "utf8" });
      expect({ stdout, stderr }).toEqual({ stdout: "function\n", stderr: "" });
      const code = readFileSync(path, "utf8");
      const foreign = Object.values(connectors).filter((other) => other.vendor.origin !== vendor.origin);
      if (folder === "send-message") expect(code).toContain(vendor.origin);
      for (const other of foreign) expect(code).not.toContain(other.vendor.origin);
    },
  );
});
