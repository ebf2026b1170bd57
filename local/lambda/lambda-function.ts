/** A function of the stack: its workers, and who waits for one. */
import { randomUUID } from "node:crypto";
import { setTimeout as sleep } from "node:timers/promises";
import type { FunctionDefinition } from "../template/stack.ts";
import type { InvocationResult } from "./invocation.ts";
import { Worker, type WorkerOptions } from "./worker.ts";

/** Workers of one function at most, those that hang aside: enough to run side by side, few enough for a laptop. */
const MOST_BUSY = 4;
/** With those that hang: they wait for somebody else and take no time of this machine. */
const MOST_WORKERS = 16;
/** An invocation that has run for so long hangs. */
export const HANGS_AFTER_MS = 2_000;

export class LambdaFunction {
  readonly definition: FunctionDefinition;
  readonly #options: WorkerOptions;
  readonly #workers = new Set<Worker>();
  readonly #idle: Worker[] = [];
  readonly #hanging = new Set<Worker>();
  /** Longest first. */
  readonly #waiting: { since: number; answer: (worker: Worker | "stopped") => void }[] = [];
  readonly #running = new Set<Promise<unknown>>();
  readonly #closing = new AbortController();
  #isGrowing = false;

  constructor(options: WorkerOptions) {
    this.#options = options;
    this.definition = options.definition;
  }

  /** How many invocations run side by side at most: those that hang aside, and with them. */
  get concurrency(): { busy: number; all: number } {
    const { reservedConcurrency = MOST_WORKERS } = this.definition;
    return { busy: Math.min(MOST_BUSY, reservedConcurrency), all: Math.min(MOST_WORKERS, reservedConcurrency) };
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
    this.#closing.abort();
    for (const { answer } of this.#waiting.splice(0)) answer("stopped");
    await Promise.all([...this.#workers].map((worker) => worker.close()));
  }

  async #run(event: unknown, id: string): Promise<InvocationResult> {
    const worker = await this.#free();
    if (worker === "stopped") {
      return { ok: false, error: { errorType: "Runtime.ExitError", errorMessage: "The local run has stopped" } };
    }
    await worker.ready();
    const hangs = setTimeout(() => this.#hang(worker), HANGS_AFTER_MS);
    const result = await worker.invoke(id, event);
    clearTimeout(hangs);
    this.#hanging.delete(worker);
    this.#release(worker);
    return result;
  }

  #hang(worker: Worker): void {
    this.#hanging.add(worker);
    void this.#grow();
  }

  #free(): Promise<Worker | "stopped"> | Worker | "stopped" {
    if (this.#isClosed) return "stopped";
    for (let worker = this.#idle.pop(); worker; worker = this.#idle.pop()) {
      if (worker.isUsable) return worker;
      this.#workers.delete(worker);
    }
    if (this.#workers.size === 0) return this.#start();
    return new Promise((answer) => {
      this.#waiting.push({ since: performance.now(), answer });
      void this.#grow();
    });
  }

  /**
   * A start costs more than most invocations: another worker is started only for who has waited for as long as a start
   * takes, so that a burst that few workers deal with does not fill the machine with processes.
   */
  async #grow(): Promise<void> {
    if (this.#isGrowing) return;
    this.#isGrowing = true;
    let newest = [...this.#workers].at(-1);
    while (!this.#isClosed && this.#workers.size < this.concurrency.all && this.#spare > 0) {
      await newest?.ready();
      const [longest] = this.#waiting;
      if (!longest) break;
      const left = longest.since + (newest?.startedInMs ?? 0) - performance.now();
      if (left > 0) {
        await sleep(left, undefined, { signal: this.#closing.signal }).catch(() => {});
        continue;
      }
      newest = this.#start();
      await newest.ready();
      this.#release(newest);
    }
    this.#isGrowing = false;
  }

  /** A worker that ended is replaced for whoever waits. */
  #release(worker: Worker): void {
    if (this.#isClosed) return;
    if (!worker.isUsable) this.#workers.delete(worker);
    const next = this.#waiting.shift();
    if (next) next.answer(worker.isUsable ? worker : this.#start());
    else if (worker.isUsable && this.#spare >= 0) this.#idle.push(worker);
    else this.#end(worker);
  }

  /** Workers that may be started; below zero: those too many, now that fewer hang. */
  get #spare(): number {
    return this.concurrency.busy - (this.#workers.size - this.#hanging.size);
  }

  get #isClosed(): boolean {
    return this.#closing.signal.aborted;
  }

  #end(worker: Worker): void {
    this.#workers.delete(worker);
    worker.kill();
  }

  #start(): Worker {
    const worker = new Worker(this.#options);
    this.#workers.add(worker);
    return worker;
  }
}
