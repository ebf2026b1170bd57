import { GetParameterCommand, SSMClient } from "@aws-sdk/client-ssm";
import { worldly } from "./faults.ts";
import { PATIENCE } from "./patience.ts";

const FRESH_MS = 5 * 60_000;
/** What is missing, or could not be read again, is asked for so soon: often enough, and not with every message. */
const SOON_MS = 20_000;

/**
 * The SSM documents of a stage. Read once per cold start and every five minutes; when a read fails the old value is
 * kept, so that an outage of the parameter store stops nothing that runs.
 */
export class Secrets {
  readonly #client: SSMClient;
  readonly #path: string;
  readonly #read = new Map<string, { value: unknown; until: number }>();

  /** @param path `/recado/<stage>` */
  constructor({ path, client = new SSMClient({ ...PATIENCE, maxAttempts: 5 }) }: { path: string; client?: SSMClient }) {
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
    if (known && Date.now() < known.until) return known.value;
    const command = new GetParameterCommand({ Name: `${this.#path}/${name}`, WithDecryption: true });
    try {
      const { Parameter } = await worldly(() => this.#client.send(command), ["ParameterNotFound"]);
      return this.#keep(name, written(Parameter?.Value), FRESH_MS);
    } catch (cause) {
      if (known) return this.#keep(name, known.value, SOON_MS);
      if (cause instanceof Error && cause.name === "ParameterNotFound") return this.#keep(name, undefined, SOON_MS);
      throw cause;
    }
  }

  #keep(name: string, value: unknown, forMs: number): unknown {
    this.#read.set(name, { value, until: Date.now() + (value === undefined ? SOON_MS : forMs) });
    return value;
  }
}

/** A document that is no JSON is as good as none: what waits for it goes on when it is mended. */
function written(document: string | undefined): unknown {
  try {
    return JSON.parse(document ?? "null") ?? undefined;
  } catch {
    return undefined;
  }
}
