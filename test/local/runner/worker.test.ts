import { spawn } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterEach, describe, expect, it, onTestFinished } from "vitest";
import { functionEnvironment } from "../../../local/lambda/environment.ts";
import { Lambda } from "../../../local/lambda/lambda.ts";
import { LambdaFunction } from "../../../local/lambda/lambda-function.ts";
import type { FunctionDefinition } from "../../../local/template/stack.ts";

const folders: string[] = [];
const open: { close(graceMs: number): Promise<void> }[] = [];

afterEach(async () => {
  await Promise.all(open.splice(0).map((fn) => fn.close(0)));
  for (const folder of folders.splice(0)) rmSync(folder, { recursive: true, force: true });
});

function newFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), "recado-worker-"));
  folders.push(folder);
  return folder;
}

function definitionOf(source: string, changes: Partial<FunctionDefinition> = {}): FunctionDefinition {
  const file = join(newFolder(), "index.js");
  writeFileSync(file, source);
  return {
    name: "echo",
    arn: "arn:aws:lambda:eu-west-1:000000000000:function:echo",
    file,
    handler: "handler",
    role: { name: "echo-role", arn: "arn:aws:iam::000000000000:role/echo-role", trusts: [], policies: [] },
    environment: { TABLE_NAME: "history" },
    memoryMegabytes: 256,
    timeoutSeconds: 10,
    logGroup: "/aws/lambda/worker",
    reservedConcurrency: undefined,
    ...changes,
  };
}

function start(source: string, changes: Partial<FunctionDefinition> = {}) {
  const definition = definitionOf(source, changes);
  const lines: string[] = [];
  const reads: string[] = [];
  const environment = functionEnvironment(definition, {
    region: "eu-west-1",
    endpoint: "http://127.0.0.1:1",
    credentials: { accessKeyId: "key", secretAccessKey: "secret", sessionToken: "token" },
    recadoUrls: { RECADO_GRAPH_URL: "http://127.0.0.1:2" },
  });
  const fn = new LambdaFunction({
    definition,
    environment,
    compileCache: join(newFolder(), "compiled"),
    onLine: (line) => lines.push(line),
    onEnvironmentRead: (name) => reads.push(name),
  });
  open.push(fn);
  return { fn, lines, reads };
}

async function payloadOf(invoking: ReturnType<LambdaFunction["invoke"]>): Promise<unknown> {
  const result = await invoking;
  if (!result.ok) throw new Error(result.error.errorMessage);
  return JSON.parse(result.payload);
}

describe("a function's environment", () => {
  it("is the template's variables and what Lambda adds, and nothing of this machine's", async () => {
    const { fn } = start("exports.handler = async () => ({ ...process.env });");
    const services = ["DYNAMODB", "SQS", "S3", "SSM", "EVENTBRIDGE", "SNS", "SOCIALMESSAGING", "PINPOINT_SMS_VOICE_V2"];
    expect(await payloadOf(fn.invoke({}))).toEqual({
      TABLE_NAME: "history",
      AWS_LAMBDA_FUNCTION_NAME: "echo",
      AWS_LAMBDA_FUNCTION_MEMORY_SIZE: "256",
      AWS_LAMBDA_FUNCTION_VERSION: "$LATEST",
      AWS_REGION: "eu-west-1",
      AWS_DEFAULT_REGION: "eu-west-1",
      AWS_ACCESS_KEY_ID: "key",
      AWS_SECRET_ACCESS_KEY: "secret",
      AWS_SESSION_TOKEN: "token",
      ...Object.fromEntries(services.map((service) => [`AWS_ENDPOINT_URL_${service}`, "http://127.0.0.1:1"])),
      RECADO_GRAPH_URL: "http://127.0.0.1:2",
    });
  });

  it("is watched: the variables that the function reads are told", async () => {
    const { fn, reads } = start(
      "const early = process.env.AWS_REGION; exports.handler = async () => process.env.TABLE_NAME;",
    );
    expect(await payloadOf(fn.invoke({}))).toBe("history");
    expect(reads).toContain("AWS_REGION");
    expect(reads).toContain("TABLE_NAME");
    expect(reads).not.toContain("RECADO_GRAPH_URL");
  });
});

