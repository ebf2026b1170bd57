import { GetParameterCommand, SSMClient } from "@aws-sdk/client-ssm";
import { worldly } from "./faults.ts";

const FRESH_MS = 5 * 60_000;

/**
 * The SSM documents of a stage. Read once per cold start and every five minutes; when a read fails the old value is
 * kept, so that an outage of the parameter store stops nothing that runs.
 */
export class Secrets {
  readonly #client: SSMClient;
  readonly #path: string;
  readonly #read = new Map<string, { value: unknown; at: number }>();

  /** @param path `/recado/<stage>` */
  constructor({ path, client = new SSMClient({ maxAttempts: 5 }) }: { path: string; client?: SSMClient }) {
    this.#path = path;
    this.#client = client;
  }

  /** The account's secrets by name, or undefined when its document was never written. */
  async account(name: string): Promise<Record<string, unknown> | undefined> {
    return (await this.#document(name)) as Record<string, unknown> | undefined;
  }

  async deployment(): Promise<{ idSecret: string }> {
    const document = (await this.#document("deployment")) as { idSecret?: unknown } | undefined;
    if (typeof document?.idSecret !== "string") throw new Error(`${this.#path}/deployment holds no idSecret`);
    return { idSecret: document.idSecret };
  }

  async #document(name: string): Promise<unknown> {
    const known = this.#read.get(name);
    if (known && Date.now() - known.at < FRESH_MS) return known.value;
    const command = new GetParameterCommand({ Name: `${this.#path}/${name}`, WithDecryption: true });
    try {
      const { Parameter } = await worldly(() => this.#client.send(command), ["ParameterNotFound"]);
      const value: unknown = JSON.parse(Parameter?.Value ?? "null");
      this.#read.set(name, { value, at: Date.now() });
      return value;
    } catch (cause) {
      if (known) return known.value;
      if (cause instanceof Error && cause.name === "ParameterNotFound") return undefined;
      throw cause;
    }
  }
}
