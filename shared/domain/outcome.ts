import type { Failure } from "./event.ts";

/**
 * What came of one send request, as a value. Only `uncertain` may have reached the customer without our knowing; it is
 * never sent again blindly.
 */
export type SendOutcome =
  | { kind: "sent"; providerMessageId: string }
  /** Certain and final: the agent is told, nobody tries again. */
  | { kind: "rejected"; failure: Failure }
  /** Certain and passing. `pair`: this customer only; `account`: everything of the account. */
  | { kind: "throttled"; scope: "pair" | "account"; retryAfterSeconds: number; detail: string }
  /** Certain that the provider did not take it: no connection, refused before a byte was sent. */
  | { kind: "unavailable"; detail: string }
  /** May have arrived: a time-out or reset after the first byte, or an answer that says nothing. */
  | { kind: "uncertain"; detail: string };
