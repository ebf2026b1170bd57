/** Who calls. Only the hash of a key is stored, so only the hash of what was presented is looked up. */
import { createHash } from "node:crypto";
import type { ApiKeys, Clock } from "../../shared/ports.ts";
import { PublicError } from "./problem.ts";
import type { Caller } from "./route.ts";

/** A key that was withdrawn works for so long at most. */
const REMEMBERED_MS = 60_000;
const MOST_REMEMBERED = 1_000;

/** One per process: remembers keys that were found, never those that were not. */
export class Callers {
  readonly #keys: ApiKeys;
  readonly #clock: Clock;
  readonly #remembered = new Map<string, { caller: Caller; until: number }>();

  constructor({ keys, clock }: { keys: ApiKeys; clock: Clock }) {
    this.#keys = keys;
    this.#clock = clock;
  }

  /**
   * @param authorization the header of that name
   * @throws PublicError `unauthorized`
   */
  async identify(authorization: string | undefined): Promise<Caller> {
    const [, presented] = /^bearer +(\S+)$/i.exec(authorization ?? "") ?? [];
    if (presented === undefined) throw unauthorized("Send an API key: Authorization: Bearer <key>.");
    const hash = createHash("sha256").update(presented).digest("hex");
    const remembered = this.#remembered.get(hash);
    if (remembered && remembered.until > this.#clock.now()) return remembered.caller;
    const caller = await this.#keys.apiKey(hash);
    if (!caller) throw unauthorized("This API key is not known.");
    if (this.#remembered.size >= MOST_REMEMBERED) this.#remembered.clear();
    this.#remembered.set(hash, { caller, until: this.#clock.now() + REMEMBERED_MS });
    return caller;
  }
}

function unauthorized(detail: string): PublicError {
  return new PublicError("unauthorized", detail, { field: "Authorization", headers: { "www-authenticate": "Bearer" } });
}
