/** Who calls. Only the hash of a key is stored, so only the hash of what was presented is looked up. */
import { hashOfKey, isMistyped } from "../../shared/domain/api-key.ts";
import { log } from "../../shared/log.ts";
import type { ApiKeys, Clock } from "../../shared/ports.ts";
import { PublicError } from "./problem.ts";
import { type Admission, Quotas } from "./quotas.ts";
import type { Caller } from "./route.ts";

/** A key that was withdrawn works for so long at most. */
const REMEMBERED_MS = 60_000;
const MOST_REMEMBERED = 1_000;
const HOUR_MS = 3_600_000;
/** No key is longer; what is, is not worth hashing. */
const LONGEST_KEY = 200;

/** One per process: remembers keys that were found, never those that were not. */
export class Callers {
  readonly #keys: ApiKeys;
  readonly #clock: Clock;
  readonly #quotas: Quotas;
  readonly #remembered = new Map<string, { caller: Caller; until: number }>();
  /** When this process last noted that a key was used. */
  readonly #noted = new Map<string, number>();

  constructor({ keys, clock }: { keys: ApiKeys; clock: Clock }) {
    this.#keys = keys;
    this.#clock = clock;
    this.#quotas = new Quotas({ keys, clock });
  }

  /**
   * @param authorization the header of that name
   * @throws PublicError `unauthorized`
   */
  async identify(authorization: string | undefined): Promise<Caller> {
    const [, presented] = /^bearer +(\S+)$/i.exec(authorization ?? "") ?? [];
    if (presented === undefined) throw unauthorized("Send an API key: Authorization: Bearer <key>.");
    if (presented.length > LONGEST_KEY) throw unauthorized("This API key is not known.");
    if (isMistyped(presented)) {
      throw unauthorized("This API key was not copied whole: it does not fit the checksum in its last six characters.");
    }
    const hash = hashOfKey(presented);
    const remembered = this.#remembered.get(hash);
    if (remembered && remembered.until > this.#clock.now()) return this.#used(remembered.caller);
    const caller = await this.#keys.apiKey(hash);
    this.#remembered.delete(hash);
    if (!caller) throw unauthorized("This API key is not known.");
    if (this.#remembered.size >= MOST_REMEMBERED) this.#remembered.clear();
    this.#remembered.set(hash, { caller, until: this.#clock.now() + REMEMBERED_MS });
    return this.#used(caller);
  }

  /** Whether the caller's limit has room for one more request. */
  admit(caller: Caller): Promise<Admission> {
    return this.#quotas.admit(caller);
  }

  /** Begins to note it, once an hour. Nobody waits for that: when it does not succeed, the next request tries again. */
  #used(caller: Caller): Caller {
    const now = this.#clock.now();
    if (now - (this.#noted.get(caller.id) ?? 0) < HOUR_MS) return caller;
    if (this.#noted.size >= MOST_REMEMBERED) this.#noted.clear();
    this.#noted.set(caller.id, now);
    this.#keys.noteUse(caller.id, now).catch((cause: unknown) => {
      this.#noted.delete(caller.id);
      log("warn", "api_key_use_not_noted", { caller: caller.id, reason: String(cause) });
    });
    return caller;
  }
}

function unauthorized(detail: string): PublicError {
  return new PublicError("unauthorized", detail, { field: "Authorization", headers: { "www-authenticate": "Bearer" } });
}
