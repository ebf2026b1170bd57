/** Refusals in HubSpot's own form. */
import { randomUUID } from "node:crypto";
import type * as z from "zod";
import type { Answer } from "../http.ts";

function refusal(status: number, category: string, message: string, more: object = {}): Answer {
  return { status, body: { status: "error", message, correlationId: randomUUID(), category, ...more } };
}

export const unauthorized = refusal(
  401,
  "INVALID_AUTHENTICATION",
  "Authentication credentials not found. This API supports OAuth 2.0 authentication.",
);

export const broken = refusal(500, "INTERNAL_ERROR", "internal error");
export const down = refusal(503, "SERVICE_UNAVAILABLE", "The service is not available for now.");
export const refused = refusal(400, "VALIDATION_ERROR", "This request cannot be processed.");

/** HubSpot says which of its limits was reached, and not until when. */
export function throttled(_code: number | undefined, status = 429): Answer {
  const more = { errorType: "RATE_LIMIT", policyName: "TEN_SECONDLY_ROLLING" };
  return refusal(status, "RATE_LIMITS", "You have reached your ten_secondly_rolling limit.", more);
}

export function notFound(what: string): Answer {
  return refusal(404, "OBJECT_NOT_FOUND", `${what} was not found.`);
}

export function invalid(message: string): Answer {
  return refusal(400, "VALIDATION_ERROR", message);
}

export function invalidInput(error: z.ZodError): Answer {
  const errors = error.issues.map(({ path, message }) => ({ message, in: path.join(".") }));
  return refusal(
    400,
    "VALIDATION_ERROR",
    `Invalid input JSON: ${errors.map((one) => `${one.in}: ${one.message}`).join("; ")}`,
    {
      errors,
    },
  );
}
