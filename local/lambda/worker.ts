/** One process that runs one function, like one execution environment of Lambda: an invocation at a time. */
import { type ChildProcess, fork } from "node:child_process";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import * as z from "zod";
import type { FunctionDefinition } from "../template/stack.ts";
import { type FunctionError, type InvocationResult, LARGEST_PAYLOAD_BYTES } from "./invocation.ts";

const BOOTSTRAP = fileURLToPath(new URL("bootstrap.cjs", import.meta.url));

/** Lambda gives the code outside the handler ten seconds; more here, because many workers may start on few cores. */
const LONGEST_START_MS = 60_000;

export interface WorkerOptions {
  definition: FunctionDefinition;
  /** The whole environment of the process. */
  environment: Readonly<Record<string, string>>;
  /** Folder where Node keeps compiled code between starts. */
  compileCache: string;
  onLine: (line: string) => void;
  /** Called with the name of every variable that the function reads; undefined: reads are not watched. */
  onEnvironmentRead: ((name: string) => void) | undefined;
}

const FunctionErrorMessage = z.object({ errorType: z.string(), errorMessage: z.string(), trace: z.array(z.string()) });
const Message = z.discriminatedUnion("kind", [
  z.object({ kind: z.literal("ready") }),
  z.object({ kind: z.literal("read"), name: z.string() }),
  z.object({ kind: z.literal("answer"), id: z.string(), payload: z.string() }),
  z.object({ kind: z.literal("failure"), id: z.string().optional(), error: FunctionErrorMessage }),
]);

export class Worker {
  readonly #options: WorkerOptions;
  readonly #process: ChildProcess;
  readonly #ready = Promise.withResolvers<FunctionError | undefined>();
  readonly #exited = Promise.withResolvers<void>();
  readonly #startedAt = performance.now();
  #readyAt: number | undefined;
  #current: { id: string; settle: (result: InvocationResult) => void } | undefined;
  #isUsable = true;

  constructor(options: WorkerOptions) {
    this.#options = options;
    const { definition, environment, compileCache, onLine, onEnvironmentRead } = options;
    this.#process = fork(
      BOOTSTRAP,
      [definition.file, definition.handler, compileCache, onEnvironmentRead ? "record" : ""],
      {
        execPath: process.execPath,
        execArgv: [`--max-old-space-size=${definition.memoryMegabytes}`],
        env: environment,
        // In a group of its own: Ctrl-C is for the parent, which lets invocations finish and then ends its workers.
        detached: true,
        stdio: ["ignore", "pipe", "pipe", "ipc"],
      },
    );
    for (const stream of [this.#process.stdout, this.#process.stderr]) {
      if (stream) createInterface({ input: stream }).on("line", onLine);
    }
    this.#process.on("message", (message) => this.#hear(message));
    this.#process.on("error", (error) => {
      this.#end({ errorType: "Runtime.ExitError", errorMessage: error.message });
      if (this.#process.pid === undefined) this.#exited.resolve();
    });
    this.#process.on("exit", (code, signal) => {
      this.#end({
        errorType: "Runtime.ExitError",
        errorMessage: `Runtime exited with error: ${signal ? `signal: ${signal}` : `exit status ${code}`}`,
      });
    });
    // After its output has been read to the end.
    this.#process.on("close", () => this.#exited.resolve());
    const patience = setTimeout(() => this.kill(), LONGEST_START_MS);
    this.#ready.promise.then(() => {
      this.#readyAt = performance.now();
      clearTimeout(patience);
    });
  }

  /** How long its start took, or has taken until now. */
  get startedInMs(): number {
    return (this.#readyAt ?? performance.now()) - this.#startedAt;
  }

  /** False once the process has ended or must not be used again. */
  get isUsable(): boolean {
    return this.#isUsable;
  }

  /** Waits until the bundle is loaded. Gives the error if it could not be. */
  ready(): Promise<FunctionError | undefined> {
    return this.#ready.promise;
  }

  /**
   * Runs the handler once, within the function's time limit. A worker that ran out of time is killed and not usable
   * again. Must not be called while another invocation runs.
   */
  async invoke(id: string, event: unknown): Promise<InvocationResult> {
    const failedStart = await this.#ready.promise;
    if (failedStart) return { ok: false, error: failedStart };
    const { timeoutSeconds, name, arn, memoryMegabytes } = this.#options.definition;
    const deadline = Date.now() + timeoutSeconds * 1000;
    const context = {
      functionName: name,
      functionVersion: "$LATEST",
      invokedFunctionArn: arn,
      memoryLimitInMB: String(memoryMegabytes),
      awsRequestId: id,
      logGroupName: `/aws/lambda/${name}`,
      logStreamName: `${this.#process.pid}`,
      callbackWaitsForEmptyEventLoop: true,
    };
    const { promise, resolve } = Promise.withResolvers<InvocationResult>();
    this.#current = { id, settle: resolve };
    const timer = setTimeout(() => {
      const errorMessage = `RequestId: ${id} Error: Task timed out after ${timeoutSeconds.toFixed(2)} seconds`;
      this.#options.onLine(errorMessage);
      this.#settle({ ok: false, error: { errorType: "Sandbox.Timedout", errorMessage } });
      this.kill();
    }, timeoutSeconds * 1000);
    // A process that ended just now is told by its `exit` event.
    this.#process.send({ id, event, deadline, context }, () => {});
    const result = await promise;
    clearTimeout(timer);
    return result;
  }

  kill(): void {
    this.#isUsable = false;
    this.#process.kill("SIGKILL");
  }

  /** Ends the process and waits until it has gone. */
  async close(): Promise<void> {
    this.kill();
    await this.#exited.promise;
  }

  #hear(received: unknown): void {
    const message = Message.parse(received);
    switch (message.kind) {
      case "ready":
        this.#ready.resolve(undefined);
        break;
      case "read":
        this.#options.onEnvironmentRead?.(message.name);
        break;
      case "answer":
        if (message.id === this.#current?.id) this.#settle(answer(message.payload));
        break;
      case "failure":
        if (message.id === undefined) this.#end(message.error);
        else if (message.id === this.#current?.id) this.#settle({ ok: false, error: message.error });
    }
  }

  #settle(result: InvocationResult): void {
    this.#current?.settle(result);
    this.#current = undefined;
  }

  /** The process cannot be used any more; whoever waits for it hears why. */
  #end(error: FunctionError): void {
    this.#isUsable = false;
    this.#ready.resolve(error);
    const { id } = this.#current ?? {};
    if (id)
      this.#settle({ ok: false, error: { ...error, errorMessage: `RequestId: ${id} Error: ${error.errorMessage}` } });
  }
}

function answer(payload: string): InvocationResult {
  const bytes = Buffer.byteLength(payload);
  if (bytes <= LARGEST_PAYLOAD_BYTES) return { ok: true, payload };
  const errorMessage = `Response payload size exceeded maximum allowed payload size (${LARGEST_PAYLOAD_BYTES} bytes).`;
  return { ok: false, error: { errorType: "Function.ResponseSizeTooLarge", errorMessage } };
}
