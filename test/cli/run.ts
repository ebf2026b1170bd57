import { type ChildProcess, spawn } from "node:child_process";
import { fileURLToPath } from "node:url";

const root = fileURLToPath(new URL("../..", import.meta.url));

export interface Running {
  process: ChildProcess;
  /** What was printed so far. */
  out(): string;
  /** The same beside the output. */
  err(): string;
  ended: Promise<{ code: number | null; out: string; err: string }>;
}

/** Runs `recado` as a child process, at a pipe. */
export function recado(args: readonly string[], environment: Record<string, string> = {}): Running {
  const child = spawn(process.execPath, ["cli/recado.ts", ...args], {
    cwd: root,
    env: { ...process.env, ...environment },
  });
  let out = "";
  let err = "";
  child.stdout.setEncoding("utf8").on("data", (text: string) => {
    out += text;
  });
  child.stderr.setEncoding("utf8").on("data", (text: string) => {
    err += text;
  });
  const ended = new Promise<{ code: number | null; out: string; err: string }>((resolve) => {
    child.on("close", (code) => resolve({ code, out, err }));
  });
  return { process: child, out: () => out, err: () => err, ended };
}
