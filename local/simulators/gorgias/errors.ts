/** Gorgias's ways to say no. */
import type * as z from "zod";
import type { Answer } from "../http.ts";

/** @param data sentences by field, as deep as the request is */
export function failure(status: number, msg: string, data?: object): Answer {
  return { status, body: { error: { msg, ...(data && { data }) } } };
}

export const unauthorized = failure(401, "Bad username or password.");
export const notFound = failure(404, "Object not found.");

/** A request whose body is not of the form that it must have. */
export function invalid(what: string, error: z.ZodError): Answer {
  const data = Object.fromEntries(error.issues.map(({ path, message }) => [path.join(".") || "_schema", [message]]));
  return failure(400, `Failed to ${what}.`, data);
}
