/** A function of the stack: its workers, and who waits for one. */
import { randomUUID } from "node:crypto";
import { setTimeout as sleep } from "node:timers/promises";
import type { FunctionDefinition } from "../template/stack.ts";
import type { InvocationResult } from "./invocation.ts";
import { Worker, type WorkerOptions } from "./worker.ts";

/** Workers of one function at most: enough to run side by side, few enough for a laptop. */
const MOST_WORKERS = 4;

export class LambdaFunction {
  readonly definition: FunctionDefinition;
  readonly #options: WorkerOptions;
  readonly #workers = new Set<Worker>();
  readonly #idle: Worker[] = [];
  readonly #waiting: ((worker: Worker | "stopped") => void)[] = [];
  readonly #running = new Set<Promise<unknown>>();
  #isClosed = false;

  constructor(options: WorkerOptions) {
    this.#options = options;
    this.definition = options.definition;
  }

  /** How many invocations run side by side at most. */
  get concurrency(): number {
    return Math.min(MOST_WORKERS, this.definition.reservedConcurrency ?? MOST_WORKERS);
  }

  /** Starts the first worker, so that the first invocation does not wait for it; one that cannot start fails then. */
  async warm(): Promise<void> {
    if (this.#workers.size > 0) return;
    const worker = this.#start();
    this.#idle.push(worker);
    await worker.ready();
  }

  /** Waits for a free worker where AWS would refuse; never throws for what the function does. */
  async invoke(event: unknown, id: string = randomUUID()): Promise<InvocationResult> {
    const invocation = this.#run(event, id);
    this.#running.add(invocation);
    try {
      return await invocation;
    } finally {
      this.#running.delete(invocation);
    }
  }

  /** Lets running invocations finish for so long, then ends all workers. */
  async close(graceMs: number): Promise<void> {
    const grace = new AbortController();
    const over = sleep(graceMs, undefined, { signal: grace.signal }).catch(() => {});
    const endsAt = Date.now() + graceMs;
    while (this.#running.size > 0 && Date.now() < endsAt) {
      await Promise.race([Promise.allSettled(this.#running), over]);
    }
    grace.abort();
    this.#isClosed = true;
    for (const answer of this.#waiting.splice(0)) answer("stopped");
    await Promise.all([...this.#workers].map((worker) => worker.close()));
  }

  async #run(event: unknown, id: string): Promise<InvocationResult> {
    const worker = await this.#free();
    if (worker === "stopped") {
      return { ok: false, error: { errorType: "Runtime.ExitError", errorMessage: "The local run has stopped" } };
    }
    const result = await worker.invoke(id, event);
    this.#release(worker);
    return result;
  }

  #free(): Promise<Worker | "stopped"> | Worker | "stopped" {
    if (this.#isClosed) return "stopped";
    for (let worker = this.#idle.pop(); worker; worker = this.#idle.pop()) {
      if (worker.isUsable) return worker;
      this.#workers.delete(worker);
    }
    if (this.#workers.size < this.concurrency) return this.#start();
    return new Promise((resolve) => this.#waiting.push(resolve));
  }

  /** A worker that ended is replaced for whoever waits. */
  #release(worker: Worker): void {
    if (this.#isClosed) return;
    if (!worker.isUsable) this.#workers.delete(worker);
    const next = this.#waiting.shift();
    if (next) next(worker.isUsable ? worker : this.#start());
    else if (worker.isUsable) this.#idle.push(worker);
  }

  #start(): Worker {
    const worker = new Worker(this.#options);
    this.#workers.add(worker);
    return worker;
  }
}
