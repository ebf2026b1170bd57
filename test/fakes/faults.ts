/** Faults in the calls that a story makes to its ports, by the number of the call. */
import { WorldFault } from "../../shared/ports.ts";

/**
 * `crash`: the process ends there. `world`: the call fails, without effect (`before`) or with (`after`, its answer is
 * lost). `bug`: an exception of our own.
 */
export type Fault = `${"crash" | "world" | "bug"} ${"before" | "after"}`;

export const FAULTS: readonly Fault[] = [
  "crash before",
  "crash after",
  "world before",
  "world after",
  "bug before",
  "bug after",
];

type Call = (...given: never[]) => Promise<unknown>;

export class Faults {
  readonly #planned: ReadonlyMap<number, Fault>;
  #crash: () => void = () => {};
  /** How many calls were made. */
  calls = 0;

  constructor(planned: ReadonlyMap<number, Fault> = new Map()) {
    this.#planned = planned;
  }

  /** The port with every method under fault. */
  on<Port extends object>(port: Port): Port {
    return new Proxy(port, {
      get: (target, name) => {
        const method: unknown = Reflect.get(target, name);
        return typeof method === "function" ? this.call(method.bind(target) as Call) : method;
      },
    });
  }

  call<Wrapped extends Call>(call: Wrapped): Wrapped {
    const faulty = async (...given: never[]) => {
      this.calls += 1;
      const [kind, when] = (this.#planned.get(this.calls) ?? "none").split(" ");
      if (when === "before") await this.#fail(kind);
      const result = await call(...given);
      if (when === "after") await this.#fail(kind);
      return result;
    };
    return faulty as Wrapped;
  }

  /** Runs one invocation; `"crashed"` when the process ended in it. Nothing of it goes on after that. */
  async invocation<Result>(run: () => Promise<Result>): Promise<Result | "crashed"> {
    const crashed = new Promise<"crashed">((resolve) => {
      this.#crash = () => resolve("crashed");
    });
    return Promise.race([run(), crashed]);
  }

  #fail(kind: string | undefined): Promise<never> {
    if (kind === "world") throw new WorldFault("planned");
    if (kind === "bug") throw new TypeError("planned");
    this.#crash();
    return new Promise(() => {});
  }
}
