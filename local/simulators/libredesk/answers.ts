/** The form of every answer: `status`, and `data` or a `message` with its kind of error. */
import type { Answer } from "../http.ts";

export function success(data: unknown): Answer {
  return { status: 200, body: { status: "success", data } };
}

export function failure(status: number, kind: string, message: string): Answer {
  return { status, body: { status: "error", message, data: null, error_type: kind } };
}

export const unauthorized = failure(401, "GeneralException", "Invalid or expired session");
export const noRoute = failure(404, "GeneralException", "Not found");
