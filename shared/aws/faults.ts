import { WorldFault } from "../ports.ts";

/** Faults that our own code caused: asking again changes nothing. */
const OURS = new Set([
  "ValidationException",
  "SerializationException",
  "InvalidMessageContents",
  "BatchRequestTooLong",
  "InvalidParameterValue",
  "InvalidParameterException",
]);

/**
 * Runs a call to AWS and turns what the world did (throttling, 5xx, time-outs, a permission that is not there yet) into
 * a `WorldFault`. The service's answers that a caller decides on pass as they are, by name.
 */
export async function worldly<Result>(call: () => Promise<Result>, decides: readonly string[] = []): Promise<Result> {
  try {
    return await call();
  } catch (cause) {
    if (!(cause instanceof Error) || OURS.has(cause.name) || decides.includes(cause.name)) throw cause;
    const isAnswer = "$metadata" in cause;
    // ECONNRESET, ETIMEDOUT, ENOTFOUND …; Node's own ERR_… codes are misuse.
    const isNetwork = cause.name === "TimeoutError" || ("code" in cause && /^E[A-Z]+$/.test(String(cause.code)));
    if (isAnswer || isNetwork) throw new WorldFault(`${cause.name}: ${cause.message}`, { cause });
    throw cause;
  }
}
