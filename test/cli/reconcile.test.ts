import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it, onTestFinished, vi } from "vitest";
import { reconcile } from "../../cli/reconcile.ts";

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "recado-cli-"));
  const accounts = {
    page: { connector: "messenger", pageId: "200000000000001" },
    sms: { connector: "sms-telnyx", from: "+15550000004" },
    other: { connector: "sms-vonage", apiKey: "abcd1234", from: "+15550000003" },
  };
  await writeFile(join(folder, "recado.json"), JSON.stringify({ accounts }));
  vi.stubEnv("RECADO_CONFIG", join(folder, "recado.json"));
});
afterAll(async () => {
  vi.unstubAllEnvs();
  await rm(folder, { recursive: true });
});

/** What is printed, by a local run whose schedules give these answers. */
async function printed(
  account: string | undefined,
  { answers = {}, stage }: { answers?: Record<string, object>; stage?: string } = {},
): Promise<{ lines: string[]; asked: string[] }> {
  const asked: string[] = [];
  const server = createServer(({ method, url = "" }, response) => {
    asked.push(`${method} ${url}`);
    const answer = answers[url.replace("/_schedules/recado-local-missed-", "")];
    response.writeHead(answer ? 200 : 404).end(JSON.stringify({ answers: [answer] }));
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  onTestFinished(() => void server.close());
  const lines: string[] = [];
  const spy = vi.spyOn(console, "log").mockImplementation((line) => void lines.push(line));
  onTestFinished(() => spy.mockRestore());
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  await reconcile(account, { url, ...(stage !== undefined && { stage }) });
  return { lines, asked };
}

const report = (missed: Record<string, number>, isComplete = true) => ({
  ...{ since: Date.UTC(2026, 10, 22, 8), until: Date.UTC(2026, 10, 22, 9), told: 5, known: 4, foreign: 0 },
  ...{ missed, isComplete },
});

describe("recado reconcile", () => {
  it("has every account's provider asked that can be, and says what was found", async () => {
    const answers = { page: report({ "message.received": 2, "account.alert": 1 }), sms: report({}, false) };
    const { lines, asked } = await printed(undefined, { answers });
    expect(asked).toEqual(["page", "sms"].map((name) => `POST /_schedules/recado-local-missed-${name}`));
    expect(lines[0]).toMatch(/^page: was missing: 2 × message\.received, 1 × account\.alert \(the provider told of 5/);
    expect(lines[1]).toMatch(/^sms: nothing was missing .* did not tell everything/);
  });

  it("asks one account's alone, and says why another cannot be asked", async () => {
    const { asked } = await printed("sms", { answers: { sms: report({}) } });
    expect(asked).toHaveLength(1);
    await expect(printed("other")).rejects.toThrow("other (sms-vonage) cannot be asked");
    await expect(printed("shop")).rejects.toThrow("There is no account shop. There are: page, sms, other.");
    await expect(printed("page")).rejects.toThrow(/has no such schedule.*--stage/);
  });

  it("shows how it is done on a deployed stack, and asks nobody", async () => {
    const { lines, asked } = await printed("sms", { stage: "prod" });
    expect(asked).toEqual([]);
    const [, command = ""] = lines;
    expect(command).toContain("aws lambda invoke --function-name recado-prod-reconcile ");
    const [, payload = ""] = /--payload '(.*)'/.exec(command) ?? [];
    expect(JSON.parse(payload)).toEqual({
      account: "sms",
      connector: "sms-telnyx",
      settings: { from: "+15550000004" },
      others: [],
    });
  });
});
