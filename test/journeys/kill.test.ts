/** `kill -9` of the whole run while it works: what was acknowledged is there afterwards, once and in order. */
import { type ChildProcess, spawn } from "node:child_process";
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { expect, it, onTestFinished, vi } from "vitest";
import sample from "../../recado.config.ts";
import { S3MediaLinks } from "../../shared/aws/media-links.ts";
import { verifyStore } from "../../shared/aws/verify-store.ts";
import type { Entry } from "../../shared/domain/conversation-log.ts";
import { messageIn } from "../../shared/domain/message-status.ts";
import { newDataDir, PUBLIC_URL, postMeta, SOON, startStack, whatsAppText, whatsAppWebhook } from "./stack.ts";

const ROOT = fileURLToPath(new URL("../..", import.meta.url));
/** More in the long runs. */
const [MANY, OFTEN] = process.env.RECADO_TEST_RUNS ? [20, 10] : [12, 6];
const CUSTOMERS = Array.from({ length: MANY }, (_, index) => `35193000${String(index).padStart(4, "0")}`);
const TURNS = Array.from({ length: OFTEN }, (_, turn) => turn);
const KILL_AFTER = (MANY * OFTEN) / 2;

const idOf = (customer: string, turn: number) => `wamid.${customer}.${turn}`;

function post(url: string, customer: string, turn: number) {
  const message = whatsAppText(customer, idOf(customer, turn), `Mensagem ${turn}`, String(1_790_000_000 + turn));
  return postMeta(url, "whatsapp-cloud", whatsAppWebhook({ messages: [message] }));
}

/** `recado start` as the owner runs it; gives the process and the address that it tells. */
async function startProduct(dataDir: string): Promise<{ child: ChildProcess; url: string }> {
  const child = spawn(process.execPath, ["cli/recado.ts", "start"], {
    cwd: ROOT,
    env: { ...process.env, PORT: "0", RECADO_DATA_DIR: dataDir, RECADO_PUBLIC_URL: PUBLIC_URL },
    stdio: ["ignore", "pipe", "inherit"],
  });
  onTestFinished(() => void child.kill("SIGKILL"));
  let screen = "";
  child.stdout.on("data", (chunk: Buffer) => {
    screen += chunk;
  });
  const url = await vi.waitFor(() => {
    const [, told] = /Recado is running at (\S+)/.exec(screen) ?? [];
    if (!told) throw new Error(`it has not started: ${screen}`);
    return told;
  }, SOON);
  return { child, url };
}

/** Processes by id, as Linux tells them without any tool: whose child each is, and whether it still runs. */
function processes(): Map<number, { parent: number; isRunning: boolean }> {
  const pids = existsSync("/proc") ? readdirSync("/proc").filter((name) => /^\d+$/.test(name)) : [];
  return new Map(
    pids.flatMap((pid) => {
      try {
        const stat = readFileSync(`/proc/${pid}/stat`, "utf8");
        const [state, parent] = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
        // One that has ended and that nobody has asked about yet is no process any more.
        return [[Number(pid), { parent: Number(parent), isRunning: state !== "Z" }] as const];
      } catch {
        return [];
      }
    }),
  );
}

/** Every process below this one. */
function descendants(pid: number): number[] {
  const all = [...processes()];
  const below = (above: number): number[] =>
    all.flatMap(([child, { parent }]) => (parent === above ? [child, ...below(child)] : []));
  return below(pid);
}

function isRunning(pid: number): boolean {
  return processes().get(pid)?.isRunning === true;
}

function providerIds(entries: readonly Entry[]): string[] {
  return entries.flatMap((entry) => messageIn(entry)?.providerMessageId ?? []);
}

it("a killed run has lost and doubled nothing that it acknowledged, and left nothing running", async () => {
  const { path: dataDir, remove } = newDataDir();
  onTestFinished(remove);
  const { child, url } = await startProduct(dataDir);

  const acknowledged = new Map<string, string[]>(CUSTOMERS.map((customer) => [customer, []]));
  let count = 0;
  let family: number[] = [];
  const kill = () => {
    family = descendants(child.pid ?? 0);
    child.kill("SIGKILL");
  };
  await Promise.all(
    CUSTOMERS.map(async (customer) => {
      for (const turn of TURNS) {
        const answer = await post(url, customer, turn).catch(() => undefined);
        if (answer?.status !== 200) return;
        acknowledged.get(customer)?.push(idOf(customer, turn));
        count += 1;
        if (count === KILL_AFTER) kill();
      }
    }),
  );
  expect(count).toBeGreaterThanOrEqual(KILL_AFTER);
  expect(count).toBeLessThan(CUSTOMERS.length * TURNS.length);
  if (existsSync("/proc")) expect(family.length).toBeGreaterThan(1);
  await expect.poll(() => family.filter(isRunning), SOON).toEqual([]);

  const stack = await startStack({ dataDir, helpdesks: sample.helpdesks });
  onTestFinished(() => stack.stop());
  await stack.settled();
  const logs = async () => {
    const rows = await stack.conversations();
    const read = rows.map(async ({ id, address }) => {
      return [address, providerIds(await stack.table.entries(id, 0, 1000))] as const;
    });
    const { tableName, table: reader, dynamodb: client } = stack;
    // By a clock that is minutes ahead, nothing that the bus has not got counts as being on its way.
    const now = Date.now() + 600_000;
    const files = new S3MediaLinks({ bucket: stack.bucket, client: stack.s3 });
    const consumers = [
      { name: "publish-event" },
      { name: "post-to-helpdesk-desk", follows: (log: string) => log.startsWith("conv_") },
    ];
    const { problems } = await verifyStore({ tableName, reader, consumers, files, now, client });
    expect(problems).toEqual([]);
    return new Map(await Promise.all(read));
  };

  // Of each customer at most the one message more that was under way when the run was killed.
  const survived = await logs();
  for (const [customer, ids] of acknowledged) {
    const found = survived.get(customer) ?? [];
    expect(found.slice(0, ids.length), customer).toEqual(ids);
    expect(found.length, customer).toBeLessThanOrEqual(ids.length + 1);
  }

  // The provider brings again what was not acknowledged, and some of what was.
  await Promise.all(
    CUSTOMERS.map(async (customer) => {
      const from = Math.max((acknowledged.get(customer)?.length ?? 0) - 2, 0);
      for (const turn of TURNS.slice(from)) {
        expect(await post(stack.url, customer, turn)).toMatchObject({ status: 200 });
      }
    }),
  );
  await stack.settled();
  const everything = CUSTOMERS.map((customer) => [customer, TURNS.map((turn) => idOf(customer, turn))] as const);
  expect(Object.fromEntries(await logs())).toEqual(Object.fromEntries(everything));
});
