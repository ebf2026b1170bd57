import { mkdtempSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, it } from "vitest";
import { readConfig } from "../../infra/config-file.ts";
import { synthesize } from "../../infra/synthesize.ts";
import { configured, sample, templateOf } from "./synthesized.ts";

const inFile = (name: string, text: string) => {
  const path = join(mkdtempSync(join(tmpdir(), "recado-config-")), name);
  writeFileSync(path, text);
  return path;
};

it("refuses an environment that Lambda would refuse, and says what makes it so large", () => {
  const pages = Array.from({ length: 80 }, (_, page) => [
    `page-${page}`,
    { connector: "messenger", pageId: `2000000000${10000 + page}` },
  ]);
  expect(() => templateOf(configured({ accounts: Object.fromEntries(pages) }))).toThrow(
    /environment of api would be about \d+ bytes, and Lambda takes 4096\. Most of it is ACCOUNTS: .*fewer templates/,
  );
});

it("refuses a stage that no resource could be named after", () => {
  const named = (stage: string) => () =>
    synthesize({
      config: sample,
      stage,
      outdir: mkdtempSync(join(tmpdir(), "recado-stage-")),
      region: "us-east-1",
      accountId: "000000000000",
    });
  expect(named("Prod EU")).toThrow('The stage "Prod EU" cannot be part of a resource\'s name');
  expect(named("production-in-europe")).toThrow("at most 16");
});

it("reads a configuration as JSON or TypeScript and names the field at fault", async () => {
  const json = inFile(
    "shop.json",
    JSON.stringify({ accounts: { page: { connector: "messenger", pageId: "200000000000001" } } }),
  );
  await expect(readConfig(json)).resolves.toMatchObject({ accounts: { page: { connector: "messenger" } } });
  const typescript = inFile("shop.ts", "export default { epoch: 0 as number, accounts: {} };\n");
  await expect(readConfig(typescript)).rejects.toThrow(/epoch/);
});
