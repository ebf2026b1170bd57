/** The functions of the stack and the one way to invoke them. */
import { join } from "node:path";
import type { FunctionDefinition, Permission } from "../template/stack.ts";
import { type InvocationResult, LARGEST_PAYLOAD_BYTES } from "./invocation.ts";
import { LambdaFunction } from "./lambda-function.ts";
import { openLogs } from "./logs.ts";
import { type Caller, mayInvoke } from "./permissions.ts";

export interface LambdaOptions {
  functions: readonly FunctionDefinition[];
  permissions: readonly Permission[];
  /** The whole environment of a function's processes. */
  environmentOf: (definition: FunctionDefinition) => Readonly<Record<string, string>>;
  dataDir: string;
  /** Folder where Node keeps compiled code between starts. Default `compiled` in the data directory. */
  compileCache?: string;
  /** Whether a function's role lets its output be written down; asked once. Any may unless this says otherwise. */
  mayLog?: (definition: FunctionDefinition) => boolean;
  /** Every line that a function writes. */
  onLine?: (functionName: string, line: string) => void;
  recordsEnvironmentReads?: boolean;
}

/** How long invocations may go on after the local run was told to stop. */
const GRACE_MS = 5_000;

export class Lambda {
  readonly #functions: ReadonlyMap<string, LambdaFunction>;
  readonly #permissions: readonly Permission[];
  readonly #logs: ReturnType<typeof openLogs>;
  readonly #environmentReads = new Map<string, Set<string>>();

  constructor(options: LambdaOptions) {
    const { functions, permissions, environmentOf, dataDir, mayLog, onLine, recordsEnvironmentReads } = options;
    const { compileCache = join(dataDir, "compiled") } = options;
    this.#permissions = permissions;
    this.#logs = openLogs(join(dataDir, "logs"));
    this.#functions = new Map(
      functions.map((definition) => {
        const reads = new Set<string>();
        this.#environmentReads.set(definition.name, reads);
        const log = this.#logs.of(definition.name);
        const isLogged = mayLog?.(definition) ?? true;
        const fn = new LambdaFunction({
          definition,
          environment: environmentOf(definition),
          compileCache,
          onLine: (line) => {
            if (!isLogged) return;
            log(line);
            onLine?.(definition.name, line);
          },
          onEnvironmentRead: recordsEnvironmentReads ? (name) => reads.add(name) : undefined,
        });
        return [definition.arn, fn];
      }),
    );
  }

  function(arn: string): LambdaFunction {
    const found = this.#functions.get(arn);
    if (!found) throw new Error(`There is no function ${arn}`);
    return found;
  }

  /** @returns `forbidden` when the function's policy does not let the caller in */
  async invoke(
    functionArn: string,
    event: unknown,
    caller: Caller,
  ): Promise<InvocationResult | "forbidden" | "too large"> {
    if (!mayInvoke(this.#permissions, functionArn, caller)) return "forbidden";
    if (Buffer.byteLength(JSON.stringify(event)) > LARGEST_PAYLOAD_BYTES) return "too large";
    return this.function(functionArn).invoke(event);
  }

  /** Names of the variables that each function has read so far, if they are recorded. */
  environmentReads(): ReadonlyMap<string, ReadonlySet<string>> {
    return this.#environmentReads;
  }

  async close(): Promise<void> {
    await Promise.all([...this.#functions.values()].map((fn) => fn.close(GRACE_MS)));
    await this.#logs.close();
  }
}
