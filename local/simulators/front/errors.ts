/** Refusals in Front's own form. */
import type { Answer } from "../http.ts";

function refusal(status: number, title: string, message: string, details: string[] = []): Answer {
  return { status, body: { _error: { status, title, message, details } } };
}

export const unauthorized = refusal(401, "Unauthenticated", "JSON Web Token does not verify");
export const broken = refusal(500, "Internal server error", "Something went wrong.");
export const down = refusal(503, "Service unavailable", "The service is not available for now.");
export const refused = refusal(400, "Bad request", "This request cannot be processed.");

export function throttled(_code: number | undefined, status = 429): Answer {
  return refusal(status, "Too many requests", "You have exceeded your API rate limit.");
}

export function invalid(details: string[]): Answer {
  return refusal(400, "Bad request", "Request did not follow the expected format", details);
}

export function notFound(what: string): Answer {
  return refusal(404, "Not found", `${what} could not be found.`);
}
