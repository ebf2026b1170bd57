import { spawn } from "node:child_process";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { describe, expect, it, onTestFinished } from "vitest";
import { type LocalOptions, startLocal } from "../../../local/start.ts";
import sample from "../../../recado.config.ts";
import { checkConfig } from "../../../shared/config.ts";
import { newFolder } from "./tiny-stack.ts";

const config = checkConfig(sample);

async function start(options: Partial<LocalOptions> = {}) {
  const local = await startLocal({ port: 0, dataDir: newFolder(), config, ...options });
  onTestFinished(() => local.stop());
  return local;
}

async function post(url: string, body: unknown) {
  return fetch(url, { method: "POST", headers: { "content-type": "application/json" }, body: JSON.stringify(body) });
}

async function conversations(url: string): Promise<string[]> {
  const answer = await fetch(`${url}/v1/conversations`, { headers: { authorization: "Bearer local-api-key" } });
  const { data } = (await answer.json()) as { data: { channel: string }[] };
  return data.map(({ channel }) => channel).sort();
}

const soon = { timeout: 20_000, interval: 100 };

describe("the local run", () => {
  it("carries what customers write through the deployed stack into the API, and keeps it over a restart", async () => {
    const dataDir = newFolder();
    const first = await start({ dataDir });
    expect((await fetch(`${first.url}/healthz`)).status).toBe(200);
    const graph = `${first.url}/_simulators/graph/_simulator/messages`;
    await post(graph, { phoneNumberId: "100000000000001", from: "15551234567", text: "Olá" });
    await post(graph, { pageId: "200000000000001", from: "4001", text: "Olá" });
    await post(`${first.url}/_simulators/twilio/_simulator/messages`, {
      to: "+15550000002",
      from: "+15551234567",
      text: "Olá",
    });
    await expect.poll(() => conversations(first.url), soon).toEqual(["messenger", "sms", "whatsapp"]);
    await first.stop();

    const second = await start({ dataDir });
    expect(await conversations(second.url)).toEqual(["messenger", "sms", "whatsapp"]);
  });

  it("tells which variables each function has read, and only those that the template gives or the local run adds", async () => {
    const local = await start({ recordsEnvironmentReads: true });
    await conversations(local.url);
    const reads = local.environmentReads().get("recado-local-api");
    expect(reads).toContain("TABLE_NAME");
    expect(reads).not.toContain("PATH");
  });

  it("refuses a data directory that another one uses, and takes it when that one has stopped", async () => {
    const dataDir = newFolder();
    const first = await start({ dataDir });
    await expect(start({ dataDir })).rejects.toThrow(`Another local run uses ${dataDir}`);
    await first.stop();
    await start({ dataDir });
  });

  it("that cannot start says why in a sentence, and leaves nothing behind", async () => {
    const dataDir = newFolder();
    const odd = {
      changeTemplate: (template: { Resources: Record<string, unknown> }) => {
        template.Resources.Odd = { Type: "AWS::Kinesis::Stream" };
      },
    };
    await expect(start({ dataDir, ...odd })).rejects.toThrow(
      "does not know the resource type AWS::Kinesis::Stream (Odd)",
    );
    const running = await start({ dataDir });
    const port = Number(new URL(running.url).port);
    await expect(start({ port })).rejects.toThrow(`Port ${port} is taken`);
  });

  it("does not run over a table with other keys from an earlier start", async () => {
    const dataDir = newFolder();
    await (await start({ dataDir })).stop();
    const changeTemplate: LocalOptions["changeTemplate"] = ({ Resources }) => {
      for (const { Type, Properties } of Object.values(Resources)) {
        if (Properties && Type === "AWS::DynamoDB::Table") Properties.GlobalSecondaryIndexes = undefined;
      }
    };
    await expect(start({ dataDir, changeTemplate })).rejects.toThrow(
      /Table.*other keys or indexes.*empty data directory/,
    );
  });

  it("can be started again at the same place after its process was killed", async () => {
    const dataDir = newFolder();
    const source = (path: string) => JSON.stringify(fileURLToPath(new URL(`../../../${path}`, import.meta.url)));
    const script = `
      import { startLocal } from ${source("local/start.ts")};
      import { checkConfig } from ${source("shared/config.ts")};
      import sample from ${source("recado.config.ts")};
      const { url } = await startLocal({ port: 0, dataDir: ${JSON.stringify(dataDir)}, config: checkConfig(sample) });
      console.log(url);`;
    const child = spawn(process.execPath, ["--input-type=module-typescript", "-e", script], {
      stdio: ["ignore", "pipe", "inherit"],
    });
    onTestFinished(() => void child.kill("SIGKILL"));
    const [url] = String(await new Promise((go) => child.stdout.once("data", go))).split("\n");
    await post(`${url}/_simulators/graph/_simulator/messages`, {
      phoneNumberId: "100000000000001",
      from: "15551234567",
      text: "Olá",
    });
    await expect.poll(() => conversations(url ?? ""), soon).toEqual(["whatsapp"]);
    child.kill("SIGKILL");
    await new Promise((go) => child.once("exit", go));

    const again = await start({ dataDir, port: Number(new URL(url ?? "").port) });
    expect(await conversations(again.url)).toEqual(["whatsapp"]);
    expect(readFileSync(join(dataDir, "logs", "recado-local-api.log"), "utf8")).not.toBe("");
  });
});
