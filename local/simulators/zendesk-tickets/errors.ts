/** Zendesk's ways to say no. */
import type { Answer } from "../http.ts";

export function failure(
  status: number,
  error: string,
  description?: string,
  details?: Record<string, unknown>,
): Answer {
  return { status, body: { error, ...(description !== undefined && { description }), ...(details && { details }) } };
}

export const unauthorized: Answer = { status: 401, body: { error: "Couldn't authenticate you" } };
export const notFound = failure(404, "RecordNotFound", "Not found");

/** A value of the wrong type, or a field that there is not. */
export function invalidAttribute(message: string): Answer {
  return { status: 400, body: { error: { title: "Invalid attribute", message } } };
}

/** What the account's rules forbid. `details`: sentences by field. */
export function invalidRecord(details: Record<string, string>): Answer {
  const listed = Object.entries(details).map(([field, description]) => [field, [{ description }]]);
  return failure(422, "RecordInvalid", "Record validation errors", Object.fromEntries(listed));
}