describe("an invocation", () => {
  it("gets its event and Lambda's context", async () => {
    const { fn } = start(`exports.handler = async (event, context) => ({
      event, id: context.awsRequestId, name: context.functionName, arn: context.invokedFunctionArn,
      inTime: context.getRemainingTimeInMillis() > 5000 && context.getRemainingTimeInMillis() <= 10000,
    });`);
    expect(await payloadOf(fn.invoke({ text: "Olá ✅" }, "request-1"))).toEqual({
      event: { text: "Olá ✅" },
      id: "request-1",
      name: "echo",
      arn: "arn:aws:lambda:eu-west-1:000000000000:function:echo",
      inTime: true,
    });
  });

  it("that throws fails with the error's name and message, and the worker goes on", async () => {
    const { fn } = start(`let calls = 0; exports.handler = async () => {
      if (++calls === 1) throw new TypeError("no");
      return calls;
    };`);
    expect(await fn.invoke({})).toMatchObject({ ok: false, error: { errorType: "TypeError", errorMessage: "no" } });
    expect(await payloadOf(fn.invoke({}))).toBe(2);
  });

  it("that outlasts the function's timeout is ended, and the next one gets a new worker", async () => {
    const { fn } = start("exports.handler = async ({ hangs }) => { if (hangs) for (;;); return process.pid; };", {
      timeoutSeconds: 1,
    });
    const before = await payloadOf(fn.invoke({}));
    expect(await fn.invoke({ hangs: true }, "request-2")).toEqual({
      ok: false,
      error: {
        errorType: "Sandbox.Timedout",
        errorMessage: "RequestId: request-2 Error: Task timed out after 1.00 seconds",
      },
    });
    expect(await payloadOf(fn.invoke({}))).not.toBe(before);
  });

  it("whose process ends fails, and the next one gets a new worker", async () => {
    const { fn } = start("exports.handler = async ({ code }) => { if (code) process.exit(code); return 'alive'; };");
    expect(await fn.invoke({ code: 7 }, "request-3")).toEqual({
      ok: false,
      error: {
        errorType: "Runtime.ExitError",
        errorMessage: "RequestId: request-3 Error: Runtime exited with error: exit status 7",
      },
    });
    expect(await payloadOf(fn.invoke({}))).toBe("alive");
  });

  it("of a bundle that cannot be loaded fails with the bundle's error", async () => {
    const { fn } = start("throw new RangeError('broken bundle');");
    expect(await fn.invoke({})).toMatchObject({
      ok: false,
      error: { errorType: "RangeError", errorMessage: "broken bundle" },
    });
  });

  it("waits for a free worker where there are more than workers, and each gets its own answer", async () => {
    const { fn } = start("exports.handler = async ({ n }) => [n, process.pid];", { reservedConcurrency: 2 });
    const numbers = Array.from({ length: 12 }, (_, n) => n);
    const answers = (await Promise.all(numbers.map((n) => payloadOf(fn.invoke({ n }))))) as [number, number][];
    expect(answers.map(([n]) => n)).toEqual(numbers);
    expect(new Set(answers.map(([, pid]) => pid)).size).toBeLessThanOrEqual(2);
  });

  it("that would wait for long gets a worker of its own, as far as there may be more", async () => {
    const marks = newFolder();
    const { fn } = start(
      `const { readdirSync, writeFileSync } = require("node:fs");
      exports.handler = async ({ n, together }) => {
        writeFileSync(${JSON.stringify(marks)} + "/" + n, "");
        while (readdirSync(${JSON.stringify(marks)}).length < together) await new Promise((go) => setTimeout(go, 10));
        return process.pid;
      };`,
      { timeoutSeconds: 60, reservedConcurrency: 3 },
    );
    const pids = await Promise.all([1, 2, 3].map((n) => payloadOf(fn.invoke({ n, together: 3 }))));
    expect(new Set(pids).size).toBe(3);
    const later = await Promise.all([4, 5, 6, 7, 8].map((n) => payloadOf(fn.invoke({ n, together: 3 }))));
    expect(pids).toEqual(expect.arrayContaining(later));
  });

  it("waits for none of those that hang, and the workers that were started for it do not stay", async () => {
    const go = join(newFolder(), "go");
    const { fn } = start(
      `const { existsSync } = require("node:fs");
      exports.handler = async ({ hangs }) => {
        while (hangs && !existsSync(${JSON.stringify(go)})) await new Promise((next) => setTimeout(next, 20));
        return process.pid;
      };`,
      { timeoutSeconds: 60 },
    );
    const hanging = Array.from({ length: 6 }, () => payloadOf(fn.invoke({ hangs: true })));
    const quick = await Promise.all([1, 2].map(() => payloadOf(fn.invoke({}))));
    writeFileSync(go, "");
    const pids = new Set([...(await Promise.all(hanging)), ...quick]);
    expect(pids.size).toBeGreaterThan(6);
    const left = () => [...pids].filter((pid) => isAlive(Number(pid))).length;
    await expect.poll(left, { timeout: 5_000 }).toBeLessThanOrEqual(4);
    expect(await payloadOf(fn.invoke({}))).toEqual(expect.any(Number));
  });

  it("of a burst has at most four workers, however long the last of it wait", async () => {
    const { fn } = start("exports.handler = () => new Promise((go) => setTimeout(go, 250, process.pid));");
    const pids = await Promise.all(Array.from({ length: 36 }, () => payloadOf(fn.invoke({}))));
    expect(new Set(pids).size).toBeLessThanOrEqual(4);
  });

  it("that runs at the stop is finished within the grace", async () => {
    const { fn } = start(
      "exports.handler = async () => { await new Promise((go) => setTimeout(go, 200)); return 'done'; };",
    );
    const running = payloadOf(fn.invoke({}));
    await fn.close(10_000);
    expect(await running).toBe("done");
  });
});

