/** What becomes of an invocation, in Lambda's words. */

/** As Lambda writes it into the payload of a failed invocation. */
export interface FunctionError {
  errorType: string;
  errorMessage: string;
  trace?: string[];
}

export type InvocationResult =
  /** `payload`: the handler's result as JSON. */
  { ok: true; payload: string } | { ok: false; error: FunctionError };

/** Largest payload of a synchronous invocation, in bytes (Lambda quotas: 6 MB, each way). */
export const LARGEST_PAYLOAD_BYTES = 6 * 1024 * 1024;