describe("a worker's output", () => {
  it("goes line by line to the function's log file", async () => {
    const dataDir = newFolder();
    const lambda = new Lambda({
      functions: [definitionOf("exports.handler = async () => { console.log('one'); console.error('two'); };")],
      permissions: [],
      environmentOf: () => ({}),
      dataDir,
    });
    await lambda.function("arn:aws:lambda:eu-west-1:000000000000:function:echo").invoke({});
    await lambda.close();
    const written = readFileSync(join(dataDir, "logs", "echo.log"), "utf8")
      .trim()
      .split("\n");
    expect(written.sort()).toEqual(["one", "two"]);
  });
});

describe("workers and their parent", () => {
  /** A parent that invokes a function, which is running when this returns. `more` is code of the parent. */
  async function parentOf(handler: string, more: string) {
    const folder = newFolder();
    const definition = definitionOf(`exports.handler = async () => {
      require("node:fs").writeFileSync(${JSON.stringify(join(folder, "pid"))}, String(process.pid));
      console.log("running");
      ${handler}
    };`);
    const source = fileURLToPath(new URL("../../../local/lambda/lambda-function.ts", import.meta.url));
    const script = `
      import { LambdaFunction } from ${JSON.stringify(source)};
      ${more}
      const result = await new LambdaFunction({
        definition: ${JSON.stringify({ ...definition, timeoutSeconds: 60 })},
        environment: {}, compileCache: ${JSON.stringify(join(folder, "compiled"))},
        onLine: (line) => console.log(line), onEnvironmentRead: undefined,
      }).invoke({});
      console.log(JSON.stringify(result));
      process.exit();`;
    const parent = spawn(process.execPath, ["--input-type=module-typescript", "-e", script], {
      stdio: ["ignore", "pipe", "inherit"],
      detached: true,
    });
    onTestFinished(() => void parent.kill("SIGKILL"));
    let output = "";
    parent.stdout.on("data", (chunk) => {
      output += chunk;
    });
    await expect.poll(() => output, { timeout: 20_000 }).toContain("running");
    return { parent, worker: Number(readFileSync(join(folder, "pid"), "utf8")), output: () => output };
  }

  it("end together, also when the parent is killed in the middle of an invocation", async () => {
    const { parent, worker } = await parentOf("await new Promise((go) => setTimeout(go, 60_000));", "");
    parent.kill("SIGKILL");
    await expect.poll(() => isAlive(worker), { timeout: 10_000 }).toBe(false);
  });

  it("are not ended by Ctrl-C, which the parent answers by letting invocations finish", async () => {
    const { parent, output } = await parentOf(
      "await new Promise((go) => setTimeout(go, 300)); return 'finished';",
      "process.on('SIGINT', () => console.log('interrupted'));",
    );
    process.kill(-(parent.pid ?? 0), "SIGINT");
    await expect.poll(output, { timeout: 10_000 }).toContain('{"ok":true,"payload":"\\"finished\\""}');
    expect(output()).toContain("interrupted");
  });
});

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}
